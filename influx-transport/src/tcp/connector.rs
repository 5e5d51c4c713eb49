//! Connects over TCP.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::connect::deadline;
use crate::resolve::Resolver;
use crate::{Connect, Endpoint, Error, ErrorKind, Phase, Resolve, SocketOptions};

/// Connects to a host and port over TCP, without encryption.
///
/// The name is looked up again at every connect. All its addresses are tried, IPv6 and IPv4 in
/// turns: the next one as soon as the one before failed, or after 250 ms if it is silent, or sooner
/// if there are so many that the time would not suffice; the first that answers wins.
///
/// ```
/// use std::time::Duration;
///
/// use influx_transport::Connect;
/// use influx_transport::tcp::TcpConnector;
///
/// let connector = TcpConnector::new("localhost", 8086)?.connect_timeout(Duration::from_secs(2));
/// assert_eq!(connector.endpoint().to_string(), "localhost:8086");
/// # Ok::<(), influx_transport::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TcpConnector {
    endpoint: Endpoint,
    resolver: Resolver,
    options: SocketOptions,
    connect_timeout: Duration,
    attempt_timeout: Duration,
}

impl TcpConnector {
    /// Connects to this name or address, with the default options. An IPv6 address may stand in
    /// brackets.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`] if the host is empty or the port is 0.
    pub fn new(host: impl Into<String>, port: u16) -> Result<Self, Error> {
        Endpoint::new(host, port).map(Self::from)
    }

    /// What the sockets are set to.
    #[must_use]
    pub fn socket_options(mut self, options: SocketOptions) -> Self {
        self.options = options;
        self
    }

    /// How the addresses are found. Default: by a [`SystemResolver`](crate::SystemResolver).
    #[must_use]
    pub fn resolver(mut self, resolver: impl Resolve) -> Self {
        self.resolver = self.resolver.with_resolve(resolver);
        self
    }

    /// How long finding the addresses may take. Default: 5 s.
    #[must_use]
    pub fn resolve_timeout(mut self, limit: Duration) -> Self {
        self.resolver = self.resolver.with_timeout(limit);
        self
    }

    /// How long connecting may take after that, over all addresses. Default: 5 s.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// How long each address may take. Default: as long as all of them together.
    #[must_use]
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = limit;
        self
    }

    async fn open_any(&self, addresses: Vec<SocketAddr>) -> Result<TcpStream, Error> {
        let stagger = self.stagger(addresses.len());
        let mut waiting = addresses.into_iter().filter(|&peer| self.options.reaches(peer));
        let mut next = waiting.next();
        let mut attempts = JoinSet::new();
        let mut failure = io::Error::new(
            io::ErrorKind::AddrNotAvailable,
            "the host has no address that the bind address can reach",
        );
        loop {
            if let Some(peer) = next.take() {
                attempts.spawn(open(self.options.clone(), peer, self.attempt_timeout));
                next = waiting.next();
            }
            let finished = if next.is_some() {
                match timeout(stagger, attempts.join_next()).await {
                    Ok(finished) => finished,
                    Err(_) => continue,
                }
            } else {
                attempts.join_next().await
            };
            match finished {
                Some(Ok(Ok(stream))) => return Ok(stream),
                Some(Ok(Err(error))) => failure = error,
                Some(Err(error)) => failure = error.into(),
                None => break,
            }
        }
        Err(self.failed(failure))
    }

    /// Why the last attempt failed. The system has a time limit too, which is an error with a number.
    fn failed(&self, failure: io::Error) -> Error {
        let is_ours = failure.kind() == io::ErrorKind::TimedOut && failure.raw_os_error().is_none();
        let kind = if is_ours { ErrorKind::Timeout(self.attempt_timeout) } else { ErrorKind::Io };
        Error::new(kind, Phase::Connect).with_endpoint(&self.endpoint).with_source(failure)
    }

    /// After how long the next of so many addresses is tried, so that each has its turn.
    fn stagger(&self, addresses: usize) -> Duration {
        let turns = u32::try_from(addresses).unwrap_or(u32::MAX).saturating_add(1);
        STAGGER.min(self.connect_timeout / turns)
    }
}

impl Connect for TcpConnector {
    type Stream = TcpStream;

    async fn connect(&self) -> Result<TcpStream, Error> {
        let (limit, endpoint) = (self.connect_timeout, &self.endpoint);
        let addresses = self.resolver.addresses(endpoint).await?;
        deadline(limit, Phase::Connect, endpoint, self.open_any(addresses)).await
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl From<Endpoint> for TcpConnector {
    fn from(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            resolver: Resolver::default(),
            options: SocketOptions::default(),
            connect_timeout: Duration::from_secs(5),
            attempt_timeout: Duration::MAX,
        }
    }
}

impl From<SocketAddr> for TcpConnector {
    fn from(address: SocketAddr) -> Self {
        Endpoint::from(address).into()
    }
}

/// How long one address may be silent before the next is tried too: RFC 8305 recommends it.
const STAGGER: Duration = Duration::from_millis(250);

async fn open(options: SocketOptions, peer: SocketAddr, limit: Duration) -> io::Result<TcpStream> {
    timeout(limit, options.socket(peer)?.connect(peer)).await?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_limit_of_the_system_is_not_taken_for_ours() {
        let limit = Duration::from_secs(1);
        let connector = TcpConnector::new("a", 1).unwrap().attempt_timeout(limit);
        let check = |failure, expected| assert_eq!(connector.failed(failure).kind(), expected);
        check(io::ErrorKind::TimedOut.into(), ErrorKind::Timeout(limit));
        #[cfg(target_os = "linux")]
        check(io::Error::from_raw_os_error(110), ErrorKind::Io);
        check(io::ErrorKind::ConnectionRefused.into(), ErrorKind::Io);
    }

    #[test]
    fn the_next_address_has_its_turn_after_250_ms_or_its_share_of_the_time() {
        let check = |limit, addresses, expected| {
            let connector = TcpConnector::new("a", 1).unwrap();
            let connector = connector.connect_timeout(Duration::from_millis(limit));
            assert_eq!(connector.stagger(addresses), Duration::from_millis(expected));
        };
        check(5000, 1, 250);
        check(5000, 16, 250);
        check(4250, 16, 250);
        check(1700, 16, 100);
        check(300, 2, 100);
        check(0, 2, 0);
    }
}
