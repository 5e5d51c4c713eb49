//! The kinds of errors, the phases of an exchange, and how far a request came.

use std::fmt;
use std::time::Duration;

/// The kind of an error.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A certificate was refused, for this reason. Nothing was sent.
    Certificate(CertificateFault),
    /// The peer closed or reset the connection.
    Closed,
    /// The task or the runtime that did the work has ended, by a shutdown or by a panic.
    Ended,
    /// The caller asked for something impossible. The text says what it was.
    Invalid(&'static str),
    /// The operating system or the TLS library reported an error, which is the source.
    Io,
    /// The peer's bytes violate the protocol.
    Protocol,
    /// A time limit of this program was exceeded: the one of the phase. The value is its length.
    Timeout(Duration),
    /// A size limit was exceeded.
    TooLarge {
        /// The noun for the thing that is too large: `answer`, `frame`, `datagram`.
        what: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
    /// The peer was slower for too long than a limit of this program allows.
    TooSlow {
        /// The limit in bytes per second.
        min_rate: u32,
    },
}

/// Why a certificate was refused: that of the peer, except for the last two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CertificateFault {
    /// An authority's own certificate (`CA:TRUE`), which cannot be that of a server, as RFC 5280
    /// has it.
    Authority,
    /// The signature does not match: the certificate was changed, or the named issuer did not
    /// sign it.
    BadSignature,
    /// Too many certificates lead from it to an authority: all that the peer sent exceed 64 KiB, or
    /// more than 6 intermediate ones follow each other.
    ChainTooLong,
    /// Expired, or the clock of this machine is ahead.
    Expired,
    /// The peer presented no certificate.
    Missing,
    /// Not valid yet, or the clock of this machine is behind.
    NotYetValid,
    /// Issued for other names or addresses than the requested one. A certificate for a name does
    /// not serve for the address to which the name leads, nor the other way round.
    OtherName,
    /// Revoked by its issuer.
    Revoked,
    /// Unreadable, or not meant for this use: for example a client's at a server.
    Unsuitable,
    /// Issued by an authority that is not trusted here, or by itself.
    UnknownIssuer,
    /// The server demands a certificate from this client, which has none to present.
    Demanded,
    /// The server does not accept the certificate that this client presented.
    Refused,
}

impl fmt::Display for CertificateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authority => "it is that of an authority (CA:TRUE), not of a server",
            Self::BadSignature => "its signature is wrong",
            Self::ChainTooLong => "its certificate chain is too long",
            Self::Expired => "it has expired",
            Self::Missing => "none was presented",
            Self::NotYetValid => "it is not valid yet",
            Self::OtherName => "it is for another name",
            Self::Revoked => "it was revoked by its issuer",
            Self::Unsuitable => "it is not valid for this use",
            Self::UnknownIssuer => "its issuer is unknown",
            Self::Demanded => "the server demands one from the client",
            Self::Refused => "the server does not accept the client's",
        })
    }
}

/// A phase of an exchange, in the order of time. A time limit is named after its phase:
/// `connect_timeout`, `response_timeout`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Phase {
    /// Taking a local address.
    Bind,
    /// Looking up the peer's address.
    Resolve,
    /// Opening the connection.
    Connect,
    /// Agreeing on encryption.
    Handshake,
    /// Sending the request.
    Send,
    /// Waiting for the answer to begin.
    Response,
    /// Reading the rest of the answer.
    Body,
    /// The whole call, with all its attempts. The transports of this crate do not use it.
    Call,
    /// Reading messages that are not answers, as servers do.
    Receive,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bind => "bind",
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Handshake => "handshake",
            Self::Send => "send",
            Self::Response => "response",
            Self::Body => "body",
            Self::Call => "call",
            Self::Receive => "receive",
        })
    }
}

/// How far a request came, on which a repetition depends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a request was not sent, perhaps sent or answered")]
pub enum Delivery {
    /// The peer has not seen the request: sending it again cannot repeat it.
    NotSent,
    /// The peer may have seen and executed the request.
    MaybeSent,
    /// The peer has begun to answer the request.
    Answered,
}
