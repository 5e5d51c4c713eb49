//! Sockets that are connected to a peer.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use tokio::net::UdpSocket;
use tokio::task::coop::consume_budget;

use super::offload::Offload;

/// A socket that is connected to the first of these addresses.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) socket: Arc<Socket>,
}

impl Link {
    /// Connects to the first address that the system accepts, and moves it to the front.
    pub(super) fn open(mut addresses: Vec<SocketAddr>) -> io::Result<Self> {
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
        for _ in 0..addresses.len() {
            match addresses.first().map(|&peer| Socket::connect(peer)) {
                Some(Ok(socket)) => return Ok(Self { addresses, socket: Arc::new(socket) }),
                Some(Err(error)) => failure = error,
                None => {}
            }
            addresses.rotate_left(1);
        }
        Err(failure)
    }
}

/// A socket that is connected to one address.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) socket: UdpSocket,
    /// Absent where datagrams can only go out one by one.
    pub(super) offload: Option<Offload>,
}

impl Socket {
    fn connect(peer: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::from_std(connected(peer)?)?;
        Ok(Self { socket, offload: Offload::new(peer) })
    }

    pub(super) async fn send(&self, datagram: &[u8]) -> io::Result<()> {
        // The socket is nearly always writable: an attempt costs less than to wait for that. But,
        // unlike a wait, it does not let other tasks run from time to time.
        consume_budget().await;
        match self.socket.try_send(datagram) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.socket.send(datagram).await.map(drop)
            }
            sent => sent.map(drop),
        }
    }

    /// Sends those of the first datagrams that can go out together, and returns their number: 0 if
    /// the first one must go out alone.
    pub(super) async fn send_together(
        &self,
        datagrams: &[Bytes],
        max_datagram: usize,
    ) -> io::Result<usize> {
        match &self.offload {
            Some(offload) => offload.send(&self.socket, datagrams, max_datagram).await,
            None => Ok(0),
        }
    }
}

fn connected(peer: SocketAddr) -> io::Result<std::net::UdpSocket> {
    // A socket of the other family cannot reach the peer.
    let local: SocketAddr = match peer {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = std::net::UdpSocket::bind(local)?;
    socket.connect(peer)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}
