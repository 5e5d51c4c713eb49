//! Documents out of a stream of JSON, whatever the pieces it arrives in.

mod borders;

use std::ops::Range;

use serde::de::Deserialize;

use self::borders::Borders;
use super::error::DecodeError;
use super::options::DecodeOptions;

/// Takes a stream of JSON documents in pieces of any size and hands out one after the other.
///
/// It accepts:
///
/// - objects one after the other, with nothing or JSON whitespace between them;
/// - arrays, whose elements are the documents;
/// - bare strings, numbers and literals, but only until the first object or array.
///   A bare number is complete at the byte after it or at [`finish`](Self::finish).
///
/// At a place where a document cannot begin, text begins and lasts until the end of the input:
/// the server's error message, see [`DecodeError::Trailer`].
///
/// Everything that is complete is handed out before an error is reported.
/// An error is final: every further call returns it again, further input is ignored.
/// The cuts between pieces never change the result.
///
/// ```
/// use influx_proto::Series;
/// use influx_proto::decode::{ChunkDecoder, DecodeError};
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
/// If the documents are taken until `None` after every push, [`buffered`](Self::buffered) is at
/// most one document of [`DecodeOptions::max_document`] bytes and one pushed piece.
/// Every byte is looked at once and moved at most once on average:
/// the cost is linear in the input, however it is cut.
#[derive(Clone, Debug, Default)]
pub struct ChunkDecoder {
    borders: Borders,
    /// The end, for every further call.
    error: Option<DecodeError>,
}

impl ChunkDecoder {
    /// A decoder with the default [`DecodeOptions`].
    pub fn new() -> Self {
        Self::default()
    }

    /// A decoder with options of the caller: `max_document` and `max_depth`.
    pub fn with_options(options: DecodeOptions) -> Self {
        Self { borders: Borders::new(options), error: None }
    }

    /// Takes the next piece of the input, of any length.
    ///
    /// Ignored after an error and after [`finish`](Self::finish).
    pub fn push(&mut self, piece: &[u8]) {
        if self.error.is_none() {
            self.borders.push(piece);
        }
    }

    /// Declares the end of the input.
    pub fn finish(&mut self) {
        self.borders.finish();
    }

    /// The next complete document as it was sent, or `None` if more input is needed
    /// (before [`finish`](Self::finish)) or all is done (after it).
    ///
    /// Only brackets, the ends of strings and bare scalars are checked:
    /// the bytes may be neither valid JSON nor valid UTF-8.
    ///
    /// # Errors
    ///
    /// [`DecodeError`], the same on every further call. [`DecodeError::Truncated`] is reported only
    /// after [`finish`](Self::finish), and [`DecodeError::Trailer`] also when its 8 KiB are full.
    pub fn next_document(&mut self) -> Result<Option<&[u8]>, DecodeError> {
        let document = self.next_range()?;
        Ok(document.map(|range| self.borders.document(range)))
    }

    /// The next complete document as a value, which may borrow from the decoder.
    /// `None` as with [`next_document`](Self::next_document).
    ///
    /// # Errors
    ///
    /// As [`next_document`](Self::next_document), and [`DecodeError::Json`]
    /// if the document is not valid JSON, not valid UTF-8 or does not fit the type.
    /// This is final, too.
    pub fn next_value<'de, T: Deserialize<'de>>(&'de mut self) -> Result<Option<T>, DecodeError> {
        let Some(range) = self.next_range()? else {
            return Ok(None);
        };
        let offset = self.borders.offset_of(range.start);
        let document = self.borders.document(range);
        serde_json::from_slice(document).map(Some).map_err(|error| {
            let error = DecodeError::serde(offset, document, &error);
            self.error = Some(error.clone());
            error
        })
    }

    /// The number of bytes that arrived and were neither handed out nor skipped.
    pub fn buffered(&self) -> usize {
        self.borders.buffered()
    }

    fn next_range(&mut self) -> Result<Option<Range<usize>>, DecodeError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let found = self.borders.next_document();
        self.error = found.as_ref().err().cloned();
        found
    }
}
