//! Sends datagrams.

use std::io;
use std::iter::repeat_n;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::time::sleep;

use super::remedy::{MAX_PAYLOAD, Remedy, is_refusal, is_too_large, remedy};
use super::socket::{Link, Socket};
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
/// use influx_transport::Transport;
/// use influx_transport::udp::UdpTransport;
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
    batched: AtomicU64,
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
            batched: AtomicU64::new(0),
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

    /// Sends many datagrams. The outcomes are in their order: each is what
    /// [`send`](Transport::send) would have returned, whatever became of the others. Only if the
    /// host is not found or no socket can be opened, nothing more is tried: what is left fails with
    /// the same error.
    ///
    /// With the feature `udp-batch`, on Linux, neighbours of the same size go out in one system
    /// call, up to 64 and one of which may be shorter if it is the last of them. That takes a
    /// fraction of the time, and changes nothing else: the peer receives the same datagrams, which
    /// come even faster, so that its buffer must be able to hold them. Where the system refuses it,
    /// because they are larger than a packet of the network or its card cannot do it, datagrams of
    /// this size and above go out one by one from then on; [`batched`](Self::batched) shows that.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use influx_transport::Error;
    /// # use influx_transport::udp::UdpTransport;
    /// # async fn report(transport: UdpTransport, lines: Vec<Bytes>) -> Result<(), Error> {
    /// for outcome in transport.send_all(lines).await {
    ///     outcome?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// A dropped future has sent some of the first datagrams, each whole or not at all.
    pub async fn send_all(
        &self,
        datagrams: impl IntoIterator<Item = Bytes>,
    ) -> Vec<Result<(), Error>> {
        let datagrams: Vec<Bytes> = datagrams.into_iter().collect();
        let mut outcomes = Vec::with_capacity(datagrams.len());
        while let Some(rest @ [first, ..]) = datagrams.get(outcomes.len()..) {
            let socket = match self.socket().await {
                Ok(socket) => socket,
                Err(error) => {
                    outcomes.resize(datagrams.len(), Err(error));
                    break;
                }
            };
            match self.send_together(&socket, rest).await {
                0 => outcomes.push(self.send(first.clone()).await),
                count => outcomes.extend(repeat_n(Ok(()), count)),
            }
        }
        outcomes
    }

    /// The peer.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// How many datagrams reached a host where nobody listened, as far as its system said so: once
    /// for many that went out together.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// How many datagrams were given up here without an error: at each of four attempts the system
    /// had no buffer left, or reported another refusal instead of sending.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// How many datagrams went out in a system call together with others: see
    /// [`send_all`](Self::send_all).
    pub fn batched(&self) -> u64 {
        self.batched.load(Ordering::Relaxed)
    }

    async fn socket(&self) -> Result<Arc<Socket>, Error> {
        if let Some(link) = &*self.link() {
            return Ok(Arc::clone(&link.socket));
        }
        let addresses = self.resolver.addresses(&self.endpoint).await?;
        let link = Link::open(addresses).map_err(|error| self.error(Phase::Connect, error))?;
        Ok(Arc::clone(&self.link().insert(link).socket))
    }

    /// Sends as many of the first datagrams as can go out together, and tells how many those were:
    /// none also if that fails. The first one, sent alone, tells why.
    async fn send_together(&self, socket: &Arc<Socket>, datagrams: &[Bytes]) -> usize {
        match socket.send_together(datagrams, self.max_datagram).await {
            Ok(count) => {
                self.batched.fetch_add(count as u64, Ordering::Relaxed);
                count
            }
            Err(error) => {
                if is_refusal(&error) {
                    // If there is no next address now, the attempt with the first one says so.
                    drop(self.refuse(socket));
                }
                0
            }
        }
    }

    /// Counts a refusal and goes on to the host's next address, unless another task did so already.
    fn refuse(&self, socket: &Arc<Socket>) -> io::Result<()> {
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

    pub(super) fn link(&self) -> MutexGuard<'_, Option<Link>> {
        // No code that runs under the lock can leave the link half changed.
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unsent(&self, size: usize, source: io::Error) -> Error {
        if is_too_large(&source) {
            self.too_large(size.saturating_sub(1)).with_source(source)
        } else {
            self.error(Phase::Send, source)
        }
    }

    fn too_large(&self, limit: usize) -> Error {
        let kind = ErrorKind::TooLarge { what: "datagram", limit };
        let error = Error::new(kind, Phase::Send).with_delivery(Delivery::NotSent);
        error.with_endpoint(&self.endpoint)
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
    /// [`ErrorKind::TooLarge`] if it exceeds [`max_datagram`](Self::max_datagram), or what the
    /// system can send to this peer. The system does not tell that limit: it is below the size.
    /// Nothing is sent then.
    ///
    /// # Cancel safety
    ///
    /// A dropped future has sent the whole datagram or nothing.
    async fn send(&self, datagram: Bytes) -> Result<(), Error> {
        let (size, limit) = (datagram.len(), self.max_datagram);
        if size > limit {
            return Err(self.too_large(limit));
        }
        for attempt in 0.. {
            let socket = self.socket().await?;
            let Err(error) = socket.send(&datagram).await else { break };
            let failed = |error| self.unsent(size, error);
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

#[cfg(test)]
mod tests {
    use tokio::net::UdpSocket;

    use super::*;

    #[tokio::test]
    async fn a_datagram_that_the_system_finds_too_large_is_an_error_of_its_own() {
        let listener = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut transport =
            UdpTransport::new("127.0.0.1", listener.local_addr().unwrap().port()).unwrap();
        // The setter does not allow that.
        transport.max_datagram = usize::MAX;
        for (size, fits) in [(MAX_PAYLOAD, true), (MAX_PAYLOAD + 1, false), (MAX_PAYLOAD, true)] {
            let sent = transport.send(vec![0; size].into()).await;
            let expected = ErrorKind::TooLarge { what: "datagram", limit: size - 1 };
            assert_eq!(sent.err().map(|error| error.kind()), (!fits).then_some(expected));
        }
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
