//! What can go wrong between a program and its database.

use std::time::Duration;

use http::StatusCode;
use influx_proto::json::DecodeError;
use influx_proto::{RequestError, ResponseError, RowError, ServerError, ServerErrorKind};
use influx_transport::{Delivery, Error as TransportError, ErrorKind, Phase};
use thiserror::Error as ThisError;

use crate::ConfigError;
use crate::retry::Failure;

/// What can go wrong between a program and its database.
///
/// Shows its own level only; `source()` has the rest. No level ever holds a password.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// A batched write stopped half-way.
    #[error("{written} of {points} points are written, then a batch failed")]
    Batch {
        /// How many points the server has accepted, from the first on.
        written: usize,
        /// How many points there are in all.
        points: usize,
        /// How many points the failed batch has; the rest was not sent.
        failed: usize,
        /// Why the batch failed. Its [`Error::delivery`] says whether it may be stored.
        source: Box<Self>,
    },
    /// The configuration is unusable.
    #[error("the configuration is unusable")]
    Config(#[from] ConfigError),
    /// The call ran out of time.
    #[error("gave up in attempt {attempts}: the deadline of {deadline:?} is over")]
    Deadline {
        /// How many attempts were made, the last one unfinished.
        attempts: u32,
        /// The deadline.
        deadline: Duration,
        /// How the attempt before the last one failed.
        #[source]
        last: Option<Box<Self>>,
    },
    /// No database was named.
    #[error("no database is chosen: name one in the DSN, as in influxdb://host/DATABASE")]
    NoDatabase,
    /// Repeating did not help.
    #[error("gave up after {attempts} attempts in {:.1?}", elapsed)]
    Repeated {
        /// How many attempts were made.
        attempts: u32,
        /// How long they took, with the pauses between them.
        elapsed: Duration,
        /// How far the request came in any of them: if the server may have carried out one,
        /// a last one that it refused does not undo that.
        delivery: Delivery,
        /// How the last one failed.
        source: Box<Self>,
    },
    /// The request cannot be built. Nothing was sent.
    #[error("the request cannot be built")]
    Request(#[from] RequestError),
    /// The answer is not what was asked for.
    #[error(transparent)]
    Response(ResponseError),
    /// A row does not fit the type that was asked for.
    #[error("a row of series {series:?} does not fit the type that was asked for")]
    Row {
        /// The series' name.
        series: String,
        /// What does not fit.
        source: RowError,
    },
    /// The server refused.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The server could not be reached, or the connection failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

impl Error {
    /// How far the request came: whether the server may have carried it out.
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::Batch { source, .. } => source.delivery(),
            Self::Repeated { delivery, .. } => *delivery,
            Self::Config(_) | Self::NoDatabase | Self::Request(_) => Delivery::NotSent,
            Self::Response(_) | Self::Row { .. } | Self::Server(_) => Delivery::Answered,
            Self::Deadline { .. } => Delivery::MaybeSent,
            Self::Transport(error) => error.delivery(),
        }
    }

    /// The server's refusal, if that is what went wrong.
    pub fn server(&self) -> Option<&ServerError> {
        match self {
            Self::Batch { source, .. } | Self::Repeated { source, .. } => source.server(),
            Self::Server(error) => Some(error),
            _ => None,
        }
    }

    /// Whether the server could not be reached at all.
    pub fn is_connect(&self) -> bool {
        self.transport().is_some_and(TransportError::is_connect)
    }

    /// Whether a time limit was hit.
    pub fn is_timeout(&self) -> bool {
        matches!(self.root(), Self::Deadline { .. })
            || self.transport().is_some_and(TransportError::is_timeout)
    }

    /// What the user can do about it, where that is known: one sentence without a full stop.
    pub fn hint(&self) -> Option<&'static str> {
        if let Some(server) = self.server() {
            return match server.kind() {
                ServerErrorKind::DatabaseNotFound => {
                    Some("create the database, or name an existing one in the DSN")
                }
                ServerErrorKind::InvalidCredentials => Some(
                    "correct user and password in the DSN, as in influxdb://user:password@host",
                ),
                ServerErrorKind::PermissionDenied => Some("use a user with the needed rights"),
                ServerErrorKind::RouteNotFound => {
                    Some("this server does not speak the API of InfluxDB 0.8")
                }
                _ => None,
            };
        }
        match (self.root(), self.transport().map(TransportError::kind)) {
            (Self::Config(_), _) => Some("write influxdb://user:password@host:port/database"),
            (_, Some(ErrorKind::Certificate(_))) => {
                Some("name the authority by tls_ca, or the certificate's host by tls_server_name")
            }
            (_, Some(ErrorKind::Closed | ErrorKind::Io | ErrorKind::Timeout(_)))
                if self.is_connect() =>
            {
                Some("start the server, or correct host and port in the DSN")
            }
            _ => None,
        }
    }

    /// What a retry needs to know of this error, and of the time that the server asked to wait.
    pub(crate) fn failure(&self, retry_after: Option<Duration>) -> Failure {
        let transient = match self {
            Self::Server(error) => matches!(error.status.as_u16(), 429 | 500 | 502..=504),
            // A refused certificate stays refused.
            Self::Transport(error) if error.phase() == Phase::Handshake => error.is_timeout(),
            Self::Transport(error) => {
                matches!(error.kind(), ErrorKind::Closed | ErrorKind::Io | ErrorKind::Timeout(_))
            }
            _ => false,
        };
        Failure { delivery: self.delivery(), transient, retry_after }
    }

    fn transport(&self) -> Option<&TransportError> {
        match self.root() {
            Self::Transport(error) => Some(error),
            Self::Deadline { last: Some(last), .. } => last.transport(),
            _ => None,
        }
    }

    /// The error below batches and repetitions.
    fn root(&self) -> &Self {
        match self {
            Self::Batch { source, .. } | Self::Repeated { source, .. } => source.root(),
            other => other,
        }
    }
}

impl From<ResponseError> for Error {
    fn from(error: ResponseError) -> Self {
        match error {
            ResponseError::Server(error) => Self::Server(error),
            other => Self::Response(other),
        }
    }
}

impl From<DecodeError> for Error {
    /// The text that the server appends to an answer is its refusal.
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Trailer(text) => {
                Self::Server(ServerError::new(StatusCode::OK, text.as_bytes()))
            }
            other => Self::Response(other.into()),
        }
    }
}
