//! Sockets that are connected to a peer.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::UdpSocket;
use tokio::task::coop::consume_budget;
use tokio::time::Instant;

use super::offload::Offload;

/// A socket that is connected to the first of these addresses.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) socket: Arc<Socket>,
    /// The moment of the lookup.
    pub(super) since: Instant,
    pub(super) is_stale: bool,
    uses: u32,
}

impl Link {
    /// Connects to the first address that the system accepts, and moves it to the front.
    pub(super) fn open(mut addresses: Vec<SocketAddr>) -> io::Result<Self> {
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
        for _ in 0..addresses.len() {
            match addresses.first().map(|&peer| Socket::connect(peer)) {
                Some(Ok(socket)) => return Ok(Self::new(addresses, socket)),
                Some(Err(error)) => failure = error,
                None => {}
            }
            addresses.rotate_left(1);
        }
        Err(failure)
    }

    pub(super) fn new(addresses: Vec<SocketAddr>, socket: Socket) -> Self {
        let (socket, since) = (Arc::new(socket), Instant::now());
        Self { addresses, socket, since, is_stale: false, uses: 0 }
    }

    /// Whether it is time for another lookup, after which it is not for a while.
    pub(super) fn is_due(&mut self, interval: Duration) -> bool {
        self.uses = self.uses.wrapping_add(1);
        // The clock is not read for each datagram: that would cost several per cent.
        let is_old = || self.uses.is_multiple_of(16) && self.since.elapsed() >= interval;
        let is_due = self.is_stale || is_old();
        if is_due {
            (self.since, self.is_stale) = (Instant::now(), false);
        }
        is_due
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
