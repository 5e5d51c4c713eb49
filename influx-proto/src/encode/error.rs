//! The problems of points and lines, and their places.

use std::fmt;

use serde::ser;
use thiserror::Error;

use crate::RowError;
use crate::text::Printable;

/// A point that cannot be encoded so that the server reads it back exactly.
/// Nothing of it was written.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub struct EncodeError {
    /// The point's number, from 0: how many points the encoder took before it.
    pub point: usize,
    /// The series or measurement; at most 128 bytes of its name.
    pub series: String,
    /// The part of the point.
    pub part: PointPart,
    /// The key of the tag or field, or the column, whose value is meant, otherwise empty;
    /// at most 128 bytes of it.
    pub key: String,
    /// The offending text, at most 128 bytes of it.
    pub value: String,
    /// The problem with it.
    pub problem: PointProblem,
}

impl EncodeError {
    /// An error about a point that is not known yet.
    #[cold]
    pub(crate) fn new(part: PointPart, key: &str, value: &str, problem: PointProblem) -> Self {
        let (key, value) = (excerpt(key), excerpt(value));
        Self { point: 0, series: String::new(), part, key, value, problem }
    }

    /// Names the point.
    #[cold]
    pub(crate) fn of(mut self, point: usize, series: &str) -> Self {
        self.point = point;
        self.series = excerpt(series);
        self
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { point, series, part, key, value, problem } = self;
        write!(f, "point {point}")?;
        if !series.is_empty() {
            write!(f, " of {series:?}")?;
        }
        if !matches!(part, PointPart::Line | PointPart::Point) {
            write!(f, ": {part}")?;
            if !key.is_empty() {
                write!(f, " of {key:?}")?;
            }
            write!(f, " {value:?}")?;
        }
        // A reason of others is a sentence of its own.
        let colon = if matches!(problem, PointProblem::Unsupported { .. }) { ":" } else { "" };
        write!(f, "{colon} {problem}")
    }
}

/// A part of a point or of a line.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum PointPart {
    /// A column of a table.
    Column,
    /// The key of a field.
    FieldKey,
    /// The value of a field.
    FieldValue,
    /// The line as a whole.
    Line,
    /// The measurement, or the name of the series.
    Measurement,
    /// The point as a whole.
    Point,
    /// The key of a tag.
    TagKey,
    /// The value of a tag.
    TagValue,
    /// The timestamp.
    Timestamp,
}

impl fmt::Display for PointPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Column => "column",
            Self::FieldKey => "field key",
            Self::FieldValue => "field value",
            Self::Line => "line",
            Self::Measurement => "measurement",
            Self::Point => "point",
            Self::TagKey => "tag key",
            Self::TagValue => "tag value",
            Self::Timestamp => "timestamp",
        })
    }
}

/// The problem with a part of a point or of a line.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum PointProblem {
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
    /// A key or a column that appears twice.
    #[error("appears twice")]
    Duplicate,
    /// Nothing where something must be.
    #[error("is empty")]
    Empty,
    /// Not a number, boolean or quoted string, or a number out of range.
    #[error("is not a number in range, a boolean or a quoted string")]
    InvalidValue,
    /// Bytes that are not UTF-8, which the server would replace or refuse.
    #[error("is not UTF-8")]
    InvalidUtf8,
    /// A tab in front, which the server would skip.
    #[error("starts with a tab, which the server drops")]
    LeadingTab,
    /// A column that the [`Table`](crate::Table) names and the data lack.
    #[error("is named by the table, but the data do not have it")]
    Missing,
    /// No field, of which a point needs one at least.
    #[error("has no field")]
    NoFields,
    /// An infinity or NaN.
    #[error("is not finite; leave it out or choose `NonFinite::Omit`")]
    NonFinite,
    /// A value in a time column that does not say a time.
    #[error("is not an integer, an RFC 3339 text or another form of a time")]
    NotTime,
    /// A timestamp in a line that is not an integer in the range.
    #[error("is not an integer between {min} and {max}")]
    OutOfRange {
        /// The earliest timestamp.
        min: i64,
        /// The latest timestamp.
        max: i64,
    },
    /// The name `time`, which is the timestamp's.
    #[error("is reserved for the timestamp")]
    Reserved,
    /// A tag and a field of one name, of which series JSON has one column.
    #[error("is a tag and a field, but series JSON has one column of a name; rename one")]
    TagAndField,
    /// A time that is not in the time column.
    #[error("is a time, which only the time column takes; write it as a number or a text")]
    TimeAsField,
    /// A time outside of 1677 to 2262, or at one of the ends, which stand for all times beyond.
    #[error("is not between the years 1677 and 2262")]
    TimeOutOfRange,
    /// Something above its limit.
    #[error("is above the limit of {limit} bytes for {what}")]
    TooLarge {
        /// The thing that is limited: a line; a body, if it has this point alone; measurement, tags
        /// and one field key together.
        what: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
    /// Something after the part's end.
    #[error("is followed by something unexpected; lines end in a line feed alone")]
    TrailingText,
    /// An unsigned integer above [`i64::MAX`].
    #[error("is above 9223372036854775807; choose `Unsigned::Suffix` if the server takes it")]
    UnsignedTooLarge,
    /// A Rust value that is not one cell or not one row, or a line that cannot be read.
    #[error("{}", Printable(reason))]
    Unsupported {
        /// Why not.
        reason: String,
    },
    /// A quoted string without its closing quote.
    #[error("has no closing quote")]
    Unterminated,
}

impl PointProblem {
    /// A point that does not even fit into a body of its own.
    pub(crate) fn large_point(limit: usize) -> Self {
        Self::TooLarge { what: "the body of a write", limit }
    }

    /// Measurement, tags and one field key exceed the limit together.
    pub(crate) fn large_key(limit: usize) -> Self {
        Self::TooLarge { what: "measurement, tags and one field key", limit }
    }
}

/// An error on its way out of the serializer of a row: a pointer, so that results stay small.
#[derive(Debug, Error)]
#[error(transparent)]
pub(crate) struct Failure(pub(crate) Box<EncodeError>);

impl Failure {
    #[cold]
    pub(crate) fn new(part: PointPart, key: &str, value: &str, problem: PointProblem) -> Self {
        Self(Box::new(EncodeError::new(part, key, value, problem)))
    }

    /// Names the column of an error that has none.
    #[cold]
    pub(crate) fn in_column(mut self, column: &str) -> Self {
        if self.0.part == PointPart::Point {
            self.0.part = PointPart::Column;
            self.0.value = excerpt(column);
        }
        self
    }
}

impl ser::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        RowError::of_row(message.to_string()).into()
    }
}

impl From<EncodeError> for Failure {
    fn from(error: EncodeError) -> Self {
        Self(Box::new(error))
    }
}

impl From<RowError> for Failure {
    #[cold]
    fn from(error: RowError) -> Self {
        let problem = PointProblem::Unsupported { reason: error.reason };
        match error.column {
            Some(column) => Self::new(PointPart::Column, "", &column, problem),
            None => Self::new(PointPart::Point, "", "", problem),
        }
    }
}

/// Shortens a text for an error message.
pub(crate) fn excerpt(text: &str) -> String {
    const LIMIT: usize = 128;
    let mut end = LIMIT.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_where_and_what() {
        use PointPart::{Column, Line, Measurement, Point, TagValue};
        let unsupported = || PointProblem::Unsupported { reason: "is not a row".to_owned() };
        for (series, error, expected) in [
            (
                "cpu",
                EncodeError::new(TagValue, "host", "a\nb", PointProblem::ControlCharacter),
                r#"point 3 of "cpu": tag value of "host" "a\nb" contains a line feed, carriage return or NUL"#,
            ),
            (
                "",
                EncodeError::new(Measurement, "", "", PointProblem::Empty),
                r#"point 3: measurement "" is empty"#,
            ),
            (
                "m",
                EncodeError::new(Point, "", "", PointProblem::NoFields),
                r#"point 3 of "m" has no field"#,
            ),
            (
                "m",
                EncodeError::new(Column, "", "host", PointProblem::TagAndField),
                "point 3 of \"m\": column \"host\" is a tag and a field, \
                 but series JSON has one column of a name; rename one",
            ),
            ("", EncodeError::new(Line, "", "", unsupported()), "point 3: is not a row"),
        ] {
            assert_eq!(error.of(3, series).to_string(), expected);
        }
    }

    #[test]
    fn an_excerpt_ends_at_a_character() {
        assert_eq!(excerpt("é"), "é");
        assert_eq!(excerpt(&format!("x{}", "é".repeat(100))).len(), 127);
    }
}
