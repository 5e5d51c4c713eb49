//! What can go wrong on the way to a peer and back, and how far the request had come.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::Endpoint;

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
            Phase::Send | Phase::AwaitResponse => Delivery::MaybeSent,
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

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let peer: &dyn fmt::Display = match &self.0.endpoint {
            Some(endpoint) => endpoint,
            None => &"the peer",
        };
        match self.0.kind {
            ErrorKind::Certificate(reason) => {
                write!(f, "the certificate of {peer} cannot be trusted: {reason}")
            }
            ErrorKind::Closed => match self.0.phase {
                Phase::Handshake => write!(f, "{peer} closed the connection during the handshake"),
                Phase::AwaitResponse => write!(f, "{peer} closed the connection without an answer"),
                Phase::ReadBody => {
                    write!(f, "{peer} closed the connection before the end of its answer")
                }
                _ => write!(f, "{peer} closed the connection"),
            },
            ErrorKind::Invalid(reason) => f.write_str(reason),
            ErrorKind::Io => match self.0.phase {
                Phase::Bind => write!(f, "could not use the local address {peer}"),
                Phase::Resolve => write!(f, "could not find the address of {peer}"),
                Phase::Connect => write!(f, "could not connect to {peer}"),
                Phase::Handshake => write!(f, "the handshake with {peer} failed"),
                Phase::Send => write!(f, "could not send to {peer}"),
                Phase::AwaitResponse => write!(f, "could not receive an answer of {peer}"),
                Phase::ReadBody => write!(f, "could not receive the whole answer of {peer}"),
            },
            ErrorKind::Protocol => match self.0.phase {
                Phase::Handshake => write!(f, "{peer} does not speak TLS on this port"),
                _ => write!(f, "{peer} sent an answer that breaks the protocol"),
            },
            ErrorKind::Timeout(limit) => {
                let limit = Limit(limit);
                match self.0.phase {
                    Phase::Resolve => {
                        write!(f, "the address of {peer} was not found within {limit}")
                    }
                    Phase::Connect => {
                        write!(f, "{peer} did not accept a connection within {limit}")
                    }
                    Phase::Handshake => {
                        write!(f, "{peer} did not finish the handshake within {limit}")
                    }
                    Phase::Send => write!(f, "{peer} took no more of the request for {limit}"),
                    Phase::ReadBody => write!(f, "{peer} sent no more of its answer for {limit}"),
                    Phase::Bind | Phase::AwaitResponse => {
                        write!(f, "{peer} did not answer within {limit}")
                    }
                }
            }
            ErrorKind::TooLarge { limit, size: Some(size) } => {
                write!(f, "a message of {size} bytes exceeds the limit of {limit} bytes")
            }
            ErrorKind::TooLarge { limit, size: None } => {
                write!(f, "the answer of {peer} exceeds the limit of {limit} bytes")
            }
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The peer's certificate cannot be trusted. The text says why.
    Certificate(&'static str),
    /// The peer closed or reset the connection.
    Closed,
    /// The caller asked for what cannot be done. The text says what.
    Invalid(&'static str),
    /// The operating system, or the library that encrypts, reported an error; the source has it.
    Io,
    /// The peer's bytes are not the protocol, or exceed its limits.
    Protocol,
    /// A time limit of ours, of this length, ended it.
    Timeout(Duration),
    /// A message is larger than its limit.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
        /// The message's size in bytes, if it is known.
        size: Option<usize>,
    },
}

impl ErrorKind {
    /// What an I/O error on an open connection means.
    #[cfg(any(feature = "http", feature = "tls"))]
    pub(crate) fn of_io(kind: std::io::ErrorKind) -> Self {
        use std::io::ErrorKind as Io;

        match kind {
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

/// The step of an exchange, in the order in which they come.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Phase {
    /// Taking a local address.
    Bind,
    /// Finding the peer's address.
    Resolve,
    /// Connecting to it.
    Connect,
    /// Agreeing on encryption.
    Handshake,
    /// Sending the request.
    Send,
    /// Waiting for the answer to begin.
    AwaitResponse,
    /// Reading the answer.
    ReadBody,
}

/// Whether the peer may have seen the request: what a retry depends on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a request was not sent, perhaps sent or answered")]
pub enum Delivery {
    /// No byte of it left this program: sending it again cannot repeat it.
    NotSent,
    /// The peer may have seen and executed it.
    MaybeSent,
    /// The peer has begun to answer it.
    Answered,
}

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    phase: Phase,
    delivery: Delivery,
    endpoint: Option<Endpoint>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// A time limit in the unit in which it is a whole number.
struct Limit(Duration);

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.subsec_nanos() == 0 {
            write!(f, "{} s", self.0.as_secs())
        } else {
            write!(f, "{} ms", self.0.as_millis())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: ErrorKind, phase: Phase, expected: &str) {
        let endpoint = Endpoint::new("localhost", 8086).unwrap();
        let error = Error::new(kind, phase).with_endpoint(&endpoint).with_source("the cause");
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.source().unwrap().to_string(), "the cause");
    }

    #[test]
    fn display_is_one_level_in_plain_words() {
        let timeout = ErrorKind::Timeout(Duration::from_secs(30));
        let closed = ErrorKind::Closed;
        check(ErrorKind::Io, Phase::Resolve, "could not find the address of localhost:8086");
        check(ErrorKind::Io, Phase::Connect, "could not connect to localhost:8086");
        check(timeout, Phase::AwaitResponse, "localhost:8086 did not answer within 30 s");
        check(timeout, Phase::Send, "localhost:8086 took no more of the request for 30 s");
        check(
            ErrorKind::Timeout(Duration::from_millis(1500)),
            Phase::Connect,
            "localhost:8086 did not accept a connection within 1500 ms",
        );
        check(
            ErrorKind::Certificate("it has expired"),
            Phase::Handshake,
            "the certificate of localhost:8086 cannot be trusted: it has expired",
        );
        check(
            ErrorKind::Protocol,
            Phase::AwaitResponse,
            "localhost:8086 sent an answer that breaks the protocol",
        );
        check(
            closed,
            Phase::AwaitResponse,
            "localhost:8086 closed the connection without an answer",
        );
        check(
            closed,
            Phase::ReadBody,
            "localhost:8086 closed the connection before the end of its answer",
        );
        check(
            ErrorKind::TooLarge { limit: 64, size: None },
            Phase::ReadBody,
            "the answer of localhost:8086 exceeds the limit of 64 bytes",
        );
        check(
            ErrorKind::TooLarge { limit: 64, size: Some(65) },
            Phase::Send,
            "a message of 65 bytes exceeds the limit of 64 bytes",
        );
    }

    #[test]
    fn the_phase_implies_the_delivery() {
        for (phase, expected) in [
            (Phase::Bind, Delivery::NotSent),
            (Phase::Handshake, Delivery::NotSent),
            (Phase::Send, Delivery::MaybeSent),
            (Phase::AwaitResponse, Delivery::MaybeSent),
            (Phase::ReadBody, Delivery::Answered),
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
