//! The requests that ask a server for its kind.

use http::{Method, StatusCode};

use super::{Identity, UnknownServer, foreign_hint};
use crate::http::RequestBuilder;
use crate::{
    Dialect, FromReply, Idempotency, Operation, Outcome, Reply, Request, RequestError,
    ResponseError, ServerError, Target,
};

/// A request that changes nothing and whose answer may name its server.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Probe {
    /// `GET /ping`, which every known server has.
    Ping,
    /// `GET /health`, which since 1.8 has the version too.
    Health,
    /// `GET /-/healthy`, in which `VictoriaMetrics` names itself.
    Healthy,
}

impl Probe {
    /// All of them, in the order in which to send them.
    pub const ALL: [Self; 3] = [Self::Ping, Self::Health, Self::Healthy];
}

/// A server whose kind is not known, as a [`Dialect`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Unknown;

impl Dialect for Unknown {
    fn outcome(refusal: &ServerError) -> Outcome {
        Outcome::of_status(refusal.status)
    }

    fn hint(refusal: &ServerError) -> Option<&'static str> {
        foreign_hint(refusal, &[])
    }
}

impl Operation for Probe {
    type Dialect = Unknown;
    type Output = Result<Identity, UnknownServer>;
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;

    fn request(&self, target: &Target) -> Result<Request, RequestError> {
        let segments: &[&str] = match self {
            Self::Ping => &["ping"],
            Self::Health => &["health"],
            Self::Healthy => &["-", "healthy"],
        };
        RequestBuilder::new::<Unknown>(target, Method::GET, segments).build()
    }

    fn is_success(&self, status: StatusCode) -> bool {
        status.is_success()
    }

    fn response(&self, reply: &Reply<'_>) -> Result<Self::Output, ResponseError> {
        if self.is_success(reply.status) {
            return Self::Output::from_reply(reply);
        }
        Err(ServerError::from(reply).into())
    }
}

impl FromReply<Unknown> for Result<Identity, UnknownServer> {
    fn from_reply(reply: &Reply<'_>) -> Result<Self, ResponseError> {
        Ok(Identity::of(reply))
    }
}
