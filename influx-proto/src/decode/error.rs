//! Errors of decoders.

use memchr::memchr_iter;
use thiserror::Error;

use crate::error::shorten;
use crate::text::Printable;

/// Input that is not the promised data.
///
/// Offsets count the bytes of the stream from 0.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum DecodeError {
    /// Something that is not JSON, or not the type that was asked for.
    #[error("{} at byte {offset}, near {snippet:?}", Printable(message))]
    Json {
        /// The position.
        offset: u64,
        /// The problem, in about 200 characters at most.
        message: String,
        /// The input around it: at most 64 bytes, invalid UTF-8 replaced by U+FFFD.
        snippet: String,
    },
    /// Something that is not MessagePack, or not an answer of a server.
    #[error("expected an answer in MessagePack, found {found} at byte {offset}")]
    Msgpack {
        /// The position.
        offset: u64,
        /// The value or byte in its place.
        found: &'static str,
    },
    /// A text of MessagePack is not UTF-8, and [`InvalidText`](super::InvalidText) refuses it.
    ///
    /// This error is the only one that is not final: the decoder goes on with the next row, or with
    /// the next series if the text belongs to the series itself.
    #[error("{place} of the series {series:?} is not UTF-8, at byte {offset}")]
    NotUtf8 {
        /// The name of the series, invalid UTF-8 replaced by U+FFFD.
        series: String,
        /// The text's place: the column, or `a name or tag`.
        place: String,
        /// Where the row or the series begins.
        offset: u64,
    },
    /// A part of the input passes a limit of [`DecodeOptions`](super::DecodeOptions).
    #[error("more than the {limit} of `{what}` at byte {offset}; raise this limit to accept more")]
    TooLarge {
        /// The name of the limit, such as `max_row`.
        what: &'static str,
        /// The limit, in its own unit.
        limit: usize,
        /// Where the part begins: of a string its quote, of nesting the first level that passes
        /// the limit.
        offset: u64,
    },
    /// Text where a document should begin, usually the server's own error message: a server may
    /// append an error that happens late to the data of a `200 OK` (measured on InfluxDB 0.8.9).
    /// A [`SeriesAssembler`](super::SeriesAssembler) reports a member `error` likewise.
    ///
    /// The text runs to the end of the input; its first 8 KiB are kept,
    /// invalid UTF-8 replaced by U+FFFD.
    #[error("text instead of JSON, probably the server's error message: {0:?}")]
    Trailer(String),
    /// The input ended inside a document or inside an array of documents.
    #[error("the input ended too early, {bytes} bytes into a document")]
    Truncated {
        /// The bytes of the unfinished document that had arrived;
        /// 0 if an array ended between its elements.
        bytes: usize,
    },
    /// A row has another number of cells than its series has columns.
    #[error("the row at byte {offset} has {found} cells for {expected} columns")]
    Width {
        /// Where the row begins.
        offset: u64,
        /// The number of columns.
        expected: usize,
        /// The number of cells.
        found: usize,
    },
}

impl DecodeError {
    /// An error at `seen`'s last byte; `start` is the stream's offset of its first.
    pub(super) fn json(start: u64, seen: &[u8], message: &str) -> Self {
        let tail = seen.len().saturating_sub(MAX_SNIPPET);
        Self::Json {
            offset: start.saturating_add(seen.len().saturating_sub(1) as u64),
            message: shorten(message.to_owned()),
            snippet: lossy(seen.get(tail..).unwrap_or_default()),
        }
    }

    /// An error at `rest`'s first byte, whose offset in the stream is `offset`.
    pub(super) fn unexpected(offset: u64, rest: &[u8], expected: &str) -> Self {
        Self::Json {
            offset,
            message: format!("expected {expected}"),
            snippet: lossy(rest.get(..MAX_SNIPPET).unwrap_or(rest)),
        }
    }

    /// The error of `serde_json` about a document that begins at `start` in the stream.
    pub(crate) fn serde(start: u64, document: &[u8], error: &serde_json::Error) -> Self {
        let position = format!(" at line {} column {}", error.line(), error.column());
        let message = error.to_string();
        let message = message.strip_suffix(&position).unwrap_or(&message);
        let line_start = match error.line() {
            0 | 1 => 0,
            line => memchr_iter(b'\n', document).nth(line - 2).map_or(0, |newline| newline + 1),
        };
        // The column counts the bytes of the line up to and including the offending one.
        let seen = document.get(..line_start + error.column()).unwrap_or(document);
        Self::json(start, seen, message)
    }
}

/// The bytes of the input that an error shows at most.
pub(super) const MAX_SNIPPET: usize = 64;

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(error: &DecodeError, expected: &str) {
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn says_what_and_where() {
        check(&DecodeError::json(10, b"{\"a\n]", "bad"), r#"bad at byte 14, near "{\"a\n]""#);
        check(&DecodeError::unexpected(3, b"x", "`,`"), r#"expected `,` at byte 3, near "x""#);
        check(
            &DecodeError::Trailer("Couldn't find series: x".to_owned()),
            r#"text instead of JSON, probably the server's error message: "Couldn't find series: x""#,
        );
        check(
            &DecodeError::TooLarge { what: "max_row", limit: 10, offset: 3 },
            "more than the 10 of `max_row` at byte 3; raise this limit to accept more",
        );
        check(
            &DecodeError::Truncated { bytes: 7 },
            "the input ended too early, 7 bytes into a document",
        );
    }

    #[test]
    fn shows_at_most_sixty_four_bytes() {
        let long = [b'x'; 1000];
        for error in [DecodeError::json(0, &long, ""), DecodeError::unexpected(0, &long, "")] {
            let DecodeError::Json { snippet, .. } = error else { panic!("{error}") };
            assert_eq!(snippet.len(), 64);
        }
    }
}
