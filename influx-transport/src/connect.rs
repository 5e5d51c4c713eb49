//! Byte streams to a peer.

use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::{Endpoint, Error, ErrorKind, Phase};

/// Opens byte streams to one peer: over TCP, over TLS, in memory.
///
/// Every call opens a new stream, and looks a name up again.
pub trait Connect: Send + Sync + 'static {
    /// The byte stream. Dropping it closes the connection.
    type Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// Opens a stream, within a time limit of its own.
    ///
    /// # Errors
    ///
    /// No connection was opened; nothing was sent.
    ///
    /// # Cancel safety
    ///
    /// A dropped future leaves no connection behind.
    fn connect(&self) -> impl Future<Output = Result<Self::Stream, Error>> + Send;

    /// The address to connect to, for error texts and `Host` headers.
    fn endpoint(&self) -> &Endpoint;
}

impl Endpoint {
    /// A name or an address, and a port. An IPv6 address may stand in brackets.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`] if the host is empty or the port is 0.
    pub fn new(host: impl Into<String>, port: u16) -> Result<Self, Error> {
        let invalid = |reason| Error::new(ErrorKind::Invalid(reason), Phase::Resolve);
        Self::parse(host.into(), port).map_err(invalid)
    }
}

/// Waits for `work` until the time limit of this phase.
pub(crate) async fn deadline<T>(
    limit: Duration,
    phase: Phase,
    endpoint: &Endpoint,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    match tokio::time::timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(Error::new(ErrorKind::Timeout(limit), phase).with_endpoint(endpoint)),
    }
}
