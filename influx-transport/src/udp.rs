//! Sends datagrams.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::UdpSocket;
use tokio::time::sleep;

use crate::resolve::Resolver;
use crate::{Delivery, Endpoint, Error, ErrorKind, Phase, Resolve, Transport};

/// Sends datagrams to one peer.
///
/// **A sent datagram is not a stored point.** Nothing answers it, and it may be lost on its way, in
/// the server's full buffer or because the server cannot read it; of 20,000 datagrams sent at once
/// over a loopback interface, 92 arrived. Nothing in UDP proves to the server who sent it either.
///
/// That nobody listens shows, if at all, when a later datagram is sent: such refusals are counted
/// ([`refused`](Self::refused)), and if the host has several addresses, the next one is used from
/// then on.
///
/// The host is looked up before the first datagram, and again only after a
/// [`disconnect`](Transport::disconnect): do that from time to time if it may move.
///
/// ```
/// use bytes::Bytes;
/// use influx_transport::{Transport, UdpTransport};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let transport = UdpTransport::new("127.0.0.1", 4444)?;
/// transport.send(Bytes::from(r#"[{"name":"cpu","columns":["load"],"points":[[1.5]]}]"#)).await?;
/// # Ok::<(), influx_transport::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct UdpTransport {
    endpoint: Endpoint,
    resolver: Resolver,
    max_datagram: usize,
    link: Mutex<Option<Link>>,
    refused: AtomicU64,
    dropped: AtomicU64,
}

impl UdpTransport {
    /// Sends to this name or address. An IPv6 address may stand in brackets.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`] if the host is empty or the port is 0.
    pub fn new(host: impl Into<String>, port: u16) -> Result<Self, Error> {
        Ok(Self {
            endpoint: Endpoint::new(host, port)?,
            resolver: Resolver::default(),
            max_datagram: 1400,
            link: Mutex::new(None),
            refused: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        })
    }

    /// The size of the largest datagram in bytes, at most 65,507, which is what UDP can carry.
    /// Default: 1,400, which fits into one packet on most networks.
    ///
    /// `InfluxDB` 0.8 reads at most 2,048 bytes and drops the whole datagram if it is longer.
    #[must_use]
    pub fn max_datagram(mut self, bytes: usize) -> Self {
        self.max_datagram = bytes.min(MAX_PAYLOAD);
        self
    }

    /// How the peer's addresses are found, which may take 5 s. Default: by a
    /// [`SystemResolver`](crate::SystemResolver).
    #[must_use]
    pub fn resolver(mut self, resolver: impl Resolve) -> Self {
        self.resolver = self.resolver.with_resolve(resolver);
        self
    }

    /// The peer.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// How many datagrams reached a host where nobody listened, as far as its system said so.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// How many datagrams were given up here without an error: at each of four attempts the system
    /// had no buffer left, or reported another refusal instead of sending.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    async fn socket(&self) -> Result<Arc<UdpSocket>, Error> {
        if let Some(link) = &*self.link() {
            return Ok(Arc::clone(&link.socket));
        }
        let addresses = self.resolver.addresses(&self.endpoint).await?;
        let link = Link::open(addresses).map_err(|error| self.error(Phase::Connect, error))?;
        Ok(Arc::clone(&self.link().insert(link).socket))
    }

    /// Counts a refusal and goes on to the host's next address, unless another task did so already.
    fn refuse(&self, socket: &Arc<UdpSocket>) -> io::Result<()> {
        self.refused.fetch_add(1, Ordering::Relaxed);
        let mut link = self.link();
        let current =
            |link: &mut Link| Arc::ptr_eq(&link.socket, socket) && link.addresses.len() > 1;
        if let Some(mut old) = link.take_if(current) {
            old.addresses.rotate_left(1);
            *link = Some(Link::open(old.addresses)?);
        }
        Ok(())
    }

    fn link(&self) -> MutexGuard<'_, Option<Link>> {
        // No code that runs under the lock can leave the link half changed.
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn error(&self, phase: Phase, source: io::Error) -> Error {
        Error::new(ErrorKind::Io, phase)
            .with_delivery(Delivery::NotSent)
            .with_endpoint(&self.endpoint)
            .with_source(source)
    }
}

impl Transport for UdpTransport {
    type Request = Bytes;
    type Response = ();

    /// Finds the peer's address and opens the socket. It does not show whether anybody listens.
    async fn connect(&self) -> Result<(), Error> {
        self.socket().await.map(drop)
    }

    /// Hands one datagram to the system.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLarge`] if it exceeds [`max_datagram`](Self::max_datagram), before anything
    /// is sent.
    ///
    /// # Cancel safety
    ///
    /// A dropped future has sent the whole datagram or nothing.
    async fn send(&self, datagram: Bytes) -> Result<(), Error> {
        let (size, limit) = (datagram.len(), self.max_datagram);
        if size > limit {
            let kind = ErrorKind::TooLarge { limit, size: Some(size) };
            let error = Error::new(kind, Phase::Send).with_delivery(Delivery::NotSent);
            return Err(error.with_endpoint(&self.endpoint));
        }
        for attempt in 0.. {
            let socket = self.socket().await?;
            let Err(error) = socket.send(&datagram).await else { break };
            let failed = |error| self.error(Phase::Send, error);
            if is_refusal(&error) {
                self.refuse(&socket).map_err(failed)?;
            }
            match remedy(attempt, error).map_err(failed)? {
                Remedy::Again => {}
                Remedy::AgainAfter(pause) => sleep(pause).await,
                Remedy::Drop => {
                    self.dropped.fetch_add(1, Ordering::Relaxed);
                    break;
                }
            }
        }
        Ok(())
    }

    /// Closes the socket; the next datagram looks the host's address up again.
    async fn disconnect(&self) -> Result<(), Error> {
        self.link().take();
        Ok(())
    }
}

/// What helps against a failed attempt to send.
#[derive(Debug, PartialEq)]
enum Remedy {
    Again,
    AgainAfter(Duration),
    Drop,
}

/// What to do about this failure of an attempt, the first of which is 0. Nothing helps against
/// most.
fn remedy(attempt: usize, failure: io::Error) -> io::Result<Remedy> {
    let refused = is_refusal(&failure);
    let no_buffer = failure.raw_os_error() == Some(ENOBUFS);
    if !refused && !no_buffer {
        return Err(failure);
    }
    Ok(match PAUSES.get(attempt) {
        None => Remedy::Drop,
        Some(_) if refused => Remedy::Again,
        Some(&pause) => Remedy::AgainAfter(pause),
    })
}

/// Whether the host said that nobody listens. It tells of an earlier datagram; this one was not
/// sent.
fn is_refusal(failure: &io::Error) -> bool {
    failure.kind() == io::ErrorKind::ConnectionRefused
}

/// A socket that is connected to the first of these addresses.
#[derive(Debug)]
struct Link {
    addresses: Vec<SocketAddr>,
    socket: Arc<UdpSocket>,
}

impl Link {
    /// Connects to the first address with which the system can work, and moves it to the front.
    fn open(mut addresses: Vec<SocketAddr>) -> io::Result<Self> {
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
        for _ in 0..addresses.len() {
            match addresses.first().map(|&peer| connected(peer)) {
                Some(Ok(socket)) => return Ok(Self { addresses, socket: Arc::new(socket) }),
                Some(Err(error)) => failure = error,
                None => {}
            }
            addresses.rotate_left(1);
        }
        Err(failure)
    }
}

fn connected(peer: SocketAddr) -> io::Result<UdpSocket> {
    // A socket of the other family cannot reach the peer.
    let local: SocketAddr = match peer {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = std::net::UdpSocket::bind(local)?;
    socket.connect(peer)?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}

/// The largest payload of a UDP datagram over IPv4.
const MAX_PAYLOAD: usize = 65_507;

/// How long to wait for a buffer before each further attempt.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(1), Duration::from_millis(3), Duration::from_millis(10)];

/// The system has no buffer left. The standard library has no name for this error.
const ENOBUFS: i32 = if cfg!(any(target_os = "linux", target_os = "android")) {
    105
} else if cfg!(windows) {
    10_055
} else {
    55
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_three_times_more() {
        let check = |failure: fn() -> io::Error, expected: [Remedy; 4]| {
            let found = [0, 1, 2, 3].map(|attempt| remedy(attempt, failure()).unwrap());
            assert_eq!(found, expected);
        };
        let after = |millis| Remedy::AgainAfter(Duration::from_millis(millis));
        let no_buffer = || io::Error::from_raw_os_error(ENOBUFS);
        check(no_buffer, [after(1), after(3), after(10), Remedy::Drop]);
        let refused = || io::ErrorKind::ConnectionRefused.into();
        check(refused, [Remedy::Again, Remedy::Again, Remedy::Again, Remedy::Drop]);
        remedy(0, io::ErrorKind::PermissionDenied.into()).unwrap_err();
    }

    #[tokio::test]
    async fn a_refusal_moves_on_to_the_next_address() {
        let listener = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let transport = UdpTransport::new("unused", 1).unwrap();
        let addresses = vec![nobody, listener.local_addr().unwrap()];
        *transport.link() = Some(Link::open(addresses).unwrap());
        for datagram in ["lost", "first", "second"] {
            transport.send(Bytes::from(datagram)).await.unwrap();
        }
        let mut buffer = [0; 64];
        for expected in ["first", "second"] {
            let size = listener.recv(&mut buffer).await.unwrap();
            assert_eq!(&buffer[..size], expected.as_bytes());
        }
        assert_eq!((transport.refused(), transport.dropped()), (1, 0));
    }
}
