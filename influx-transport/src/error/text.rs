//! What is said of an error: one level, in plain words.

use std::fmt;
use std::time::Duration;

use super::{Error, ErrorKind, Phase};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let peer: &dyn fmt::Display = match &self.0.endpoint {
            Some(endpoint) => endpoint,
            None => &"the peer",
        };
        match self.0.kind {
            ErrorKind::Certificate(fault) => {
                write!(f, "the certificate of {peer} cannot be trusted: {fault}")
            }
            ErrorKind::Closed => match self.0.phase {
                Phase::Handshake => write!(f, "{peer} closed the connection during the handshake"),
                Phase::AwaitResponse => write!(f, "{peer} closed the connection without an answer"),
                Phase::ReadBody => {
                    write!(f, "{peer} closed the connection before the end of its answer")
                }
                Phase::Receive => write!(f, "{peer} closed the connection inside a message"),
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
                Phase::Receive => write!(f, "could not receive a message of {peer}"),
            },
            ErrorKind::Protocol => match self.0.phase {
                Phase::Handshake => write!(f, "{peer} does not speak TLS 1.2 or 1.3 on this port"),
                Phase::Receive => write!(f, "{peer} sent what breaks the protocol"),
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
                    Phase::Receive => write!(f, "{peer} sent no message for {limit}"),
                    Phase::Bind | Phase::AwaitResponse => {
                        write!(f, "{peer} did not answer within {limit}")
                    }
                }
            }
            ErrorKind::TooLarge { limit, size: Some(size) } => {
                write!(f, "a message of {size} bytes exceeds the limit of {limit} bytes")
            }
            ErrorKind::TooLarge { limit, size: None } => {
                let what = match self.0.phase {
                    Phase::Send => "a message for",
                    Phase::Receive => "a message of",
                    _ => "the answer of",
                };
                write!(f, "{what} {peer} exceeds the limit of {limit} bytes")
            }
        }
    }
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
    use std::error::Error as _;

    use super::*;
    use crate::{CertificateFault, Endpoint};

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
            ErrorKind::Certificate(CertificateFault::Expired),
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
        check(
            ErrorKind::TooLarge { limit: 64, size: None },
            Phase::Receive,
            "a message of localhost:8086 exceeds the limit of 64 bytes",
        );
        check(closed, Phase::Receive, "localhost:8086 closed the connection inside a message");
    }
}
