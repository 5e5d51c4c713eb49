//! Points as the bodies of write requests.
//!
//! [`Format::encode`](crate::Format::encode) turns [points](crate::Points) into [bodies](Body).
//! [`SeriesEncoder`] writes a JSON array of series,
//! [`LineEncoder`](crate::line::LineEncoder) line protocol; [`EncodeOptions`] apply to both.

mod body;
mod columns;
mod error;
mod options;
mod series;
mod time;

pub use body::Body;
pub(crate) use columns::{check_named, check_series};
pub use error::{EncodeError, PointPart, PointProblem};
pub(crate) use error::{Failure, excerpt};
pub(crate) use options::KEY_SEPARATOR_LEN;
pub use options::{EncodeOptions, MAX_KEY_LEN, NonFinite, TIMESTAMPS, Unsigned};
pub use series::SeriesEncoder;
pub(crate) use time::{read_time, scale};

pub(crate) use sealed::Encode;

/// The encoder of one format. This trait is sealed.
pub trait PointEncoder: Encode {}

impl<E: Encode> PointEncoder for E {}

mod sealed {
    use serde::ser::Serialize;

    use crate::{EncodeError, Point, Series, Table};

    /// The four kinds of points, each with its own way through an encoder.
    /// After an error, the points before it stay written.
    pub trait Encode {
        /// Writes a point that was built ad hoc.
        fn point(&mut self, point: &Point) -> Result<(), EncodeError>;

        /// Writes structs.
        fn rows<T: Serialize>(&mut self, table: &Table, rows: &[T]) -> Result<(), EncodeError>;

        /// Writes a series; `table` says what its columns are.
        fn series(&mut self, table: &Table, series: &Series) -> Result<(), EncodeError>;

        /// Writes points that are line protocol.
        fn lines(&mut self, lines: &[u8]) -> Result<(), EncodeError>;
    }
}
