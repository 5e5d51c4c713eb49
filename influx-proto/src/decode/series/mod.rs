//! Series out of a stream of JSON, row by row.

mod cell;
mod end;
mod fast_number;
mod fast_row;
pub(super) mod grammar;
mod members;
mod reader;
mod rows;
pub(super) mod state;
mod structure;

use super::error::DecodeError;
use super::event::Event;
use super::options::{DecodeOptions, MAX_TEXT};
use super::row::{Row, RowCells, SeriesHead};
use super::scan::Scanner;
use super::text_buffer::TextBuffer;
use crate::row::Plan;

use self::grammar::Place;
use self::reader::RowReader;
use self::state::{Found, SeriesState, StatementState, Turn};

/// Takes a server's answer in pieces of any size and hands out each row as it arrives.
///
/// It accepts:
///
/// - series: `{"name":…,"columns":[…],"points":[[…],…]}`, one after the other or as the elements
///   of an array;
/// - results: `{"results":[{"statement_id":…,"series":[{"name":…,"tags":{…},"columns":[…],`
///   `"values":[[…],…],"partial":…}],"messages":[…],"error":…,"partial":…}],"error":…}`, one after
///   the other;
/// - the members of an object in any order, and unknown ones, which are skipped. Rows that come
///   before their columns are held until the series is over, see [`DecodeOptions::max_member`].
///
/// At a place where a document cannot begin, text begins and lasts until the end of the input:
/// the server's error message, see [`DecodeError::Trailer`].
///
/// Everything that is complete is handed out before an error is reported.
/// An error is final: every further call returns it again, further input is ignored.
/// The cuts between pieces never change the result.
///
/// ```
/// use influx_proto::decode::{DecodeError, Event, SeriesDecoder};
///
/// #[derive(serde::Deserialize)]
/// struct Load<'a> {
///     host: &'a str,
///     value: f64,
/// }
///
/// let mut decoder = SeriesDecoder::new();
/// let mut sum = 0.0;
/// for piece in [r#"{"name":"load","columns":["time","host","value"],"points":[[1,"web-"#, "1\",2.5]]}"] {
///     decoder.push(piece.as_bytes());
///     while let Some(event) = decoder.next_event()? {
///         match event {
///             Event::Series(head) => assert_eq!(head.name(), "load"),
///             Event::Row(row) => {
///                 let load: Load<'_> = row.deserialize()?;
///                 assert_eq!(load.host, "web-1");
///                 sum += load.value;
///             }
///             _ => {}
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
/// If the events are taken until `None` after every push, [`buffered`](Self::buffered) is at most
/// one pushed piece and either one row of [`DecodeOptions::max_row`] bytes or one other member
/// of [`DecodeOptions::max_member`] bytes, however long the document is. Rows that came before
/// their columns add up to `max_member` bytes, and the rows that were read ahead at most 64 KiB
/// and one row.
/// The cost is linear in the input, however it is cut.
#[derive(Clone, Debug, Default)]
pub struct SeriesDecoder {
    options: DecodeOptions,
    buffer: TextBuffer,
    place: Place,
    /// Looks for the end of a member, and the bytes of it that were looked at.
    scan: Option<(Scanner, usize)>,
    /// Where the document begins.
    document: u64,
    /// The bytes of the last document up to its rows, which `head` was read from.
    known: Vec<u8>,
    /// Whether the document's rows may make its head `known`: only events of it were handed out.
    is_plain: bool,
    /// Whether the documents are elements of an array.
    in_array: bool,
    error: Option<DecodeError>,
    statement: StatementState,
    series: SeriesState,
    head: SeriesHead,
    rows: RowReader,
    plan: Plan,
}

impl SeriesDecoder {
    /// A decoder with the default [`DecodeOptions`].
    pub fn new() -> Self {
        Self::default()
    }

    /// A decoder with options of the caller.
    pub fn with_options(options: DecodeOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// Takes the next piece of the input, of any length.
    ///
    /// Ignored after an error and after [`finish`](Self::finish).
    pub fn push(&mut self, piece: &[u8]) {
        if self.buffer.is_finished() || self.error.is_some() {
            return;
        }
        let wanted = match self.place {
            // Only the beginning of a text is kept.
            Place::Text { .. } => MAX_TEXT.saturating_sub(self.buffered()).min(piece.len()),
            _ => piece.len(),
        };
        self.buffer.push(piece.get(..wanted).unwrap_or(piece));
    }

    /// Declares the end of the input.
    pub fn finish(&mut self) {
        self.buffer.finish();
    }

    /// The next event, or `None` if more input is needed (before [`finish`](Self::finish))
    /// or all is done (after it).
    ///
    /// # Errors
    ///
    /// [`DecodeError`], the same on every further call. [`DecodeError::Truncated`] is reported only
    /// after [`finish`](Self::finish), and [`DecodeError::Trailer`] also when its 8 KiB are full.
    #[inline]
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, DecodeError> {
        let found = match self.take_row() {
            Some(row) => Found::Row(row),
            None => match self.next_other()? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        Ok(Some(self.event(found)))
    }

    /// The number of bytes that arrived and were neither handed out nor skipped.
    pub fn buffered(&self) -> usize {
        let held = self.series.held.as_ref().map_or(0, TextBuffer::len);
        self.buffer.len() + held
    }

    /// Where the document begins, and how many bytes of it were handed out.
    #[inline]
    pub(in crate::decode) fn document(&self) -> (u64, u64) {
        (self.document, self.buffer.offset().saturating_sub(self.document))
    }

    #[inline(never)]
    fn next_other(&mut self) -> Result<Option<Found>, DecodeError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        if self.waits_for_row() {
            return Ok(None);
        }
        self.buffer.check();
        self.advance().inspect_err(|error| self.error = Some(error.clone()))
    }

    fn advance(&mut self) -> Result<Option<Found>, DecodeError> {
        loop {
            let turn = match self.place {
                Place::Rows(scope, slot) => self.read_row(scope, slot)?,
                Place::Object(scope, slot) => self.enter_object(scope, slot)?,
                Place::Key(scope) => self.read_key(scope)?,
                Place::Colon(scope, member) => self.enter_colon(scope, member),
                Place::Value(scope, member) => self.read_value(scope, member)?,
                Place::List(scope, slot) => self.enter_list(scope, slot),
                Place::Between(slot) => self.enter_document(slot),
                Place::Text { expected } => return self.check_text(expected),
            };
            match turn {
                Turn::Next => {}
                Turn::More if self.buffer.is_broken() => return Err(self.invalid_utf8()),
                Turn::More if self.buffer.is_finished() => return self.check_end(),
                Turn::More => return Ok(None),
                Turn::Found(found) => return Ok(Some(found)),
            }
        }
    }

    #[inline]
    fn event(&mut self, found: Found) -> Event<'_> {
        match found {
            Found::Series => Event::Series(&self.head),
            Found::Row(range) => {
                self.rows.batch.set_start(range.start);
                let source = self.series.held.as_ref().unwrap_or(&self.buffer);
                let cells = RowCells { batch: &self.rows.batch, source };
                Event::Row(Row { head: &self.head, cells, plan: &mut self.plan })
            }
            Found::End { partial } => Event::End { head: &self.head, partial },
            Found::Statement => Event::Statement(self.statement.outcome()),
            Found::Error => Event::Error(self.statement.error.as_deref().unwrap_or_default()),
        }
    }
}

/// The level of rows in results.
const MIN_DEPTH: usize = 7;
