//! What can be wrong with a point or a line, and where.

use std::fmt;

use thiserror::Error;

/// A point that cannot be written so that the server reads it back exactly.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("point {point}: {position}{} {value:?} {problem}", Of(.key))]
#[non_exhaustive]
pub struct LineEncodeError {
    /// The point's number, from 0: how many points the encoder holds already.
    pub point: usize,
    /// What part of the point.
    pub position: LinePosition,
    /// The key of the tag or field whose value is meant, otherwise empty; at most 128 bytes of it.
    pub key: String,
    /// The offending text, at most 128 bytes of it.
    pub value: String,
    /// What is wrong with it.
    pub problem: LineProblem,
}

/// A line that the parser refuses.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("line {line}, column {column}: {position} {problem}")]
#[non_exhaustive]
pub struct LineParseError {
    /// The line's number in the input, from 1. A newline inside a string counts.
    pub line: usize,
    /// The column in bytes, from 1.
    pub column: usize,
    /// What part of the line.
    pub position: LinePosition,
    /// What is wrong with it.
    pub problem: LineProblem,
}

/// A part of a line.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum LinePosition {
    /// A column of a table, before it became a tag or a field.
    Column,
    /// The key of a field.
    FieldKey,
    /// The value of a field.
    FieldValue,
    /// The line as a whole.
    Line,
    /// The measurement.
    Measurement,
    /// The key of a tag.
    TagKey,
    /// The value of a tag.
    TagValue,
    /// The timestamp.
    Timestamp,
}

/// What is wrong with a part of a line.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum LineProblem {
    /// A backslash at the end, or right before a character that is escaped by a backslash.
    /// Servers disagree on how to read it, and some swallow the next line.
    #[error("has a backslash at its end or before a character that needs one")]
    Backslash,
    /// A `#` in front, which makes the line a comment: the server would drop it without a word.
    #[error("starts with `#`, which makes the line a comment")]
    Comment,
    /// A line feed, a carriage return or a NUL. A line feed would inject a second line.
    #[error("contains a line feed, carriage return or NUL")]
    ControlCharacter,
    /// A key that appears twice.
    #[error("appears twice")]
    Duplicate,
    /// Nothing where something must be.
    #[error("is empty")]
    Empty,
    /// Not a number, boolean or quoted string, or a number out of range.
    #[error("is no number in range, boolean or quoted string")]
    InvalidValue,
    /// Bytes that are not UTF-8, which the server would replace or refuse.
    #[error("is not UTF-8")]
    InvalidUtf8,
    /// Measurement, tags and one field key exceed the limit together.
    #[error("is over {max} bytes with measurement, tags and one field key")]
    KeyTooLong {
        /// The limit in bytes.
        max: usize,
    },
    /// A tab in front, which the server would skip.
    #[error("starts with a tab, which the server drops")]
    LeadingTab,
    /// A column that the schema names and the table lacks.
    #[error("is in the schema but not in the table")]
    Missing,
    /// No field, of which a point needs one at least.
    #[error("has no field")]
    NoFields,
    /// An infinity or not a number.
    #[error("is not finite; leave it out or choose `NonFinite::OmitField`")]
    NonFinite,
    /// A timestamp that is no integer, or outside the range.
    #[error("is no integer between {min} and {max}")]
    OutOfRange {
        /// The earliest timestamp.
        min: i64,
        /// The latest timestamp.
        max: i64,
    },
    /// The name `time`, which is the timestamp's.
    #[error("is reserved for the timestamp")]
    Reserved,
    /// A line above the parser's limit.
    #[error("is longer than {max} bytes")]
    TooLong {
        /// The limit in bytes.
        max: usize,
    },
    /// Something after the part's end.
    #[error("is followed by something unexpected; lines end in a line feed alone")]
    TrailingText,
    /// An unsigned integer above [`i64::MAX`].
    #[error("is above 9223372036854775807; choose `Unsigned::Suffix` if the server takes it")]
    UnsignedTooLarge,
    /// A Rust value that is not one cell or not one row.
    #[error("{reason}")]
    Unsupported {
        /// Why not.
        reason: String,
    },
    /// A quoted string without its closing quote.
    #[error("has no closing quote")]
    Unterminated,
}

/// Shortens a text for an error message.
pub(super) fn excerpt(text: &str) -> String {
    const LIMIT: usize = 128;
    let mut end = LIMIT.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

impl fmt::Display for LinePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Column => "column",
            Self::FieldKey => "field key",
            Self::FieldValue => "field value",
            Self::Line => "line",
            Self::Measurement => "measurement",
            Self::TagKey => "tag key",
            Self::TagValue => "tag value",
            Self::Timestamp => "timestamp",
        })
    }
}

/// ` of "key"`, or nothing without a key.
struct Of<'a>(&'a str);

impl fmt::Display for Of<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " of {:?}", self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_where_and_what() {
        let error = LineEncodeError {
            point: 3,
            position: LinePosition::TagValue,
            key: "host".to_owned(),
            value: "a\nb".to_owned(),
            problem: LineProblem::ControlCharacter,
        };
        assert_eq!(
            error.to_string(),
            r#"point 3: tag value of "host" "a\nb" contains a line feed, carriage return or NUL"#
        );
    }

    #[test]
    fn an_excerpt_ends_at_a_character() {
        assert_eq!(excerpt("é"), "é");
        assert_eq!(excerpt(&format!("x{}", "é".repeat(100))).len(), 127);
    }
}
