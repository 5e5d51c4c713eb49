//! InfluxDB as data: values, series, rows, an incremental JSON decoder and every API call.
//!
//! This crate does no I/O, reads no clock and spawns nothing.
//! It turns bytes into values and values into bytes; who carries them is not its concern.

mod block;
mod columns;
mod error;
#[cfg(feature = "http")]
mod http;
pub mod json;
pub mod line;
mod number_text;
mod row;
mod secret;
mod series;
#[cfg(feature = "http")]
pub mod v08;
mod value;

#[cfg(feature = "http")]
pub use self::http::{
    Auth, Bearer, Dialect, FromReply, Idempotency, NameError, Operation, Outcome, Placement, Reply,
    RequestError, ResponseError, ServerError, Target, TokenSource,
};
pub use columns::{Column, ColumnBatch, ColumnValues, Texts};
pub use error::{EncodeError, RowError, SeriesError};
pub use row::{Cell, from_row, to_row};
pub use secret::Secret;
pub use series::Series;
pub use value::Value;
