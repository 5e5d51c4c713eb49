//! Documents out of a stream of JSON, whatever the pieces it arrives in.

use std::mem;
use std::ops::Range;

use serde::de::Deserialize;

use super::buffer::Buffer;
use super::error::{DecodeError, MAX_SNIPPET};
use super::limits::DecodeLimits;
use super::scan::{ScanError, Scanner};

/// Takes a stream of JSON documents in pieces of any size and hands out one after the other.
///
/// It accepts what servers send:
///
/// - objects one after the other, with nothing or JSON whitespace between them
///   (`chunked=true` of InfluxDB 0.8, newline-separated documents of 1.x);
/// - arrays, whose elements are the documents (an answer that is not chunked);
/// - bare strings, numbers and literals, but only until the first object or array.
///   A bare number is complete at the byte after it or at [`finish`](Self::finish).
///
/// Where no document can begin, text begins, and lasts until the end of the input:
/// the server's error message, see [`DecodeError::Trailer`].
///
/// Everything that is complete is handed out before an error is reported.
/// An error is final: every further call returns it again, further input is ignored.
/// How the input was cut never changes the result.
///
/// ```
/// use influx_proto::Series;
/// use influx_proto::json::{ChunkDecoder, DecodeError};
///
/// let mut decoder = ChunkDecoder::new();
/// let mut points = 0;
/// for piece in [r#"{"name":"cpu","columns":["time"],"po"#, r#"ints":[[1],[2]]}Couldn't fi"#, "nd x"] {
///     decoder.push(piece.as_bytes());
///     while let Some(series) = decoder.next_value::<Series>()? {
///         points += series.len();
///     }
/// }
/// assert_eq!(points, 2);
/// decoder.finish();
/// let error = decoder.next_value::<Series>().unwrap_err();
/// assert_eq!(error, DecodeError::Trailer("Couldn't find x".to_owned()));
/// # Ok::<(), DecodeError>(())
/// ```
///
/// # Memory
///
/// If the documents are taken until `None` after every push, no more is [`buffered`](Self::buffered)
/// than one document of [`DecodeLimits::max_document`] bytes and one pushed piece.
/// Every byte is looked at once and moved at most once on average:
/// the cost is linear in the input, however it is cut.
#[derive(Clone, Debug, Default)]
pub struct ChunkDecoder {
    limits: DecodeLimits,
    buffer: Buffer,
    place: Place,
    /// Whether the documents are elements of an array.
    in_array: bool,
    /// Whether an object or array was seen at the top level, after which scalars are text.
    structured: bool,
    finished: bool,
    error: Option<DecodeError>,
}

impl ChunkDecoder {
    /// A decoder with the default [`DecodeLimits`].
    pub fn new() -> Self {
        Self::default()
    }

    /// A decoder with limits of the caller's choice.
    pub fn with_limits(limits: DecodeLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Takes the next piece of the input, of any length.
    ///
    /// Ignored after an error and after [`finish`](Self::finish).
    pub fn push(&mut self, piece: &[u8]) {
        if self.finished || self.error.is_some() {
            return;
        }
        let wanted = match self.place {
            // Of a text only the beginning is kept.
            Place::Text { .. } => MAX_TEXT.saturating_sub(self.buffered()).min(piece.len()),
            _ => piece.len(),
        };
        self.buffer.push(piece.get(..wanted).unwrap_or(piece));
    }

    /// Declares the end of the input: what is incomplete now will stay so.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// The next complete document as it was sent, or `None` if more input is needed
    /// (before [`finish`](Self::finish)) or all is done (after it).
    ///
    /// Only brackets, the ends of strings and bare scalars are checked:
    /// the bytes may still be no valid JSON and no valid UTF-8.
    ///
    /// # Errors
    ///
    /// [`DecodeError`], the same on every further call. [`DecodeError::Truncated`] and
    /// [`DecodeError::Trailer`] are reported only after [`finish`](Self::finish).
    pub fn next_document(&mut self) -> Result<Option<&[u8]>, DecodeError> {
        let document = self.next_range()?;
        Ok(document.map(|range| self.buffer.consumed(range)))
    }

    /// The next complete document as a value, which may borrow from the decoder.
    /// `None` as with [`next_document`](Self::next_document).
    ///
    /// # Errors
    ///
    /// As [`next_document`](Self::next_document), and [`DecodeError::Json`]
    /// if the document is no valid JSON, no valid UTF-8 or does not fit the type.
    /// This is final, too.
    pub fn next_value<'de, T: Deserialize<'de>>(&'de mut self) -> Result<Option<T>, DecodeError> {
        let Some(range) = self.next_range()? else {
            return Ok(None);
        };
        let offset = self.buffer.offset_of(range.start);
        let document = self.buffer.consumed(range);
        serde_json::from_slice(document).map(Some).map_err(|error| {
            let error = DecodeError::serde(offset, document, &error);
            self.error = Some(error.clone());
            error
        })
    }

    /// How many bytes arrived that were neither handed out nor skipped.
    pub fn buffered(&self) -> usize {
        self.buffer.pending().len()
    }

    fn next_range(&mut self) -> Result<Option<Range<usize>>, DecodeError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let found = self.find_document();
        self.error = found.as_ref().err().cloned();
        found
    }

    fn find_document(&mut self) -> Result<Option<Range<usize>>, DecodeError> {
        loop {
            match &self.place {
                Place::Document { .. } => return self.scan_document(),
                Place::Text { expected } => return self.check_text(expected),
                Place::Between(slot) => {
                    let slot = *slot;
                    let blank = self.buffer.pending().iter().take_while(|byte| is_blank(**byte));
                    self.buffer.consume(blank.count());
                    let Some(&byte) = self.buffer.pending().first() else {
                        return self.check_end();
                    };
                    self.place = self.enter(slot, byte);
                }
            }
        }
    }

    /// Where the next byte that is not blank leads.
    fn enter(&mut self, slot: Slot, byte: u8) -> Place {
        match (slot, byte) {
            (Slot::TopLevel, b'[') => {
                (self.structured, self.in_array) = (true, true);
                self.buffer.consume(1);
                return Place::Between(Slot::FirstElement);
            }
            (Slot::FirstElement | Slot::AfterElement, b']') => {
                self.in_array = false;
                self.buffer.consume(1);
                return Place::Between(Slot::TopLevel);
            }
            (Slot::AfterElement, b',') => {
                self.buffer.consume(1);
                return Place::Between(Slot::NextElement);
            }
            (Slot::AfterElement, _) => return Place::Text { expected: "`,` or `]`" },
            (Slot::TopLevel, b'{') => self.structured = true,
            (Slot::TopLevel, _) if self.structured => return Place::TEXT,
            _ if !Scanner::can_begin(byte) => return Place::TEXT,
            _ => {}
        }
        Place::Document { scanner: Scanner::new(self.limits.max_depth()), scanned: 0 }
    }

    fn scan_document(&mut self) -> Result<Option<Range<usize>>, DecodeError> {
        let Place::Document { scanner, scanned } = &mut self.place else {
            return Ok(None);
        };
        let limit = self.limits.max_document();
        let pending = self.buffer.pending();
        // One byte more than allowed, which a number needs to be complete.
        let window = pending.get(..=limit).unwrap_or(pending);
        let length = window.len();
        let found = scanner.scan(window.get(*scanned..).unwrap_or_default());
        let before = mem::replace(scanned, length);
        match found {
            Ok(Some(end)) => self.hand_out(before + end),
            Err(error) => self.explain(error, before),
            Ok(None) if length > limit => Err(DecodeError::TooLong { limit }),
            Ok(None) if !self.finished => Ok(None),
            Ok(None) if scanner.is_complete_at_end() && !self.in_array => self.hand_out(length),
            Ok(None) => Err(DecodeError::Truncated { bytes: length }),
        }
    }

    fn hand_out(&mut self, length: usize) -> Result<Option<Range<usize>>, DecodeError> {
        let limit = self.limits.max_document();
        if length > limit {
            return Err(DecodeError::TooLong { limit });
        }
        let slot = if self.in_array { Slot::AfterElement } else { Slot::TopLevel };
        self.place = Place::Between(slot);
        Ok(Some(self.buffer.consume(length)))
    }

    /// Reports what the scanner found in the piece that begins at `before` in the document.
    fn explain(
        &mut self,
        error: ScanError,
        before: usize,
    ) -> Result<Option<Range<usize>>, DecodeError> {
        let start = self.buffer.offset();
        match error {
            ScanError::Mismatch { at } => {
                let seen = self.buffer.pending().get(..=before + at).unwrap_or_default();
                Err(DecodeError::json(start, seen, "mismatched bracket"))
            }
            ScanError::TooDeep { at } => {
                let limit = self.limits.max_depth();
                Err(DecodeError::TooDeep { limit, offset: start + (before + at) as u64 })
            }
            ScanError::NoValue => {
                self.place = Place::TEXT;
                self.check_text(Place::EXPECTED_VALUE)
            }
        }
    }

    /// Reports text once enough of it is known: inside an array the part that is shown,
    /// elsewhere all of it.
    fn check_text(&self, expected: &str) -> Result<Option<Range<usize>>, DecodeError> {
        let text = self.buffer.pending();
        if self.in_array && (self.finished || text.len() >= MAX_SNIPPET) {
            return Err(DecodeError::unexpected(self.buffer.offset(), text, expected));
        }
        if self.finished {
            let kept = text.get(..MAX_TEXT).unwrap_or(text);
            return Err(DecodeError::Trailer(String::from_utf8_lossy(kept).into_owned()));
        }
        Ok(None)
    }

    fn check_end(&self) -> Result<Option<Range<usize>>, DecodeError> {
        if self.finished && self.in_array {
            return Err(DecodeError::Truncated { bytes: 0 });
        }
        Ok(None)
    }
}

/// What the next pending byte belongs to.
#[derive(Clone, Debug)]
enum Place {
    Between(Slot),
    /// A document, of which `scanned` bytes were looked at.
    Document {
        scanner: Scanner,
        scanned: usize,
    },
    /// Something else, until the end of the input.
    Text {
        expected: &'static str,
    },
}

impl Place {
    const EXPECTED_VALUE: &str = "a JSON value";
    const TEXT: Self = Self::Text { expected: Self::EXPECTED_VALUE };
}

impl Default for Place {
    fn default() -> Self {
        Self::Between(Slot::TopLevel)
    }
}

/// A position between documents.
#[derive(Clone, Copy, Debug)]
enum Slot {
    TopLevel,
    FirstElement,
    AfterElement,
    NextElement,
}

/// How much of a text is kept, in bytes.
const MAX_TEXT: usize = 8 << 10;

/// Whitespace of JSON.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
