//! Errors about data. Errors about a server's answer are beside the operations.

use std::fmt;

use serde::de::{self, Expected, Unexpected};
use serde::ser;
use thiserror::Error;

use crate::Printable;

/// A series that cannot exist.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum SeriesError {
    /// A column's name appears twice.
    #[error("series {series:?} has the column {column:?} twice")]
    DuplicateColumn {
        /// The series' name.
        series: String,
        /// The column's name.
        column: String,
    },
    /// The series has no columns.
    #[error("series {series:?} has no columns")]
    NoColumns {
        /// The series' name.
        series: String,
    },
    /// A Rust value is not a row of the series.
    #[error("point {point} of series {series:?} does not fit")]
    Row {
        /// The series' name.
        series: String,
        /// The point's position, from 0.
        point: usize,
        /// The mismatch.
        source: RowError,
    },
    /// A point's number of values differs from the number of columns.
    #[error("point {point} of series {series:?} has {found} values for {expected} columns")]
    Width {
        /// The series' name.
        series: String,
        /// The point's position, from 0.
        point: usize,
        /// The number of columns.
        expected: usize,
        /// The number of values.
        found: usize,
    },
}

/// A row and a Rust value that do not fit each other.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
#[error("{}: {}", Self::place(column.as_deref()), Printable(reason))]
pub struct RowError {
    /// The column, or `None` if the row as a whole does not fit.
    pub column: Option<String>,
    /// The mismatch. It may quote a peer's text as it is; the `Display` of the error escapes that.
    pub reason: String,
}

impl RowError {
    pub(crate) fn of_column(column: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { column: Some(column.into()), reason: reason.into() }
    }

    pub(crate) fn of_row(reason: impl Into<String>) -> Self {
        Self { column: None, reason: shorten(reason.into()) }
    }

    /// Names the column unless it is known already.
    pub(crate) fn in_column(mut self, column: &str) -> Self {
        self.column.get_or_insert_with(|| column.to_owned());
        self
    }

    fn place(column: Option<&str>) -> String {
        column.map_or_else(|| "row".to_owned(), |column| format!("column {column:?}"))
    }
}

impl de::Error for RowError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::of_row(message.to_string())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::of_row(match unexpected {
            Unexpected::Unit => format!("null where {expected} was expected"),
            // `Debug` writes large and small numbers with an exponent.
            Unexpected::Float(value) => format!("double `{value:?}` where {expected} was expected"),
            _ => format!("{unexpected} where {expected} was expected"),
        })
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::of_column(field, "the column is missing")
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::of_column(field, "the column appears twice")
    }
}

impl ser::Error for RowError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::of_row(message.to_string())
    }
}

/// Cuts a message that may quote data, which may have any length.
pub(crate) fn shorten(mut message: String) -> String {
    const MAX_CHARS: usize = 200;
    if let Some((end, _)) = message.char_indices().nth(MAX_CHARS) {
        message.truncate(end);
        message.push('…');
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_do_not_grow_with_the_data() {
        assert_eq!(shorten("ż".repeat(200)), "ż".repeat(200));
        assert_eq!(shorten("ż".repeat(201)), "ż".repeat(200) + "…");
    }
}
