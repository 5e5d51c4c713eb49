//! Receives datagrams.

#[cfg(all(feature = "udp-batch", any(target_os = "android", target_os = "linux")))]
#[path = "batch_inbox.rs"]
mod inbox;
#[cfg(not(all(feature = "udp-batch", any(target_os = "android", target_os = "linux"))))]
mod inbox;

use std::fmt;
use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio::task::coop::consume_budget;

use self::inbox::Inbox;
use super::own_address;
use super::patience::Patience;
use crate::{Endpoint, Error, ErrorKind, Phase};

/// Receives datagrams on a local address, whole or not at all.
///
/// A datagram that is too large is dropped and counted ([`truncated`](Self::truncated)), since its
/// first part may look like a message of its own. Who sent a datagram is not certain: its sender's
/// address can be forged.
///
/// With the feature `udp-batch`, on Linux, it reads in one system call what has come, up to 512 KiB
/// in 8 packets, each of one sender's datagrams. That takes a fraction of the time when many come.
///
/// ```
/// use std::net::Ipv4Addr;
///
/// use bytes::Bytes;
/// use influx_transport::{Transport, UdpListener, UdpTransport};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let mut listener = UdpListener::bind((Ipv4Addr::LOCALHOST, 0).into())?;
/// let transport = UdpTransport::new("127.0.0.1", listener.local_addr().port())?;
/// transport.send(Bytes::from("cpu load=1.5")).await?;
/// let (datagram, _) = listener.recv().await;
/// assert_eq!(datagram, "cpu load=1.5");
/// # Ok::<(), influx_transport::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct UdpListener {
    socket: UdpSocket,
    local_addr: SocketAddr,
    inbox: Inbox,
    max_datagram: usize,
    truncated: u64,
    patience: Patience,
}

impl UdpListener {
    /// Listens on this address, where port 0 stands for any free one. `[::]` takes IPv4 peers too.
    ///
    /// # Errors
    ///
    /// [`Phase::Bind`]: the address is not free, or not ours.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn bind(address: SocketAddr) -> Result<Self, Error> {
        let failed = |error| {
            let endpoint = Endpoint::from(address);
            Error::new(ErrorKind::Io, Phase::Bind).with_endpoint(&endpoint).with_source(error)
        };
        let socket = socket(address).map_err(failed)?;
        let local_addr = socket.local_addr().map_err(failed)?;
        Ok(Self {
            inbox: Inbox::new(&socket).map_err(failed)?,
            socket,
            local_addr,
            max_datagram: MAX_PAYLOAD,
            truncated: 0,
            patience: Patience::default(),
        })
    }

    /// The size of the largest datagram in bytes, at most 65,507, which is what UDP can carry.
    /// Default: 65,507.
    #[must_use]
    pub fn max_datagram(mut self, bytes: usize) -> Self {
        self.max_datagram = bytes.min(MAX_PAYLOAD);
        self
    }

    /// The address on which it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// How many datagrams were dropped because they were too large.
    pub fn truncated(&self) -> u64 {
        self.truncated
    }

    /// How often the system failed to hand out a datagram.
    pub fn failures(&self) -> u64 {
        self.patience.failures()
    }

    /// Waits for the next datagram, however long that takes, and for who sent it.
    ///
    /// It cannot fail: if the system is short of something, it tries again after a pause that
    /// grows from 50 ms to 1 s.
    ///
    /// # Cancel safety
    ///
    /// Safe: no datagram is lost.
    pub async fn recv(&mut self) -> (Bytes, SocketAddr) {
        loop {
            // What has come is handed out without a wait, which would let other tasks run.
            consume_budget().await;
            let Some((datagram, peer)) = self.inbox.take() else {
                self.patience.outlast(|cx| self.inbox.poll_fill(&self.socket, cx)).await;
                continue;
            };
            if datagram.len() <= self.max_datagram {
                return (Bytes::copy_from_slice(datagram), own_address(peer));
            }
            self.truncated += 1;
        }
    }
}

impl fmt::Debug for UdpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UdpListener")
            .field("local_addr", &self.local_addr)
            .field("truncated", &self.truncated)
            .finish_non_exhaustive()
    }
}

fn socket(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        // Some systems separate the families unless told otherwise.
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

/// The largest payload of a UDP datagram over IPv4.
const MAX_PAYLOAD: usize = 65_507;
