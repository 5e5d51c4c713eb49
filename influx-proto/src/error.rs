//! What can be wrong with data. Errors about a server's answer are beside the operations.

use thiserror::Error;

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
    /// There is no column.
    #[error("series {series:?} has no columns")]
    NoColumns {
        /// The series' name.
        series: String,
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
#[error("column {column:?}: {reason}")]
pub struct RowError {
    /// The column, empty if the row as a whole does not fit.
    pub column: String,
    /// What does not fit.
    pub reason: String,
}

/// A point that cannot be written.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum EncodeError {
    /// A float that JSON cannot carry. The server would store a null, which deletes the cell.
    #[error(
        "point {point} of series {series:?}: column {column:?} is {value}, which JSON cannot carry; \
         leave it out or choose `NonFinite::Null`"
    )]
    NonFinite {
        /// The series' name.
        series: String,
        /// The point's position, from 0.
        point: usize,
        /// The column's name.
        column: String,
        /// The value: an infinity or not a number.
        value: f64,
    },
    /// A point does not fit into a body of the size that was asked for.
    #[error(
        "point {point} of series {series:?} needs a body of {length} bytes, but at most \
         {limit} are allowed; shorten it or write it over HTTP"
    )]
    PointTooLong {
        /// The series' name.
        series: String,
        /// The point's position, from 0.
        point: usize,
        /// How many bytes a body with this point alone has.
        length: usize,
        /// The limit that was exceeded, in bytes.
        limit: usize,
    },
    /// The series itself.
    #[error(transparent)]
    Series(#[from] SeriesError),
    /// The series has no name, which the server refuses.
    #[error("a series has no name")]
    Unnamed,
}
