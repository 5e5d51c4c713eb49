//! Receives datagrams.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::task::{Poll, ready};

use bytes::Bytes;
use socket2::Type;
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;

use super::remedy::MAX_PAYLOAD;
use crate::endpoint::own_address;
use crate::patience::Patience;
use crate::{Endpoint, Error, Phase, SocketOptions};

/// The settings of a [`UdpListener`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct UdpListenerOptions {
    /// The size of the largest datagram in bytes. UDP can carry 65,507; more counts as that.
    /// Default: 65,507.
    pub max_datagram: usize,
    /// The settings of the socket. Those of TCP and `bind_address` have no effect.
    pub socket: SocketOptions,
    /// Whether several listeners, also in other programs of the same user, may have the address
    /// (`SO_REUSEPORT`, on Unix only); Linux gives all datagrams of one sender to the same one of
    /// them. Default: no.
    pub reuse_port: bool,
}

impl Default for UdpListenerOptions {
    fn default() -> Self {
        Self { max_datagram: MAX_PAYLOAD, socket: SocketOptions::default(), reuse_port: false }
    }
}

/// The counts of a [`UdpListener`] since it was made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct UdpListenerStats {
    /// Datagrams that were dropped because they exceed
    /// [`max_datagram`](UdpListenerOptions::max_datagram).
    pub too_large: u64,
    /// Failures of the system to hand out a datagram.
    pub failures: u64,
}

/// Receives datagrams on a local address, whole or not at all.
///
/// A datagram above the limit is dropped and counted, since the system hands out its beginning
/// only, which may look like a message of its own. The sender of a datagram is not certain: its
/// address can be forged.
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
    endpoint: Endpoint,
    /// One byte longer than the largest datagram, so that a larger one shows.
    buffer: Box<[u8]>,
    too_large: u64,
    patience: Patience,
}

impl UdpListener {
    /// Listens on this address with the default options. Port 0 stands for any free one, and `[::]`
    /// takes IPv4 peers too.
    ///
    /// # Errors
    ///
    /// [`Phase::Bind`]: the address is in use, or does not belong to this machine.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn bind(address: SocketAddr) -> Result<Self, Error> {
        Self::bind_with(address, UdpListenerOptions::default())
    }

    /// As [`bind`](Self::bind), with these options.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn bind_with(address: SocketAddr, options: UdpListenerOptions) -> Result<Self, Error> {
        let failed = |error| Error::io(Phase::Bind, &address.into(), error);
        let UdpListenerOptions { max_datagram, socket, reuse_port } = options;
        let socket = bound(address, &socket, reuse_port).map_err(failed)?;
        let local_addr = socket.local_addr().map_err(failed)?;
        Ok(Self {
            socket,
            local_addr,
            endpoint: local_addr.into(),
            buffer: vec![0; max_datagram.min(MAX_PAYLOAD) + 1].into(),
            too_large: 0,
            patience: Patience::default(),
        })
    }

    /// The local address, with the port that the system chose for port 0.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// The address to send to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The counts so far.
    pub fn stats(&self) -> UdpListenerStats {
        UdpListenerStats { too_large: self.too_large, failures: self.patience.stats().failures }
    }

    /// Waits for the next datagram and its sender, without a time limit.
    ///
    /// It cannot fail: if the system lacks something, it tries again after a pause that grows from
    /// 50 ms to 1 s.
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
                _ => self.too_large += 1,
            }
        }
    }
}

impl fmt::Debug for UdpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UdpListener")
            .field("local_addr", &self.local_addr)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

fn bound(address: SocketAddr, options: &SocketOptions, reuse_port: bool) -> io::Result<UdpSocket> {
    let socket = options.socket(address, Type::DGRAM)?;
    if address.is_ipv6() {
        // Some systems separate the families unless told otherwise.
        socket.set_only_v6(false)?;
    }
    #[cfg(all(unix, not(any(target_os = "illumos", target_os = "solaris"))))]
    socket.set_reuse_port(reuse_port)?;
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

#[cfg(test)]
mod tests {
    use socket2::SockRef;

    use super::*;

    #[tokio::test]
    async fn every_option_reaches_the_socket() {
        let mut options = UdpListenerOptions::default();
        options.socket.receive_buffer = Some(12 * 1024);
        options.socket.ttl = Some(17);
        options.socket.interface = Some("lo".to_owned());
        options.reuse_port = true;
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = UdpListener::bind_with(any, options.clone()).unwrap();
        let socket = SockRef::from(&listener.socket);
        assert!([12 * 1024, 24 * 1024].contains(&socket.recv_buffer_size().unwrap()));
        assert_eq!(socket.ttl_v4().unwrap(), 17);
        #[cfg(target_os = "linux")]
        assert_eq!(socket.device().unwrap().unwrap(), b"lo");
        #[cfg(unix)]
        UdpListener::bind_with(listener.local_addr(), options).unwrap();
        let error = UdpListener::bind(listener.local_addr()).unwrap_err();
        assert_eq!(error.phase(), Phase::Bind);
    }
}
