//! Sockets that are connected to a peer.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::UdpSocket;
use tokio::task::coop::consume_budget;
use tokio::time::Instant;

use super::offload::Offload;
use crate::SocketOptions;

/// A socket that is connected to the first of these addresses.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) socket: Arc<Socket>,
    /// The moment of the lookup.
    pub(super) since: Instant,
    pub(super) is_stale: bool,
    /// The uses until the clock is read again, and when it was last read.
    unclocked: u32,
    clocked: Instant,
}

impl Link {
    /// Connects to the first address that the system accepts, and moves it to the front.
    pub(super) fn open(
        mut addresses: Vec<SocketAddr>,
        options: &SocketOptions,
    ) -> io::Result<Self> {
        let reason = "the host has no address that the bind address can reach";
        let mut failure = io::Error::new(io::ErrorKind::AddrNotAvailable, reason);
        addresses.retain(|peer| options.reaches(*peer));
        for _ in 0..addresses.len() {
            match addresses.first().map(|&peer| Socket::connect(peer, options)) {
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
        Self { addresses, socket, since, is_stale: false, unclocked: MAX_UNCLOCKED, clocked: since }
    }

    /// Takes over the addresses of another lookup if they still include that of the socket.
    pub(super) fn renew(&mut self, found: &[SocketAddr]) -> bool {
        let current = self.addresses.first();
        let place = found.iter().position(|address| Some(address) == current);
        if let Some(place) = place {
            self.addresses = found.to_vec();
            self.addresses.rotate_left(place);
        }
        place.is_some()
    }

    /// Whether it is time for another lookup, after which it is not for a while.
    pub(super) fn is_due(&mut self, interval: Duration) -> bool {
        self.unclocked = self.unclocked.saturating_sub(1);
        if self.unclocked > 0 && !self.is_stale {
            return false;
        }
        let now = Instant::now();
        // The clock is not read for each datagram of a stream: that would cost several per cent.
        let is_stream = now - self.clocked < STREAM;
        (self.clocked, self.unclocked) = (now, if is_stream { MAX_UNCLOCKED } else { 1 });
        let is_due = self.is_stale || now - self.since >= interval;
        if is_due {
            (self.since, self.is_stale) = (now, false);
        }
        is_due
    }
}

/// The uses of a socket for which the clock is read once.
const MAX_UNCLOCKED: u32 = 16;

/// The time for so few uses that the clock is then read for each.
const STREAM: Duration = Duration::from_secs(1);

/// A socket that is connected to one address.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) socket: UdpSocket,
    /// Absent where datagrams can only go out one by one.
    pub(super) offload: Option<Offload>,
}

impl Socket {
    fn connect(peer: SocketAddr, options: &SocketOptions) -> io::Result<Self> {
        let socket = options.udp_socket(peer)?;
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

#[cfg(test)]
mod tests {
    use socket2::SockRef;
    use tokio::time::sleep;

    use super::*;

    /// Uses a link once after each of these pauses, in seconds: it must be due after those in
    /// `expected`.
    async fn check(pauses: impl IntoIterator<Item = u64>, expected: &[usize]) {
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        let mut link = Link::open(vec![peer], &SocketOptions::default()).unwrap();
        let mut due = Vec::new();
        for (index, pause) in pauses.into_iter().enumerate() {
            sleep(Duration::from_secs(pause)).await;
            if link.is_due(Duration::from_secs(300)) {
                due.push(index);
            }
        }
        assert_eq!(due, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_sender_looks_up_as_often_as_a_fast_one() {
        check([0; 1000], &[]).await;
        // The clock is read at every 16th use of a stream.
        check([&[0; 20][..], &[301], &[0; 30]].concat(), &[31]).await;
        // One datagram a minute: after the first 16, each of them shows the time.
        check([60; 40], &[15, 20, 25, 30, 35]).await;
    }

    #[tokio::test]
    async fn every_option_of_datagrams_reaches_the_socket() {
        let options = SocketOptions {
            send_buffer: Some(24 * 1024),
            receive_buffer: Some(12 * 1024),
            ttl: Some(17),
            interface: Some("lo".to_owned()),
            bind_address: Some("127.0.0.1".parse().unwrap()),
            ..SocketOptions::default()
        };
        let [v6, v4] = ["[::1]:1", "127.0.0.1:1"].map(|address| address.parse().unwrap());
        let link = Link::open(vec![v6, v4], &options).unwrap();
        assert_eq!(link.addresses, [v4], "no other address can be reached");
        let socket = SockRef::from(&link.socket.socket);
        let (sent, received) = (24 * 1024, 12 * 1024);
        assert!([sent, 2 * sent].contains(&socket.send_buffer_size().unwrap()));
        assert!([received, 2 * received].contains(&socket.recv_buffer_size().unwrap()));
        assert_eq!(socket.ttl_v4().unwrap(), 17);
        #[cfg(target_os = "linux")]
        assert_eq!(socket.device().unwrap().unwrap(), b"lo");
        let local = socket.local_addr().unwrap().as_socket().unwrap();
        assert_eq!(local.ip().to_string(), "127.0.0.1");
        let error = Link::open(vec![v6], &options).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrNotAvailable);

        let options = SocketOptions { ttl: Some(17), ..SocketOptions::default() };
        let link = Link::open(vec![v6], &options).unwrap();
        assert_eq!(SockRef::from(&link.socket.socket).unicast_hops_v6().unwrap(), 17);
    }
}
