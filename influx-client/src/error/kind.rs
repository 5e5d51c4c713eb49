//! The kinds of errors.

use std::time::Duration;

use influx_proto::{EncodeError, RequestError, ResponseError, RowError, ServerError};
use influx_transport::Error as TransportError;

use super::Error;
use crate::ConfigError;

/// The event behind an error.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration cannot be used.
    Config(ConfigError),
    /// A point cannot be encoded. Nothing was sent.
    Encode(EncodeError),
    /// No database was chosen.
    NoDatabase,
    /// The request cannot be built. Nothing was sent.
    Request(RequestError),
    /// The server reports success, but its answer is not what the call promises.
    Response(ResponseError),
    /// A row does not fit the type that was asked for.
    Row {
        /// The series of the row.
        series: String,
        /// The column that does not fit, and why.
        source: RowError,
    },
    /// The server refused.
    Server(ServerError),
    /// The call passed its limit, with all its attempts.
    Timeout {
        /// The limit.
        limit: Duration,
        /// How the attempt before the unfinished one failed.
        last: Option<Box<Error>>,
    },
    /// Something passed its size limit.
    TooLarge {
        /// The thing that is too large.
        what: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
    /// The server could not be reached, the connection failed, or an attempt passed a limit.
    Transport(TransportError),
    /// The server is of another generation than the DSN or the program says.
    WrongDialect {
        /// The server and its version, as far as it tells.
        found: String,
    },
}
