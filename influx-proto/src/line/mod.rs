//! The line protocol of InfluxDB 1.x: written, and read strictly.
//!
//! ```text
//! measurement,tag=value,... field=value,... timestamp
//! ```
//!
//! - [`LineEncoder`] writes points one by one;
//!   its methods [`table`](LineEncoder::table) and [`rows`](LineEncoder::rows) take a
//!   [`Series`](crate::Series) or serializable structs, with a [`LineSchema`] that says which
//!   columns are tags and which one is the time.
//! - [`lines`] reads them.
//!
//! Both keep every value exactly: what was encoded parses to the same point, one line per point.
//! What no server would read back is an error that says where it stands, never a broken line.
//! The rules were measured on InfluxDB 1.6.7.

mod cell;
mod encode;
mod error;
mod escape;
mod keys;
mod lines;
mod options;
mod parse;
mod point;
mod rows;
mod scan;
mod schema;
mod table;
mod value;

pub use encode::LineEncoder;
pub use error::{LineEncodeError, LineParseError, LinePosition, LineProblem};
pub use lines::{Line, Lines, MAX_LINE_LEN, lines};
pub use options::{LineOptions, MAX_KEY_LEN, NonFinite, TIMESTAMPS, Unsigned};
pub use point::{PointFields, PointTags};
pub use schema::LineSchema;
pub use value::FieldValue;
