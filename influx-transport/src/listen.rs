//! How byte streams from peers come in.

use std::future::Future;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::Endpoint;

/// Accepts byte streams from peers: over TCP, over a Unix socket, in memory.
pub trait Listen: Send + Sync + 'static {
    /// The byte stream. Dropping it closes the connection.
    type Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// Waits for the next peer, however long that takes.
    ///
    /// A server must not end because the system is short of something for a while. Therefore this
    /// cannot fail: it tries again, after a pause that grows from 50 ms to 1 s if the system is
    /// out of file descriptors or memory, and at once if only that peer was lost. The peers wait
    /// in the system's queue meanwhile.
    ///
    /// # Cancel safety
    ///
    /// Safe: no accepted stream is lost.
    fn accept(&self) -> impl Future<Output = (Self::Stream, Endpoint)> + Send;

    /// Where it listens.
    fn endpoint(&self) -> &Endpoint;
}
