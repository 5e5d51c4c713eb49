//! Where the documents of a stream begin and end.

use std::mem;
use std::ops::Range;

use crate::decode::byte_buffer::ByteBuffer;
use crate::decode::error::{DecodeError, MAX_SNIPPET};
use crate::decode::options::{DecodeOptions, MAX_TEXT};
use crate::decode::scan::{ScanError, Scanner};

/// Finds one document after the other in a stream of pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct Borders {
    options: DecodeOptions,
    buffer: ByteBuffer,
    place: Place,
    /// Whether the documents are elements of an array.
    in_array: bool,
    /// Whether an object or array was seen at the top level, after which scalars are text.
    structured: bool,
    finished: bool,
}

impl Borders {
    pub(super) fn new(options: DecodeOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// Takes the next piece, unless the input is finished.
    pub(super) fn push(&mut self, piece: &[u8]) {
        let wanted = match self.place {
            _ if self.finished => 0,
            // Only the beginning of a text is kept.
            Place::Text { .. } => MAX_TEXT.saturating_sub(self.buffered()).min(piece.len()),
            _ => piece.len(),
        };
        self.buffer.push(piece.get(..wanted).unwrap_or(piece));
    }

    pub(super) fn finish(&mut self) {
        self.finished = true;
    }

    pub(super) fn buffered(&self) -> usize {
        self.buffer.pending().len()
    }

    pub(super) fn document(&self, range: Range<usize>) -> &[u8] {
        self.buffer.consumed(range)
    }

    /// The stream's offset of a document that starts at `index`.
    pub(super) fn offset_of(&self, index: usize) -> u64 {
        self.buffer.offset_of(index)
    }

    /// Where the next complete document is: a range to be read with [`document`](Self::document)
    /// before the next push. Not to be called again after an error.
    pub(super) fn next_document(&mut self) -> Result<Option<Range<usize>>, DecodeError> {
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

    /// The place that the next byte that is not blank leads to.
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
        Place::Document { scanner: Scanner::new(self.options.depth(0)), scanned: 0 }
    }

    fn scan_document(&mut self) -> Result<Option<Range<usize>>, DecodeError> {
        let Place::Document { scanner, scanned } = &mut self.place else {
            return Ok(None);
        };
        let limit = self.options.max_document;
        let pending = self.buffer.pending();
        // One byte more than allowed, which a number needs to be complete.
        let window = pending.get(..=limit).unwrap_or(pending);
        let length = window.len();
        let found = scanner.scan(window.get(*scanned..).unwrap_or_default());
        let before = mem::replace(scanned, length);
        match found {
            Ok(Some(end)) => self.hand_out(before + end),
            Err(error) => self.explain(error, before),
            Ok(None) if length > limit => Err(too_long(limit, self.buffer.offset())),
            Ok(None) if !self.finished => Ok(None),
            Ok(None) if scanner.is_complete_at_end() && !self.in_array => self.hand_out(length),
            Ok(None) => Err(DecodeError::Truncated { bytes: length }),
        }
    }

    fn hand_out(&mut self, length: usize) -> Result<Option<Range<usize>>, DecodeError> {
        let limit = self.options.max_document;
        if length > limit {
            return Err(too_long(limit, self.buffer.offset()));
        }
        let slot = if self.in_array { Slot::AfterElement } else { Slot::TopLevel };
        self.place = Place::Between(slot);
        Ok(Some(self.buffer.consume(length)))
    }

    /// Reports the scanner's error in the piece that begins at `before` in the document.
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
                let limit = self.options.depth(0);
                let offset = start + (before + at) as u64;
                Err(DecodeError::TooLarge { what: "max_depth", limit, offset })
            }
            ScanError::NoValue => {
                self.place = Place::TEXT;
                self.check_text(Place::EXPECTED_VALUE)
            }
        }
    }

    /// Reports text once enough of it is known: inside an array the part that is shown,
    /// elsewhere the part that is kept.
    fn check_text(&self, expected: &str) -> Result<Option<Range<usize>>, DecodeError> {
        let text = self.buffer.pending();
        if self.in_array && (self.finished || text.len() >= MAX_SNIPPET) {
            return Err(DecodeError::unexpected(self.buffer.offset(), text, expected));
        }
        if self.finished || text.len() >= MAX_TEXT {
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

/// The part of the stream that the next pending byte belongs to.
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

fn too_long(limit: usize, offset: u64) -> DecodeError {
    DecodeError::TooLarge { what: "max_document", limit, offset }
}

/// Whitespace of JSON.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes that are looked at for the ends of documents, if they arrive in pieces.
    fn looked_at(input: &[u8], piece: usize) -> (usize, usize) {
        let mut borders = Borders::default();
        let (mut documents, mut looked_at) = (0, 0);
        for piece in input.chunks(piece) {
            borders.push(piece);
            loop {
                let known = match borders.place {
                    Place::Document { scanned, .. } => scanned,
                    _ => 0,
                };
                let before = borders.buffered();
                let document = borders.next_document().unwrap();
                // A document's end hides the bytes behind it.
                looked_at += document.as_ref().map_or(before, ExactSizeIterator::len) - known;
                if document.is_none() {
                    break;
                }
                documents += 1;
            }
        }
        (documents, looked_at)
    }

    #[test]
    fn each_byte_is_looked_at_once_whatever_the_cuts() {
        let row = r#"{"name":"s","columns":["time"],"points":[[1]]}"#;
        let one = format!("[{}]", vec![row; 2_000].join(","));
        let (many, one) = (row.repeat(2_000), format!(r#"{{"a":{one}}}"#));
        for piece in [1, 7, 1_000, one.len()] {
            assert_eq!(looked_at(many.as_bytes(), piece), (2_000, many.len()), "by {piece}");
            assert_eq!(looked_at(one.as_bytes(), piece), (1, one.len()), "by {piece}");
        }
    }
}
