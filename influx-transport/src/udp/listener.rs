//! Receives datagrams.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::task::{Poll, ready};

use bytes::Bytes;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;

use super::remedy::MAX_PAYLOAD;
use crate::endpoint::own_address;
use crate::patience::Patience;
use crate::{Endpoint, Error, ErrorKind, Phase};

/// Receives datagrams on a local address, whole or not at all.
///
/// The system cuts off what does not fit the receiver's memory. Such a datagram is dropped and
/// counted ([`truncated`](Self::truncated)), since its first part may look like a message of its
/// own. Who sent a datagram is not certain: its sender's address can be forged.
///
/// ```
/// use std::net::Ipv4Addr;
///
/// use bytes::Bytes;
/// use influx_transport::Transport;
/// use influx_transport::udp::{UdpListener, UdpTransport};
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
    /// Has room for one byte more than a datagram may have, so that a longer one shows.
    buffer: Box<[u8]>,
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
        let (buffer, patience) = (vec![0; MAX_PAYLOAD + 1].into(), Patience::default());
        Ok(Self { socket, local_addr, buffer, truncated: 0, patience })
    }

    /// The size of the largest datagram in bytes, at most 65,507, which is what UDP can carry.
    /// Default: 65,507.
    #[must_use]
    pub fn max_datagram(mut self, bytes: usize) -> Self {
        self.buffer = vec![0; bytes.min(MAX_PAYLOAD) + 1].into();
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
            let (size, peer) = self
                .patience
                .outlast(|cx| {
                    let mut buffer = ReadBuf::new(&mut self.buffer);
                    let peer = ready!(self.socket.poll_recv_from(cx, &mut buffer))?;
                    Poll::Ready(Ok((buffer.filled().len(), peer)))
                })
                .await;
            match self.buffer.get(..size) {
                Some(datagram) if size < self.buffer.len() => {
                    return (Bytes::copy_from_slice(datagram), own_address(peer));
                }
                _ => self.truncated += 1,
            }
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
