//! The error of all calls, cursors and relays.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use influx_proto::{
    Dialect, EncodeError, Outcome, RequestError, ResponseError, RowError, ServerError,
};
use influx_transport::{Delivery, Error as TransportError, ErrorKind as TransportErrorKind, Phase};

use crate::retry::Failure;
use crate::{ConfigError, Written, hint};

/// The error of everything between a program and its database.
///
/// Its text has the host and two levels of causes; `source()` has the levels below. No level
/// shows a password or a token, and the texts of servers are escaped.
///
/// [`Error::outcome`] says how to go on, [`Error::delivery`] how far the request came, and
/// [`Error::hint`] how a person can correct it.
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    /// The server, unless the cause names it.
    host: Option<Arc<str>>,
    outcome: Outcome,
    delivery: Delivery,
    hint: Option<&'static str>,
    attempts: u32,
    elapsed: Duration,
    written: Option<Written>,
}

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

/// The name of a server and the judgement of its dialect, which make errors of its answers.
#[derive(Clone, Debug)]
pub(crate) struct Judge {
    host: Arc<str>,
    outcome: fn(&ResponseError) -> Outcome,
    hint: fn(&ServerError) -> Option<&'static str>,
}

impl Judge {
    pub(crate) fn new<D: Dialect>(host: Arc<str>) -> Self {
        Self { host, outcome: ResponseError::outcome::<D>, hint: D::hint }
    }

    /// The server refused.
    pub(crate) fn refusal(&self, refusal: ServerError) -> Error {
        self.response(refusal.into())
    }

    /// The answer is not what was asked for.
    pub(crate) fn response(&self, error: ResponseError) -> Error {
        let outcome = (self.outcome)(&error);
        let (hint, kind) = match error {
            ResponseError::Server(refusal) => ((self.hint)(&refusal), ErrorKind::Server(refusal)),
            other => (None, ErrorKind::Response(other)),
        };
        Error::new(kind, outcome, Delivery::Answered).with_hint(hint).at(&self.host)
    }

    /// A row does not fit.
    pub(crate) fn row(&self, series: Option<&str>, source: RowError) -> Error {
        let kind = ErrorKind::Row { series: series.unwrap_or_default().to_owned(), source };
        Error::new(kind, Outcome::Refused, Delivery::Answered).at(&self.host)
    }

    /// The transport failed.
    pub(crate) fn transport(&self, error: TransportError) -> Error {
        match error.kind() {
            TransportErrorKind::TooLarge { limit, .. } if error.phase() == Phase::Body => {
                self.too_large(limit)
            }
            _ if error.endpoint().is_none() => Error::from(error).at(&self.host),
            _ => error.into(),
        }
    }

    /// The answer is larger than the limit in bytes.
    pub(crate) fn too_large(&self, limit: usize) -> Error {
        let kind = ErrorKind::TooLarge { what: "answer", limit };
        Error::new(kind, Outcome::Refused, Delivery::Answered).at(&self.host)
    }

    /// The call passed its limit.
    pub(crate) fn timeout(&self, limit: Duration, last: Option<Box<Error>>) -> Error {
        let kind = ErrorKind::Timeout { limit, last };
        Error::new(kind, Outcome::Unknown, Delivery::MaybeSent).at(&self.host)
    }
}

impl Error {
    fn new(kind: ErrorKind, outcome: Outcome, delivery: Delivery) -> Self {
        Self(Box::new(Inner {
            kind,
            host: None,
            outcome,
            delivery,
            hint: None,
            attempts: 1,
            elapsed: Duration::ZERO,
            written: None,
        }))
    }

    /// The call needs a database, and the configuration names none.
    pub(crate) fn no_database() -> Self {
        let hint = "name one in the DSN, as in influxdb://host/DATABASE, or call `database`";
        Self::new(ErrorKind::NoDatabase, Outcome::Hold, Delivery::NotSent).with_hint(Some(hint))
    }

    /// The server is of another generation.
    pub(crate) fn wrong_dialect(found: String) -> Self {
        let hint = "use a DSN whose scheme names the server's generation";
        Self::new(ErrorKind::WrongDialect { found }, Outcome::Hold, Delivery::Answered)
            .with_hint(Some(hint))
    }

    fn at(mut self, host: &Arc<str>) -> Self {
        self.0.host = Some(Arc::clone(host));
        self
    }

    fn with_hint(mut self, hint: Option<&'static str>) -> Self {
        self.0.hint = hint;
        self
    }

    /// The same error as the result of several attempts.
    pub(crate) fn after(mut self, attempts: u32, elapsed: Duration, delivery: Delivery) -> Self {
        (self.0.attempts, self.0.elapsed, self.0.delivery) = (attempts, elapsed, delivery);
        self
    }

    /// The same error as that of a write of which a part is stored.
    pub(crate) fn behind(mut self, written: Written) -> Self {
        self.0.written = Some(written);
        self
    }

    /// The event.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The meaning for the points or the call.
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// How far the request came in any of its attempts: whether the server may have carried it
    /// out.
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// How many attempts were made.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The points that earlier requests of the same write have stored; `None` if this was the first.
    pub fn written(&self) -> Option<Written> {
        self.0.written
    }

    /// The server's refusal, if that is what happened.
    pub fn server(&self) -> Option<&ServerError> {
        match &self.0.kind {
            ErrorKind::Server(error) => Some(error),
            _ => None,
        }
    }

    /// The transport's error, if that is what happened.
    pub fn transport(&self) -> Option<&TransportError> {
        match &self.0.kind {
            ErrorKind::Transport(error) => Some(error),
            ErrorKind::Timeout { last: Some(last), .. } => last.transport(),
            _ => None,
        }
    }

    /// Whether the server could not be reached at all.
    pub fn is_connect(&self) -> bool {
        self.transport().is_some_and(TransportError::is_connect)
    }

    /// Whether a time limit was passed.
    pub fn is_timeout(&self) -> bool {
        match &self.0.kind {
            ErrorKind::Timeout { .. } => true,
            ErrorKind::Transport(error) => error.is_timeout(),
            _ => false,
        }
    }

    /// How a person can correct it, where that is known: one sentence without a full stop.
    pub fn hint(&self) -> Option<&'static str> {
        if self.0.hint.is_some() {
            return self.0.hint;
        }
        if let Some(error) = self.transport()
            && let Some(hint) = hint::of_tls(error.kind(), error.phase())
        {
            return Some(hint);
        }
        match (&self.0.kind, self.transport().map(TransportError::kind)) {
            (ErrorKind::Config(error), _) => Some(error.hint()),
            (_, Some(_)) if self.is_connect() => {
                Some("start the server, or correct host and port in the DSN")
            }
            (ErrorKind::TooLarge { .. }, _) => {
                Some("raise max_response, or read the answer piece by piece")
            }
            (ErrorKind::Timeout { .. }, _) => {
                Some("raise call_timeout, or send fewer points in one request by max_points")
            }
            _ => None,
        }
    }

    /// The error of another layer that this one is about.
    fn below(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.kind {
            ErrorKind::Config(error) => Some(error),
            ErrorKind::Encode(error) => Some(error),
            ErrorKind::Request(error) => Some(error),
            ErrorKind::Response(error) => Some(error),
            ErrorKind::Server(error) => Some(error),
            ErrorKind::Transport(error) => Some(error),
            ErrorKind::NoDatabase
            | ErrorKind::Row { .. }
            | ErrorKind::Timeout { .. }
            | ErrorKind::TooLarge { .. }
            | ErrorKind::WrongDialect { .. } => None,
        }
    }

    /// The facts that a retry needs of this error.
    pub(crate) fn failure(&self) -> Failure {
        let transient = match &self.0.kind {
            ErrorKind::Transport(error) => can_pass(error),
            _ => self.0.outcome == Outcome::Later,
        };
        let retry_after = self.server().and_then(|refusal| refusal.retry_after);
        Failure { delivery: self.0.delivery, transient, retry_after }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, host, attempts, elapsed, written, .. } = &*self.0;
        if let Some(host) = host {
            write!(f, "{host}: ")?;
        }
        match kind {
            ErrorKind::NoDatabase => f.write_str("no database is chosen")?,
            ErrorKind::Row { series, source } => {
                write!(f, "a row of series {series:?} does not fit: {source}")?;
            }
            ErrorKind::Timeout { limit, .. } => {
                write!(f, "the call took longer than its limit of {limit:?}")?;
            }
            ErrorKind::TooLarge { what, limit } => {
                write!(f, "the {what} is larger than the limit of {limit} bytes")?;
            }
            ErrorKind::WrongDialect { found } => {
                write!(f, "the server is of another generation: {}", found.escape_debug())?;
            }
            _ => {
                if let Some(error) = self.below() {
                    write!(f, "{error}")?;
                }
            }
        }
        if let Some(cause) = self.below().and_then(StdError::source) {
            write!(f, ": {cause}")?;
        }
        if *attempts > 1 {
            write!(f, "; gave up after {attempts} attempts in {elapsed:.1?}")?;
        }
        match written {
            Some(Written { points, .. }) => write!(f, "; {points} points before it are stored"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Error {
    /// The levels below those that the text of this error shows.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.kind {
            ErrorKind::Timeout { last, .. } => last.as_deref().map(|last| last as _),
            _ => self.below()?.source()?.source(),
        }
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::new(ErrorKind::Config(error), Outcome::Hold, Delivery::NotSent)
    }
}

impl From<EncodeError> for Error {
    fn from(error: EncodeError) -> Self {
        Self::new(ErrorKind::Encode(error), Outcome::Refused, Delivery::NotSent)
    }
}

impl From<RequestError> for Error {
    fn from(error: RequestError) -> Self {
        Self::new(ErrorKind::Request(error), Outcome::Refused, Delivery::NotSent)
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        let delivery = error.delivery();
        let outcome = match delivery {
            Delivery::NotSent if can_pass(&error) => Outcome::Later,
            // A refused certificate stays refused until a person acts.
            Delivery::NotSent if error.phase() == Phase::Handshake => Outcome::Hold,
            Delivery::NotSent => Outcome::Refused,
            _ => Outcome::Unknown,
        };
        Self::new(ErrorKind::Transport(error), outcome, delivery)
    }
}

/// Whether another attempt can end otherwise.
fn can_pass(error: &TransportError) -> bool {
    use TransportErrorKind::{Closed, Io, Timeout};
    match error.phase() {
        Phase::Handshake => error.is_timeout(),
        _ => matches!(error.kind(), Closed | Io | Timeout(_)),
    }
}
