//! The end of an answer: text, bytes that are not text, and too few bytes.

use super::SeriesDecoder;
use super::grammar::{Place, Slot};
use super::state::Found;
use crate::decode::error::{DecodeError, MAX_SNIPPET};
use crate::decode::options::MAX_TEXT;

impl SeriesDecoder {
    /// Reports text once enough of it is known: inside a document or an array the part that is
    /// shown, elsewhere the part that is kept.
    pub(super) fn check_text(&self, expected: Option<&str>) -> Result<Option<Found>, DecodeError> {
        let source = self.series.held.as_ref().unwrap_or(&self.buffer);
        match expected {
            Some(expected) if source.is_finished() || source.len() >= MAX_SNIPPET => {
                let text = [source.pending(), source.rest()].concat();
                Err(DecodeError::unexpected(source.offset(), &text, expected))
            }
            None if source.is_finished() || source.len() >= MAX_TEXT => {
                let text = [source.pending(), source.rest()].concat();
                let kept = text.get(..MAX_TEXT).unwrap_or(&text);
                Err(DecodeError::Trailer(String::from_utf8_lossy(kept).into_owned()))
            }
            _ => Ok(None),
        }
    }

    /// The next byte that is needed is behind bytes that are not text.
    #[cold]
    pub(super) fn invalid_utf8(&self) -> DecodeError {
        let mut seen = self.buffer.pending().to_vec();
        seen.extend(self.buffer.rest().first());
        DecodeError::json(self.buffer.offset(), &seen, "invalid UTF-8")
    }

    pub(super) fn check_end(&self) -> Result<Option<Found>, DecodeError> {
        let end = self.buffer.offset() + self.buffer.len() as u64;
        match self.place {
            Place::Between(Slot::First) if !self.in_array => Ok(None),
            Place::Between(_) => Err(DecodeError::Truncated { bytes: 0 }),
            _ => {
                let bytes = usize::try_from(end - self.document).unwrap_or(usize::MAX);
                Err(DecodeError::Truncated { bytes })
            }
        }
    }
}
