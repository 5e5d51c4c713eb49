//! What can happen, in which step, and whether the peer may have seen the request.

use std::time::Duration;

use super::CertificateFault;

/// What happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The peer's certificate cannot be trusted, for this reason.
    Certificate(CertificateFault),
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
    #[cfg(any(feature = "framed", feature = "http", feature = "tls"))]
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
    /// Reading what the peer sends unasked, as servers do.
    Receive,
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
