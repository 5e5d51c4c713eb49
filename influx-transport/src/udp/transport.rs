//! Sends datagrams.

use std::io;
use std::iter::repeat_n;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::sleep;

use super::options::{UdpOptions, UdpStats};
use super::remedy::{MAX_PAYLOAD, is_refusal, is_too_large, remedy};
use super::socket::{Link, Socket};
use crate::lock::Lock;
use crate::{Delivery, Endpoint, Error, ErrorKind, Phase, Transport};

/// Sends datagrams to one peer.
///
/// **A sent datagram is not a received one.** No answer comes, and a datagram may be lost on its way
/// or in the full buffer of the peer: of 20,000 sent at once over a loopback interface, 92 arrived.
/// Nor does UDP prove to the peer who sent a datagram.
///
/// A missing listener shows, if at all, when a later datagram is sent: such refusals are counted in
/// [`stats`](Self::stats), and if the host has several addresses, the next one is used from then on.
///
/// The host is looked up before the first datagram, and again after a refusal (once a second at
/// most), after [`resolve_interval`](UdpOptions::resolve_interval) and after a
/// [`disconnect`](Transport::disconnect). If such a lookup fails, the known address is used.
///
/// ```
/// use bytes::Bytes;
/// use influx_transport::Transport;
/// use influx_transport::udp::UdpTransport;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let transport = UdpTransport::new("127.0.0.1", 5555)?;
/// transport.send(Bytes::from("one message")).await?;
/// # Ok::<(), influx_transport::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct UdpTransport {
    endpoint: Endpoint,
    options: UdpOptions,
    pub(super) link: Lock<Option<Link>>,
    refused: AtomicU64,
    dropped: AtomicU64,
    batched: AtomicU64,
}

impl UdpTransport {
    /// A transport to this name or address, with the default options. An IPv6 address may stand in
    /// brackets.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`] if the host is empty or the port is 0.
    pub fn new(host: impl Into<String>, port: u16) -> Result<Self, Error> {
        Ok(Self::with_options(Endpoint::new(host, port)?, UdpOptions::default()))
    }

    /// A transport to this endpoint, with these options.
    pub fn with_options(endpoint: impl Into<Endpoint>, mut options: UdpOptions) -> Self {
        options.max_datagram = options.max_datagram.min(MAX_PAYLOAD);
        Self {
            endpoint: endpoint.into(),
            options,
            link: Lock::new(None),
            refused: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            batched: AtomicU64::new(0),
        }
    }

    /// Sends many datagrams. The outcomes are in the same order: each is what
    /// [`send`](Transport::send) would have returned, independent of the others. Only if the host is
    /// not found or no socket can be opened, all remaining datagrams fail with that error at once.
    ///
    /// With the feature `udp-batch`, on Linux, up to 64 neighbours of the same size go out in one
    /// system call; the last one may be shorter. That takes a fraction of the time, and the peer
    /// receives the same datagrams, but faster: its buffer must be able to hold them. If the system
    /// refuses it, because they are larger than a packet of the network or the network card is not
    /// able to, datagrams of this size and above go out one by one from then on; `batched` in
    /// [`stats`](Self::stats) shows that.
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

    /// The address to send to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The counts so far.
    pub fn stats(&self) -> UdpStats {
        UdpStats {
            refused: self.refused.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            batched: self.batched.load(Ordering::Relaxed),
        }
    }

    async fn socket(&self) -> Result<Arc<Socket>, Error> {
        let UdpOptions { resolver, resolve_timeout, resolve_interval, .. } = &self.options;
        if let Some(link) = &mut *self.link.lock()
            && !link.is_due(*resolve_interval)
        {
            return Ok(Arc::clone(&link.socket));
        }
        let found = resolver.addresses(&self.endpoint, *resolve_timeout).await;
        let mut known = self.link.lock();
        if let Some(link) = &mut *known
            && found.as_ref().map_or(true, |found| link.renew(found))
        {
            return Ok(Arc::clone(&link.socket));
        }
        let link = Link::open(found?, &self.options.socket)
            .map_err(|error| self.error(Phase::Connect, error))?;
        Ok(Arc::clone(&known.insert(link).socket))
    }

    /// Sends those of the first datagrams that can go out together, and returns their number: 0 also
    /// if that fails, since the first one, sent alone, shows the reason.
    async fn send_together(&self, socket: &Arc<Socket>, datagrams: &[Bytes]) -> usize {
        match socket.send_together(datagrams, self.options.max_datagram).await {
            Ok(count) => {
                self.batched.fetch_add(count as u64, Ordering::Relaxed);
                count
            }
            Err(error) => {
                if is_refusal(&error) {
                    // Without a next address, the attempt with the first one fails.
                    drop(self.refuse(socket));
                }
                0
            }
        }
    }

    /// Counts a refusal. Unless another task did so already, moves on to the host's next address and
    /// lets the next datagram look the host up.
    fn refuse(&self, socket: &Arc<Socket>) -> io::Result<()> {
        self.refused.fetch_add(1, Ordering::Relaxed);
        let mut link = self.link.lock();
        if let Some(mut old) = link.take_if(|link| Arc::ptr_eq(&link.socket, socket)) {
            let (since, is_stale) = (old.since, old.since.elapsed() >= SECOND);
            if old.addresses.len() > 1 {
                old.addresses.rotate_left(1);
                old = Link::open(old.addresses, &self.options.socket)?;
            }
            (old.since, old.is_stale) = (since, is_stale);
            *link = Some(old);
        }
        Ok(())
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
        Error::io(phase, &self.endpoint, source).with_delivery(Delivery::NotSent)
    }
}

impl Transport for UdpTransport {
    type Request = Bytes;
    type Response = ();

    /// Finds the peer's address and opens the socket. That does not show whether the peer listens.
    async fn connect(&self) -> Result<(), Error> {
        self.socket().await.map(drop)
    }

    /// Hands one datagram to the system.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLarge`] if it exceeds [`max_datagram`](UdpOptions::max_datagram) or the limit
    /// of the system for this peer; nothing is sent then. Since the system does not tell its limit,
    /// the error has the size minus 1.
    ///
    /// # Cancel safety
    ///
    /// A dropped future has sent the whole datagram or nothing.
    async fn send(&self, datagram: Bytes) -> Result<(), Error> {
        let (size, limit) = (datagram.len(), self.options.max_datagram);
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
                Some(Duration::ZERO) => {}
                Some(pause) => sleep(pause).await,
                None => {
                    self.dropped.fetch_add(1, Ordering::Relaxed);
                    break;
                }
            }
        }
        Ok(())
    }

    /// Closes the socket; the next datagram looks the host up again.
    async fn disconnect(&self) -> Result<(), Error> {
        self.link.lock().take();
        Ok(())
    }
}

/// The shortest time between two lookups because of refusals.
const SECOND: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::net::UdpSocket;

    use super::*;
    use crate::BoxResolver;

    #[tokio::test]
    async fn a_datagram_that_the_system_finds_too_large_is_an_error_of_its_own() {
        let listener = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut transport =
            UdpTransport::new("127.0.0.1", listener.local_addr().unwrap().port()).unwrap();
        // The setter does not allow that.
        transport.options.max_datagram = usize::MAX;
        for (size, fits) in [(MAX_PAYLOAD, true), (MAX_PAYLOAD + 1, false), (MAX_PAYLOAD, true)] {
            let sent = transport.send(vec![0; size].into()).await;
            let expected = ErrorKind::TooLarge { what: "datagram", limit: size - 1 };
            assert_eq!(sent.err().map(|error| error.kind()), (!fits).then_some(expected));
        }
    }

    #[tokio::test]
    async fn a_refusal_moves_on_to_the_next_address() {
        let listener = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let closed = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let transport = UdpTransport::new("unused", 1).unwrap();
        let addresses = vec![closed, listener.local_addr().unwrap()];
        *transport.link.lock() = Some(Link::open(addresses, &transport.options.socket).unwrap());
        for datagram in ["lost", "first", "second"] {
            transport.send(Bytes::from(datagram)).await.unwrap();
        }
        let mut buffer = [0; 64];
        for expected in ["first", "second"] {
            let size = listener.recv(&mut buffer).await.unwrap();
            assert_eq!(&buffer[..size], expected.as_bytes());
        }
        assert_eq!(transport.stats(), UdpStats { refused: 1, ..UdpStats::default() });
    }

    struct Fixed(SocketAddr);

    impl crate::Resolve for Fixed {
        async fn resolve(&self, _: &str, _: u16) -> io::Result<Vec<SocketAddr>> {
            Ok(vec![self.0])
        }
    }

    #[tokio::test]
    async fn a_refusal_leads_to_another_lookup_but_not_within_a_second() {
        let listener = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let closed = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let resolver = BoxResolver::new(Fixed(listener.local_addr().unwrap()));
        let options = UdpOptions { resolver, ..UdpOptions::default() };
        let transport = UdpTransport::with_options(Endpoint::new("moved", 1).unwrap(), options);
        *transport.link.lock() = Some(Link::open(vec![closed], &transport.options.socket).unwrap());
        for datagram in ["lost", "refused", "refused"] {
            transport.send(Bytes::from(datagram)).await.unwrap();
        }
        assert!(!transport.link.lock().as_ref().unwrap().is_stale);
        transport.link.lock().as_mut().unwrap().since -= SECOND;
        transport.send(Bytes::from("arrives")).await.unwrap();
        let mut buffer = [0; 64];
        let size = listener.recv(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..size], b"arrives");
    }
}
