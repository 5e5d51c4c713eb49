//! InfluxDB as data: values, series, rows, an incremental JSON decoder and every API call.
//!
//! This crate does no I/O, reads no clock and spawns nothing.
//! It turns bytes into values and values into bytes; who carries them is not its concern.

mod error;
pub mod json;
pub mod line;
#[cfg(feature = "http")]
mod operation;
mod precision;
pub mod quote;
mod row;
mod secret;
mod series;
#[cfg(feature = "http")]
pub mod v08;
mod value;

pub use error::{EncodeError, RowError, SeriesError};
#[cfg(feature = "http")]
pub use operation::{
    CredentialPlacement, Credentials, Idempotency, Operation, RequestError, ResponseError,
    ServerError, Target,
};
pub use precision::Precision;

pub use secret::Secret;
pub use series::Series;
pub use value::Value;
