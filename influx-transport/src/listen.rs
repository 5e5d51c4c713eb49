//! Byte streams from peers.

use std::future::Future;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::Endpoint;

/// Accepts byte streams from peers: over TCP, over a Unix socket, in memory.
pub trait Listen: Send + Sync + 'static {
    /// The byte stream. Dropping it closes the connection.
    type Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// Waits for the next peer, without a time limit.
    ///
    /// It never fails: a server must not end because the system lacks something for a while. After a
    /// failure that concerns one peer only, it tries again at once. After any other, such as used-up
    /// file descriptors, it pauses for 50 ms, growing to 1 s, and the peers wait in the system's
    /// queue.
    ///
    /// # Cancel safety
    ///
    /// Safe: no accepted stream is lost.
    fn accept(&self) -> impl Future<Output = (Self::Stream, Endpoint)> + Send;

    /// The address to connect to.
    fn endpoint(&self) -> &Endpoint;

    /// The counts so far. By default all are 0.
    fn stats(&self) -> ListenerStats {
        ListenerStats::default()
    }
}

/// The counts of a listener since it was made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ListenerStats {
    /// Failures of the system to accept a peer, and peers that left before they were accepted.
    pub failures: u64,
    /// Peers that were disconnected because the TLS handshake failed: they did not speak TLS 1.2 or
    /// 1.3, did not trust this server, had no certificate that it trusts, took too long or left.
    /// With TLS 1.3, a peer that does not trust this server may look accepted at first.
    pub failed_handshakes: u64,
}
