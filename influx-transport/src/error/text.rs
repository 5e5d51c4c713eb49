//! The texts of errors.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::time::Duration;

use super::{CertificateFault, Error, ErrorKind, Phase};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let peer: &dyn fmt::Display = match &self.0.endpoint {
            Some(endpoint) => endpoint,
            None => &"the peer",
        };
        if let Some(file) = &self.0.file {
            write!(f, "{}: ", file.display())?;
        }
        match self.0.kind {
            ErrorKind::Certificate(CertificateFault::Demanded) => {
                write!(f, "{peer} demands a client certificate")
            }
            ErrorKind::Certificate(CertificateFault::Refused) => {
                write!(f, "{peer} does not accept the client certificate")
            }
            ErrorKind::Certificate(fault) => {
                write!(f, "the certificate of {peer} cannot be trusted: {fault}")
            }
            ErrorKind::Closed => match self.0.phase {
                Phase::Handshake => write!(f, "{peer} closed the connection during the handshake"),
                Phase::Response => write!(f, "{peer} closed the connection without an answer"),
                Phase::Body => {
                    write!(f, "{peer} closed the connection before the end of its answer")
                }
                Phase::Receive => write!(f, "{peer} closed the connection inside a message"),
                _ => write!(f, "{peer} closed the connection"),
            },
            ErrorKind::Ended => write!(f, "the task for {peer}, or its runtime, has ended"),
            ErrorKind::Invalid(reason) => f.write_str(reason),
            ErrorKind::Io => {
                match self.0.phase {
                    Phase::Bind => write!(f, "could not use the local address {peer}"),
                    Phase::Resolve => write!(f, "could not find the address of {peer}"),
                    Phase::Connect => write!(f, "could not connect to {peer}"),
                    Phase::Handshake => write!(f, "the handshake with {peer} failed"),
                    Phase::Send => write!(f, "could not send to {peer}"),
                    Phase::Response => write!(f, "could not receive an answer from {peer}"),
                    Phase::Body => write!(f, "could not receive the whole answer from {peer}"),
                    Phase::Call => write!(f, "the call to {peer} failed"),
                    Phase::Receive => write!(f, "could not receive a message from {peer}"),
                }?;
                match self.cause() {
                    Some(cause) => write!(f, ": {cause}"),
                    None => Ok(()),
                }
            }
            ErrorKind::Protocol => match self.0.phase {
                Phase::Handshake => write!(f, "{peer} does not speak TLS 1.2 or 1.3 on this port"),
                _ => write!(f, "{peer} violated the protocol"),
            },
            ErrorKind::Timeout(limit) => {
                let limit = Limit(limit);
                match self.0.phase {
                    Phase::Resolve => write!(f, "found no address of {peer} within {limit}"),
                    Phase::Connect => {
                        write!(f, "{peer} did not accept a connection within {limit}")
                    }
                    Phase::Handshake => {
                        write!(f, "{peer} did not finish the handshake within {limit}")
                    }
                    Phase::Send => write!(f, "{peer} stopped reading the request for {limit}"),
                    Phase::Body => write!(f, "{peer} stopped sending its answer for {limit}"),
                    Phase::Call => write!(f, "the call to {peer} did not end within {limit}"),
                    Phase::Receive => write!(f, "{peer} sent no message for {limit}"),
                    Phase::Bind | Phase::Response => {
                        write!(f, "{peer} did not answer within {limit}")
                    }
                }
            }
            ErrorKind::TooLarge { what, limit } => {
                let way = if self.0.phase == Phase::Send { "for" } else { "from" };
                write!(f, "the {what} {way} {peer} exceeds the limit of {limit} bytes")
            }
            ErrorKind::TooSlow { min_rate } => {
                write!(f, "{peer} sent its answer at less than {min_rate} bytes per second")
            }
        }
    }
}

impl Error {
    /// A short text for the system's error, if a person can act upon it.
    fn cause(&self) -> Option<&'static str> {
        use io::ErrorKind as Io;

        Some(match self.source()?.downcast_ref::<io::Error>()?.kind() {
            Io::AddrInUse => "address in use",
            Io::AddrNotAvailable => "address not available",
            Io::ConnectionRefused => "connection refused",
            Io::ConnectionReset => "connection reset",
            Io::HostUnreachable => "host unreachable",
            Io::NetworkDown => "network down",
            Io::NetworkUnreachable => "network unreachable",
            Io::NotFound => "not found",
            Io::PermissionDenied => "permission denied",
            Io::TimedOut => "timed out",
            _ => return None,
        })
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
    use super::*;
    use crate::Endpoint;

    fn check(kind: ErrorKind, phase: Phase, expected: &str) {
        let endpoint = Endpoint::new("localhost", 8080).unwrap();
        let error = Error::new(kind, phase).with_endpoint(&endpoint).with_source("the cause");
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.source().unwrap().to_string(), "the cause");
    }

    #[test]
    fn display_is_one_level_in_plain_words() {
        let timeout = ErrorKind::Timeout(Duration::from_secs(30));
        let certificate = ErrorKind::Certificate;
        for (kind, phase, expected) in [
            (ErrorKind::Io, Phase::Resolve, "could not find the address of localhost:8080"),
            (ErrorKind::Io, Phase::Connect, "could not connect to localhost:8080"),
            (ErrorKind::Io, Phase::Response, "could not receive an answer from localhost:8080"),
            (
                ErrorKind::Ended,
                Phase::Send,
                "the task for localhost:8080, or its runtime, has ended",
            ),
            (timeout, Phase::Response, "localhost:8080 did not answer within 30 s"),
            (timeout, Phase::Send, "localhost:8080 stopped reading the request for 30 s"),
            (timeout, Phase::Call, "the call to localhost:8080 did not end within 30 s"),
            (
                ErrorKind::Timeout(Duration::from_millis(1500)),
                Phase::Connect,
                "localhost:8080 did not accept a connection within 1500 ms",
            ),
            (
                certificate(CertificateFault::Expired),
                Phase::Handshake,
                "the certificate of localhost:8080 cannot be trusted: it has expired",
            ),
            (
                certificate(CertificateFault::Demanded),
                Phase::Response,
                "localhost:8080 demands a client certificate",
            ),
            (ErrorKind::Protocol, Phase::Response, "localhost:8080 violated the protocol"),
            (
                ErrorKind::Closed,
                Phase::Response,
                "localhost:8080 closed the connection without an answer",
            ),
            (
                ErrorKind::Closed,
                Phase::Body,
                "localhost:8080 closed the connection before the end of its answer",
            ),
            (
                ErrorKind::Closed,
                Phase::Receive,
                "localhost:8080 closed the connection inside a message",
            ),
            (
                ErrorKind::TooLarge { what: "answer", limit: 64 },
                Phase::Body,
                "the answer from localhost:8080 exceeds the limit of 64 bytes",
            ),
            (
                ErrorKind::TooLarge { what: "datagram", limit: 64 },
                Phase::Send,
                "the datagram for localhost:8080 exceeds the limit of 64 bytes",
            ),
            (
                ErrorKind::TooSlow { min_rate: 100 },
                Phase::Body,
                "localhost:8080 sent its answer at less than 100 bytes per second",
            ),
        ] {
            check(kind, phase, expected);
        }
    }

    #[test]
    fn a_cause_that_people_can_act_upon_is_named() {
        let text = |cause: io::Error| {
            Error::new(ErrorKind::Io, Phase::Connect).with_source(cause).to_string()
        };
        let refused = io::ErrorKind::ConnectionRefused;
        assert_eq!(text(refused.into()), "could not connect to the peer: connection refused");
        assert_eq!(text(io::Error::other("?")), "could not connect to the peer");
    }
}
