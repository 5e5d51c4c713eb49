//! API calls as values: each builds its request and reads its own reply.

use bytes::Bytes;
use http::{Request, StatusCode};
use thiserror::Error;

use crate::json::DecodeError;
use crate::quote::NameError;
use crate::{EncodeError, Secret};

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
    /// # Errors
    ///
    /// [`RequestError`] if a name or a point cannot be sent. Nothing has been sent then.
    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError>;

    /// Reads the reply.
    ///
    /// # Errors
    ///
    /// [`ResponseError::Server`] with the server's own words if it refused,
    /// [`ResponseError::Decode`] if its success is not what the call promises.
    fn response(&self, status: StatusCode, body: &[u8]) -> Result<Self::Output, ResponseError>;

    /// What sending the request twice would do.
    fn idempotency(&self) -> Idempotency;
}

/// What sending a request twice does, and so what a retry may do.
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

/// A server and how to authenticate there: everything a request needs besides the call itself.
#[derive(Clone, Debug)]
pub struct Target {
    base: http::Uri,
    credentials: Option<Credentials>,
    placement: CredentialPlacement,
}

/// A user's name and password.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Credentials {
    /// The user's name.
    pub user: String,
    /// The password, never shown.
    pub password: Secret,
}

/// Where credentials travel.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum CredentialPlacement {
    /// In the `Authorization` header, unless name or password contain a colon:
    /// the 0.8 server splits at every colon and refuses such a header
    /// (`400 Bad auth value`), so these go into the query string.
    #[default]
    Auto,
    /// Always in the `Authorization` header.
    Header,
    /// Always as `u` and `p` in the query string, where access logs and proxies can see them.
    Query,
}

impl Target {
    /// A server without credentials.
    ///
    /// `base` is `http://host:port` or `https://host:port`; a path is kept as a prefix,
    /// for servers behind a proxy.
    ///
    /// # Errors
    ///
    /// [`RequestError::BadBase`] if the scheme is another, the host is missing,
    /// or there are user information or a query, neither of which belongs there.
    pub fn new(base: http::Uri) -> Result<Self, RequestError> {
        let reason = match (base.scheme_str(), base.authority()) {
            (Some("http" | "https"), Some(authority)) if authority.as_str().contains('@') => {
                "credentials do not belong into the address"
            }
            (Some("http" | "https"), Some(_)) if base.query().is_some() => {
                "a query does not belong into the address"
            }
            (Some("http" | "https"), Some(_)) => {
                return Ok(Self { base, credentials: None, placement: CredentialPlacement::Auto });
            }
            _ => "expected http://host:port or https://host:port",
        };
        Err(RequestError::BadBase { reason })
    }

    /// Sets the credentials of every request.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Sets where the credentials travel.
    #[must_use]
    pub fn with_placement(mut self, placement: CredentialPlacement) -> Self {
        self.placement = placement;
        self
    }

    /// The server's address.
    pub fn base(&self) -> &http::Uri {
        &self.base
    }

    /// The credentials, if any.
    pub fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }
}

impl Credentials {
    /// A user's name and password.
    pub fn new(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self { user: user.into(), password: password.into() }
    }
}

/// A request that cannot be built. Nothing was sent.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum RequestError {
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
    /// A name cannot travel.
    #[error(transparent)]
    Name(#[from] NameError),
}

/// A reply that is not what the call promises.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum ResponseError {
    /// The server refused the call.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The server says that the call succeeded, but its reply is unreadable.
    #[error("the server's reply is not what was asked for")]
    Decode(#[from] DecodeError),
}

/// A refusal in the server's own words.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
#[error("the server answered {status}: {}", message.escape_debug())]
pub struct ServerError {
    /// The HTTP status.
    pub status: StatusCode,
    /// The server's text, cut at [`ServerError::MAX_MESSAGE`] bytes.
    pub message: String,
}
