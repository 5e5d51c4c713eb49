//! Errors: what can go wrong on the way to a peer and back.

mod kind;
mod text;

use std::error::Error as StdError;
use std::path::PathBuf;
use std::sync::Arc;

use crate::Endpoint;

pub use self::kind::{CertificateFault, Delivery, ErrorKind, Phase};

/// An exchange that failed.
///
/// It says what happened ([`kind`](Self::kind)), in which phase ([`phase`](Self::phase)) and how
/// far the request came ([`delivery`](Self::delivery)), on which a repetition depends. `Display`
/// names the peer, the exceeded limit and, where the system has a short word for it, the cause;
/// [`source`](StdError::source) has the cause itself. It holds no credential, and no path or query
/// of a URL. Clones share the cause.
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);

impl Error {
    /// An error of this kind in this phase, for implementers of [`Connect`](crate::Connect) and
    /// [`Transport`](crate::Transport).
    ///
    /// The delivery follows from the phase: before [`Phase::Send`] nothing was sent, in
    /// [`Phase::Body`] the peer has answered, and otherwise the request may have been sent. A
    /// refused certificate means in every phase that nothing was sent.
    pub fn new(kind: ErrorKind, phase: Phase) -> Self {
        let delivery = match (kind, phase) {
            (ErrorKind::Certificate(_), _)
            | (_, Phase::Bind | Phase::Resolve | Phase::Connect | Phase::Handshake) => {
                Delivery::NotSent
            }
            (_, Phase::Send | Phase::Response | Phase::Call | Phase::Receive) => {
                Delivery::MaybeSent
            }
            (_, Phase::Body) => Delivery::Answered,
        };
        let inner = Inner { kind, phase, delivery, endpoint: None, file: None, source: None };
        Self(Box::new(inner))
    }

    /// An error of the system, with this peer or local address.
    pub(crate) fn io(phase: Phase, endpoint: &Endpoint, source: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, phase).with_endpoint(endpoint).with_source(source)
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

    /// Names the file that holds what is wrong.
    #[cfg(feature = "tls")]
    pub(crate) fn with_file(mut self, path: &std::path::Path) -> Self {
        self.0.file = Some(path.to_owned());
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// The kind of error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The phase in which it happened.
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

    /// Whether a time limit of this program ended it.
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Timeout(_) | ErrorKind::TooSlow { .. })
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

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl ErrorKind {
    /// The meaning of an I/O error on an open connection.
    #[cfg(any(feature = "framed", feature = "http", feature = "tls"))]
    pub(crate) fn of_io(error: &std::io::Error) -> Self {
        use std::io::ErrorKind as Io;

        // A stream that knows more than the system says it in an error of this crate.
        if let Some(error) = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>()) {
            return error.kind();
        }
        match error.kind() {
            Io::BrokenPipe
            | Io::ConnectionAborted
            | Io::ConnectionReset
            | Io::NotConnected
            | Io::UnexpectedEof => Self::Closed,
            // This is how hyper and rustls report bytes that they do not understand.
            Io::InvalidData | Io::InvalidInput => Self::Protocol,
            _ => Self::Io,
        }
    }
}

#[derive(Clone, Debug)]
struct Inner {
    kind: ErrorKind,
    phase: Phase,
    delivery: Delivery,
    endpoint: Option<Endpoint>,
    file: Option<PathBuf>,
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
            (Phase::Response, Delivery::MaybeSent),
            (Phase::Body, Delivery::Answered),
            (Phase::Call, Delivery::MaybeSent),
            (Phase::Receive, Delivery::MaybeSent),
        ] {
            assert_eq!(Error::new(ErrorKind::Io, phase).delivery(), expected, "{phase:?}");
        }
        let demanded = ErrorKind::Certificate(CertificateFault::Demanded);
        assert_eq!(Error::new(demanded, Phase::Response).delivery(), Delivery::NotSent);
        let error = Error::new(ErrorKind::Io, Phase::Send).with_delivery(Delivery::NotSent);
        assert_eq!(error.delivery(), Delivery::NotSent);
    }

    #[test]
    fn an_error_crosses_threads_and_lives_as_long_as_it_likes() {
        fn check<T: Send + Sync + 'static>() {}
        check::<Error>();
    }
}
