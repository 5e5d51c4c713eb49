//! InfluxDB as data: values, series, rows, an incremental JSON decoder and every API call.
//!
//! This crate does no I/O, reads no clock and spawns nothing.
//! It turns bytes into values and values into bytes; who carries them is not its concern.

#[cfg(feature = "http")]
mod base64;
mod block;
mod columns;
pub mod encode;
mod error;
pub mod json;
pub mod line;
#[cfg(feature = "http")]
mod operation;
mod point;
mod points;
mod precision;
pub mod quote;
#[cfg(feature = "http")]
mod request;
mod row;
mod secret;
mod series;
#[cfg(feature = "http")]
mod server_error;
mod table;
#[cfg(feature = "http")]
mod target;
mod text;
mod time;
#[cfg(feature = "http")]
pub mod v08;
mod value;

pub use columns::{Column, ColumnBatch, ColumnValues, Texts};
pub use encode::EncodeError;
pub use error::{RowError, SeriesError};
#[cfg(feature = "http")]
pub use operation::{Idempotency, Operation, RequestError, ResponseError};
pub use point::Point;
pub use points::{Format, Lines, Points};
pub use precision::Precision;
pub use row::{Cell, from_row, to_row};
pub use secret::Secret;
pub use series::Series;
#[cfg(feature = "http")]
pub use server_error::{ServerError, ServerErrorKind};
pub use table::{Table, TableRows, TableSeries};
#[cfg(feature = "http")]
pub use target::{CredentialPlacement, Credentials, Target};
pub use time::{Time, TimeError, TimeUnit};
pub use value::Value;
