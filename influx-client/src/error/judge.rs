//! From the answers of a server to errors.

use std::sync::Arc;
use std::time::Duration;

use influx_proto::{Operation, Outcome, RequestError, ResponseError, RowError, ServerError};
use influx_transport::{Delivery, Error as TransportError, ErrorKind as TransportErrorKind, Phase};

use super::{Error, ErrorKind};

/// The name of a server and the judgement of its dialect, which make errors of its answers.
#[derive(Clone, Debug)]
pub(crate) struct Judge {
    host: Arc<str>,
    outcome: fn(&ResponseError) -> Outcome,
    hint: fn(&ServerError) -> Option<&'static str>,
}

impl Judge {
    /// For the answers to this operation.
    pub(crate) fn new<O: Operation>(host: Arc<str>) -> Self {
        Self { host, outcome: ResponseError::outcome::<O::Dialect>, hint: O::hint }
    }

    /// The request cannot be built.
    pub(crate) fn request(&self, error: RequestError) -> Error {
        Error::from(error).at(&self.host)
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
        let error = Error::new(kind, outcome, Delivery::Answered).at(&self.host);
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
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
            _ => Error::from(error).at(&self.host),
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
