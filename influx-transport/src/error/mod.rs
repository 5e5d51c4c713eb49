//! What can go wrong on the way to a peer and back, and how far the request had come.

mod certificate;
mod kind;
mod text;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::Endpoint;

pub use self::certificate::CertificateFault;
pub use self::kind::{Delivery, ErrorKind, Phase};

/// An exchange that failed.
///
/// It says what happened ([`kind`](Self::kind)), in which step ([`phase`](Self::phase)) and, what
/// a retry depends on, whether the peer may have seen the request
/// ([`delivery`](Self::delivery)). `Display` prints this level only, with the endpoint and the
/// limit that was hit; [`source`](StdError::source) has the cause. It holds no credential, no
/// path and no query. Clones share the cause.
#[derive(Clone)]
pub struct Error(Box<Inner>);

impl Error {
    /// An error of this kind in this phase, for implementers of [`Connect`](crate::Connect) and
    /// [`Transport`](crate::Transport).
    ///
    /// The delivery follows from the phase: before [`Phase::Send`] nothing was sent, from
    /// [`Phase::ReadBody`] on the peer has answered, and in between nobody knows.
    pub fn new(kind: ErrorKind, phase: Phase) -> Self {
        let delivery = match phase {
            Phase::Bind | Phase::Resolve | Phase::Connect | Phase::Handshake => Delivery::NotSent,
            Phase::Send | Phase::AwaitResponse | Phase::Receive => Delivery::MaybeSent,
            Phase::ReadBody => Delivery::Answered,
        };
        Self(Box::new(Inner { kind, phase, delivery, endpoint: None, source: None }))
    }

    /// Replaces the delivery that follows from the phase.
    #[must_use]
    pub fn with_delivery(mut self, delivery: Delivery) -> Self {
        self.0.delivery = delivery;
        self
    }

    /// Names the peer.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: &Endpoint) -> Self {
        self.0.endpoint = Some(endpoint.clone());
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// What happened.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The step in which it happened.
    pub fn phase(&self) -> Phase {
        self.0.phase
    }

    /// Whether the peer may have seen the request.
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// The peer, if there is one.
    pub fn endpoint(&self) -> Option<&Endpoint> {
        self.0.endpoint.as_ref()
    }

    /// Whether a time limit of ours ended it.
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Timeout(_))
    }

    /// Whether no connection came about: the name, the address or the handshake failed.
    pub fn is_connect(&self) -> bool {
        matches!(self.0.phase, Phase::Resolve | Phase::Connect | Phase::Handshake)
    }

    /// Whether the peer closed or reset the connection.
    pub fn is_closed(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Closed)
    }

    /// Whether a message was larger than its limit.
    pub fn is_too_large(&self) -> bool {
        matches!(self.0.kind, ErrorKind::TooLarge { .. })
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("phase", &self.0.phase)
            .field("delivery", &self.0.delivery)
            .field("endpoint", &self.0.endpoint)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    phase: Phase,
    delivery: Delivery,
    endpoint: Option<Endpoint>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phase_implies_the_delivery() {
        for (phase, expected) in [
            (Phase::Bind, Delivery::NotSent),
            (Phase::Handshake, Delivery::NotSent),
            (Phase::Send, Delivery::MaybeSent),
            (Phase::AwaitResponse, Delivery::MaybeSent),
            (Phase::ReadBody, Delivery::Answered),
            (Phase::Receive, Delivery::MaybeSent),
        ] {
            assert_eq!(Error::new(ErrorKind::Io, phase).delivery(), expected, "{phase:?}");
        }
        let error = Error::new(ErrorKind::Io, Phase::Send).with_delivery(Delivery::NotSent);
        assert_eq!(error.delivery(), Delivery::NotSent);
    }

    #[test]
    fn an_error_crosses_threads_and_lives_as_long_as_it_likes() {
        fn check<T: Send + Sync + 'static>() {}
        check::<Error>();
    }
}
