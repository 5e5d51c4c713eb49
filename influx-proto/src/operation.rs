//! API calls as values: each builds its request and reads its own reply.

use bytes::Bytes;
use http::{Request, StatusCode};
use thiserror::Error;

use crate::decode::DecodeError;
use crate::quote::NameError;
use crate::{EncodeError, RowError, ServerError, Target};

/// One API call as a value.
///
/// It knows its request, its reply and what a repetition of it would do; it knows no socket.
/// Any HTTP client can carry it:
///
/// ```
/// use influx_proto::{Operation, Target, v08};
///
/// let target = Target::new("http://localhost:8086".parse()?)?;
/// let ping = v08::Ping;
/// let request = ping.request(&target)?;
/// assert_eq!(request.uri(), "http://localhost:8086/ping");
/// // … send it with the client of your choice, then:
/// ping.response(http::StatusCode::OK, br#"{"status":"ok"}"#)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Operation {
    /// What the call answers.
    type Output;

    /// Builds the request, with an absolute URI and the target's credentials.
    ///
    /// The request holds secrets in the clear: a password that the call sets is in its body, and
    /// [`CredentialPlacement::Query`](crate::CredentialPlacement::Query) puts the target's into
    /// its address. Do not log it.
    ///
    /// # Errors
    ///
    /// [`RequestError`] if a name or a point cannot be sent. Nothing has been sent then.
    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError>;

    /// Reads the reply.
    ///
    /// # Errors
    ///
    /// [`ResponseError::Server`] with the server's own words if it refused,
    /// [`ResponseError::Decode`] if its success is not what the call promises,
    /// [`ResponseError::Redirect`] if it points elsewhere.
    fn response(&self, status: StatusCode, body: &[u8]) -> Result<Self::Output, ResponseError>;

    /// What sending the request twice would do.
    fn idempotency(&self) -> Idempotency;
}

/// What sending a request twice does, and so what a retry may do.
///
/// It says what becomes of the server, not of the answer: a database that is created twice exists
/// once, but the second answer is that it exists.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a retry must decide on each")]
pub enum Idempotency {
    /// The request changes nothing: it may always be repeated.
    Safe,
    /// A repetition changes nothing more: it may be repeated.
    Idempotent,
    /// A repetition may do it again: it may be repeated only if the first was surely not sent.
    NonIdempotent,
}

/// A request that cannot be built. Nothing was sent.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum RequestError {
    /// The address is too long, usually because of a long query.
    #[error("the address would be {length} bytes long, more than the 65534 that one can have")]
    AddressTooLong {
        /// The length of the path and the query string, in bytes.
        length: usize,
    },
    /// The server's address is unusable.
    #[error("bad server address: {reason}")]
    BadBase {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The credentials cannot travel in the header: a colon, which the 0.8 server refuses.
    #[error("the user name or password contains a colon, which only the query string can carry")]
    ColonInCredentials,
    /// A point cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A name cannot travel, or the server could never accept it.
    #[error("the {what} cannot be sent")]
    Name {
        /// What the name is for, such as `database name`.
        what: &'static str,
        /// What is wrong with it.
        source: NameError,
    },
    /// An update that changes nothing.
    #[error("nothing to update: set a password, permissions or administrator rights")]
    NothingToUpdate,
}

/// A reply that is not what the call promises.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum ResponseError {
    /// The server says that the call succeeded, but its reply is unreadable.
    #[error("the server's reply is not what was asked for")]
    Decode(#[from] DecodeError),
    /// The server points elsewhere.
    ///
    /// Redirects are never followed: they would carry the credentials to another server.
    #[error("the server answered {status}, a redirect, which is not followed; use its address")]
    Redirect {
        /// The HTTP status.
        status: StatusCode,
    },
    /// The rows of the server's reply are not those of the call.
    #[error("the server's reply is not what was asked for")]
    Row(#[from] RowError),
    /// The server refused the call.
    #[error(transparent)]
    Server(#[from] ServerError),
}
