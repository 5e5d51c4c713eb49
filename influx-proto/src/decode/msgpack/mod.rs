//! Series out of MessagePack, row by row.

mod cell;
mod marker;
mod members;
mod objects;
mod rows;

use super::byte_buffer::ByteBuffer;
use super::error::DecodeError;
use super::event::Event;
use super::options::{DecodeOptions, MAX_TEXT};
use super::row::{Row, RowCells, SeriesHead};
use super::series::grammar::{Member, Scope};
use super::series::state::StatementState;
use super::text_buffer::TextBuffer;
use crate::row::Plan;

use self::marker::Measure;
use self::rows::{RowReader, RowStop};

/// Takes the answer of an InfluxDB 1.x server in MessagePack, in pieces of any size, and hands out
/// each row as it arrives.
///
/// This format alone keeps the types of numbers: in JSON the float 1.0 is written as `1`. A server
/// sends it if `Accept` is `application/x-msgpack` and nothing else.
///
/// It accepts documents one after the other, each a map of the shape that
/// [`SeriesDecoder`](super::SeriesDecoder) calls results, and gives the same events for them. The
/// members of a map come in any order, but columns before their rows; unknown ones are skipped.
/// A time of its own type is a [`Cell::Time`](crate::Cell), whatever
/// [`time_unit`](DecodeOptions::time_unit) says of integers.
///
/// At a place where a document cannot begin, text begins and lasts until the end of the input:
/// the server's error message, see [`DecodeError::Trailer`].
///
/// Everything that is complete is handed out before an error is reported.
/// Every error but [`DecodeError::NotUtf8`] is final: further calls return it again, further input
/// is ignored. The cuts between pieces never change the result.
///
/// # Limits of the format
///
/// Measured on InfluxDB 1.6.7: an error of a statement has no number, so a request should have one
/// statement; the answer to `SHOW DIAGNOSTICS` leaves out cells and is an error here, read it as
/// JSON; texts need not be UTF-8, see [`InvalidText`](super::InvalidText).
///
/// ```
/// use influx_proto::decode::{DecodeError, Event, MsgpackDecoder};
///
/// let answer = b"\x81\xa7results\x91\x81\xa6series\x91\x83\xa4name\xa4load\
///     \xa7columns\x92\xa4time\xa5value\xa6values\x91\x92\x01\xcb\x40\x04\0\0\0\0\0\0";
/// let mut decoder = MsgpackDecoder::new();
/// let mut sum = 0.0;
/// for piece in answer.chunks(10) {
///     decoder.push(piece);
///     while let Some(event) = decoder.next_event()? {
///         if let Event::Row(row) = event {
///             let (_, value): (i64, f64) = row.deserialize()?;
///             sum += value;
///         }
///     }
/// }
/// decoder.finish();
/// assert!(decoder.next_event()?.is_none());
/// assert_eq!(sum, 2.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Memory
///
/// If the events are taken until `None` after every push, the decoder holds at most one pushed
/// piece, and one row of [`DecodeOptions::max_row`] bytes or one other value of
/// [`DecodeOptions::max_member`] bytes. Lengths that the input only claims cost nothing.
/// The cost is linear in the input, however it is cut.
#[derive(Clone, Debug, Default)]
pub struct MsgpackDecoder {
    options: DecodeOptions,
    buffer: ByteBuffer,
    is_finished: bool,
    /// The end, for every further call.
    error: Option<DecodeError>,
    /// The pending bytes that the next step needs at least.
    needed: usize,
    levels: Vec<Level>,
    /// The member whose value comes next.
    member: Option<Member>,
    /// Looks for the end of a name or value.
    measure: Measure,
    /// Where the document begins.
    document: u64,
    known: Known,
    /// Whether the document's rows may make its head `known`: no other series was in it.
    is_plain: bool,
    statement: StatementState,
    series: SeriesState,
    head: SeriesHead,
    rows: RowReader,
    /// Why the last row was not read.
    stopped: Option<RowStop>,
    plan: Plan,
    /// The texts of a row are all in its batch.
    no_text: TextBuffer,
}

/// A map or list that is being read.
#[derive(Clone, Copy, Debug)]
struct Level {
    kind: Kind,
    /// The members or elements that are still to come.
    left: u32,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Object(Scope),
    /// A list of such objects.
    List(Scope),
    Rows,
}

/// The beginning of a document up to its rows, which the next document mostly repeats.
#[derive(Clone, Debug, Default)]
struct Known {
    bytes: Vec<u8>,
    levels: Vec<Level>,
}

/// The progress of reading a series.
#[expect(clippy::struct_excessive_bools, reason = "members come in any order")]
#[derive(Clone, Copy, Debug, Default)]
struct SeriesState {
    /// Where it begins.
    start: u64,
    has_columns: bool,
    has_rows: bool,
    /// Whether its head was handed out.
    announced: bool,
    /// Whether a text of its head is not UTF-8, and whether that was reported.
    is_invalid: bool,
    is_refused: bool,
    partial: bool,
}

/// The event to hand out. Its data are in the decoder.
#[derive(Clone, Copy, Debug)]
enum Found {
    Series,
    Row,
    End { partial: bool },
    Statement,
    Error,
}

/// The outcome of one step.
#[derive(Clone, Copy, Debug)]
enum Turn {
    /// Another step follows.
    Next,
    /// It needs at least this many pending bytes.
    More(usize),
    Found(Found),
}

impl MsgpackDecoder {
    /// A decoder with the default [`DecodeOptions`].
    pub fn new() -> Self {
        Self::default()
    }

    /// A decoder with options of the caller. [`max_depth`](DecodeOptions::max_depth) and
    /// [`max_document`](DecodeOptions::max_document) limit nothing here.
    pub fn with_options(options: DecodeOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// Takes the next piece of the input, of any length.
    ///
    /// Ignored after an error and after [`finish`](Self::finish).
    pub fn push(&mut self, piece: &[u8]) {
        if !self.is_finished && self.error.is_none() {
            self.buffer.push(piece);
            if self.is_text() {
                // Only the beginning of a text is kept.
                self.buffer.truncate(MAX_TEXT);
            }
        }
    }

    /// Declares the end of the input.
    pub fn finish(&mut self) {
        self.is_finished = true;
    }

    /// The next event, or `None` if more input is needed (before [`finish`](Self::finish))
    /// or all is done (after it).
    ///
    /// # Errors
    ///
    /// [`DecodeError`], the same on every further call unless it is [`DecodeError::NotUtf8`].
    /// [`DecodeError::Truncated`] and [`DecodeError::Trailer`] are reported only after
    /// [`finish`](Self::finish).
    #[inline]
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, DecodeError> {
        let found = match self.next_row() {
            Some(found) => found,
            None => match self.next_other()? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        Ok(Some(self.event(found)))
    }

    /// The number of bytes that arrived and were neither handed out nor skipped.
    pub fn buffered(&self) -> usize {
        self.buffer.pending().len() + self.rows.held()
    }

    /// Where the document begins, and how many bytes of it were handed out.
    #[inline]
    pub(in crate::decode) fn document(&self) -> (u64, u64) {
        (self.document, self.buffer.offset().saturating_sub(self.document))
    }

    /// The next row, if it is all there.
    #[inline]
    fn next_row(&mut self) -> Option<Found> {
        let Some(Level { kind: Kind::Rows, left: left @ 1.. }) = self.levels.last_mut() else {
            return None;
        };
        let pending = self.buffer.pending();
        if pending.len() < self.needed || self.series.is_refused || self.stopped.is_some() {
            return None;
        }
        let (read, outcome) = self.rows.read(pending, &self.options);
        self.buffer.consume(read);
        match outcome {
            Ok(()) => {
                *left -= 1;
                self.needed = 0;
                Some(Found::Row)
            }
            Err(stop) => {
                self.stopped = Some(stop);
                None
            }
        }
    }

    #[inline(never)]
    fn next_other(&mut self) -> Result<Option<Found>, DecodeError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        loop {
            let turn = match self.stopped.take() {
                Some(stop) => self.stopped_row(stop),
                None if self.buffer.pending().len() < self.needed => Ok(Turn::More(self.needed)),
                None => self.step(),
            };
            match turn {
                Ok(Turn::Next) => self.needed = 0,
                Ok(Turn::Found(found)) => {
                    self.needed = 0;
                    return Ok(Some(found));
                }
                Ok(Turn::More(_)) if self.is_finished => return self.check_end(),
                Ok(Turn::More(needed)) => {
                    self.needed = needed;
                    return Ok(None);
                }
                Err(error) => {
                    self.needed = 0;
                    return Err(self.keep(error));
                }
            }
        }
    }

    /// Keeps an error for every further call, if it is final.
    fn keep(&mut self, error: DecodeError) -> DecodeError {
        if !matches!(error, DecodeError::NotUtf8 { .. }) {
            self.error = Some(error.clone());
        }
        error
    }

    /// Whether a server's message is at the place of a document.
    fn is_text(&self) -> bool {
        let first = self.buffer.pending().first();
        self.levels.is_empty() && first.is_some_and(|byte| (b'\t'..0x7f).contains(byte))
    }

    fn check_end(&mut self) -> Result<Option<Found>, DecodeError> {
        let pending = self.buffer.pending();
        if self.levels.is_empty() && pending.is_empty() {
            return Ok(None);
        }
        let error = if self.is_text() {
            let kept = pending.get(..MAX_TEXT).unwrap_or(pending);
            DecodeError::Trailer(String::from_utf8_lossy(kept).into_owned())
        } else {
            let start = if self.levels.is_empty() { self.buffer.offset() } else { self.document };
            let end = self.buffer.offset() + pending.len() as u64;
            DecodeError::Truncated { bytes: usize::try_from(end - start).unwrap_or(usize::MAX) }
        };
        Err(self.keep(error))
    }

    #[inline]
    fn event(&mut self, found: Found) -> Event<'_> {
        match found {
            Found::Series => Event::Series(&self.head),
            Found::Row => {
                let cells = RowCells { batch: &self.rows.batch, source: &self.no_text };
                Event::Row(Row { head: &self.head, cells, plan: &mut self.plan })
            }
            Found::End { partial } => Event::End { head: &self.head, partial },
            Found::Statement => Event::Statement(self.statement.outcome()),
            Found::Error => Event::Error(self.statement.error.as_deref().unwrap_or_default()),
        }
    }
}
