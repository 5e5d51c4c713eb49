//! The error of all calls, cursors and relays.

mod display;
mod hint;
mod judge;
mod kind;
mod tls;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use influx_proto::{EncodeError, Outcome, RequestError, ServerError};
use influx_transport::{Delivery, Error as TransportError, ErrorKind as TransportErrorKind, Phase};

pub(crate) use self::judge::Judge;
pub use self::kind::ErrorKind;
use crate::retry::Failure;
use crate::{ConfigError, Sent, Written};

/// The error of everything between a program and its database.
///
/// Its text names the host and has two levels of causes; `source()` has the levels below. A DSN
/// that cannot be read and points that cannot be encoded concern no host. No level shows a
/// password or a token, and the texts of servers are escaped and bounded.
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
    hint: Option<Cow<'static, str>>,
    attempts: u32,
    elapsed: Duration,
    written: Option<Written>,
    sent: Option<Sent>,
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
            sent: None,
        }))
    }

    /// The call needs a database, and the configuration names none.
    pub(crate) fn no_database() -> Self {
        let hint = "name one in the DSN, as in influxdb://host/DATABASE, or call `database`";
        Self::new(ErrorKind::NoDatabase, Outcome::Hold, Delivery::NotSent).with_hint(hint)
    }

    /// The server is of another generation.
    pub(crate) fn wrong_dialect(found: String) -> Self {
        let hint = "use a DSN whose scheme names the server's generation";
        Self::new(ErrorKind::WrongDialect { found }, Outcome::Hold, Delivery::Answered)
            .with_hint(hint)
    }

    /// Names the server, unless the error names it already.
    pub(crate) fn at(mut self, host: &Arc<str>) -> Self {
        let has_endpoint = |error: &TransportError| error.endpoint().is_some();
        if !matches!(&self.0.kind, ErrorKind::Transport(error) if has_endpoint(error)) {
            self.0.host.get_or_insert_with(|| Arc::clone(host));
        }
        self
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint = Some(hint.into());
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

    /// The same error as that of a write without answers of which a part was sent.
    pub(crate) fn after_sending(mut self, sent: Sent) -> Self {
        self.0.sent = Some(sent);
        self
    }

    /// A call without answers took longer than its limit.
    pub(crate) fn call_timeout(limit: Duration, delivery: Delivery) -> Self {
        Self::new(ErrorKind::Timeout { limit, last: None }, Outcome::Unknown, delivery)
            .with_hint("raise call_timeout in the DSN, or write fewer points in one call")
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

    /// The points that a writer without answers handed to the network; `None` if it tried to send
    /// none.
    pub fn sent(&self) -> Option<Sent> {
        self.0.sent
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

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Error {
    /// The levels below those that the text of this error shows.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.kind {
            ErrorKind::Timeout { last, .. } => last.as_ref()?.source(),
            _ => self.below()?.source()?.source(),
        }
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        let hint = error.hint();
        Self::new(ErrorKind::Config(error), Outcome::Hold, Delivery::NotSent).with_hint(hint)
    }
}

impl From<EncodeError> for Error {
    fn from(error: EncodeError) -> Self {
        Self::new(ErrorKind::Encode(error), Outcome::Refused, Delivery::NotSent)
    }
}

impl From<RequestError> for Error {
    fn from(error: RequestError) -> Self {
        let hint = hint::of_request(&error);
        let mut error = Self::new(ErrorKind::Request(error), Outcome::Refused, Delivery::NotSent);
        error.0.hint = hint;
        error
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
    let is_broken = matches!(error.kind(), TransportErrorKind::Closed | TransportErrorKind::Io);
    error.is_timeout() || is_broken && error.phase() != Phase::Handshake
}
