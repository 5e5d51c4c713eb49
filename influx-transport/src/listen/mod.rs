//! How byte streams from peers come in.

mod memory;
mod patience;
mod tcp;
mod udp;
#[cfg(unix)]
mod unix;

use std::future::Future;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};

pub use self::memory::{MemoryConnector, MemoryListener, memory_pair};
pub use self::tcp::TcpListener;
pub use self::udp::UdpListener;
#[cfg(unix)]
pub use self::unix::{UnixConnector, UnixListener};

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

/// The peer's own address: a socket of both families gives an IPv4 peer an IPv6 address. What else
/// belongs to an IPv6 address, as the interface, stays.
fn own_address(peer: SocketAddr) -> SocketAddr {
    let SocketAddr::V6(address) = peer else { return peer };
    let ipv4 = address.ip().to_ipv4_mapped();
    ipv4.map_or(peer, |ipv4| (ipv4, address.port()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_peer_has_an_ipv4_address_and_an_ipv6_peer_keeps_its_interface() {
        let check = |peer: &str, expected: &str| {
            let own = own_address(peer.parse().unwrap());
            assert_eq!(own, expected.parse().unwrap(), "{peer}");
        };
        check("127.0.0.1:1", "127.0.0.1:1");
        check("[::ffff:127.0.0.1]:1", "127.0.0.1:1");
        check("[::1]:1", "[::1]:1");
        check("[fe80::1%3]:1", "[fe80::1%3]:1");
    }
}
