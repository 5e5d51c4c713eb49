//! Line protocol: written, and read strictly.
//!
//! ```text
//! measurement,tag=value,... field=value,... timestamp
//! ```
//!
//! - [`LineEncoder`] writes points one by one, and everything else that is
//!   [`Points`](crate::Points).
//! - [`lines`] reads them.
//!
//! Both keep every value exactly: an encoded point parses to the same point, one line per point.
//! A point that no server would read back is an error that says where it stands, never a broken
//! line. The rules were measured on InfluxDB 1.6.7.

mod encode;
mod error;
mod escape;
mod keys;
mod lines;
mod parse;
mod point;
mod points;
mod rows;
mod scan;
mod value;

pub use encode::LineEncoder;
pub use error::LineParseError;
pub use lines::{LineReader, MAX_LINE_LEN, lines};
pub use parse::Line;
pub use point::{PointFields, PointTags};
pub use value::FieldValue;
pub(crate) use value::shown;
