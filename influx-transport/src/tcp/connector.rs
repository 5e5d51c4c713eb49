//! Connects over TCP.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::connect::deadline;
use crate::{BoxResolver, Connect, Endpoint, Error, ErrorKind, Phase, SocketOptions};

/// The settings of a [`TcpConnector`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TcpOptions {
    /// The settings of the sockets.
    pub socket: SocketOptions,
    /// Finds the addresses of the host. Default: a [`SystemResolver`](crate::SystemResolver).
    pub resolver: BoxResolver,
    /// The longest time until the addresses are found. Default: 5 s.
    pub resolve_timeout: Duration,
    /// The longest time after that until a connection is open, over all addresses. Default: 5 s.
    pub connect_timeout: Duration,
    /// The longest time for each address. Default: `None`, only `connect_timeout` counts.
    pub attempt_timeout: Option<Duration>,
}

impl Default for TcpOptions {
    fn default() -> Self {
        Self {
            socket: SocketOptions::default(),
            resolver: BoxResolver::default(),
            resolve_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(5),
            attempt_timeout: None,
        }
    }
}

/// The default options, with these for the sockets.
impl From<SocketOptions> for TcpOptions {
    fn from(socket: SocketOptions) -> Self {
        Self { socket, ..Self::default() }
    }
}

/// Connects to a host and port over TCP, without encryption.
///
/// Every connect looks the name up again. All addresses are tried, IPv6 and IPv4 in turns: the next
/// one as soon as the one before failed or was silent for 250 ms, or earlier if the time would not
/// suffice for all. The first that answers wins.
///
/// ```
/// use std::time::Duration;
///
/// use influx_transport::tcp::{TcpConnector, TcpOptions};
/// use influx_transport::{Connect, Endpoint};
///
/// let mut options = TcpOptions::default();
/// options.connect_timeout = Duration::from_secs(2);
/// let connector = TcpConnector::with_options(Endpoint::new("localhost", 5555)?, options);
/// assert_eq!(connector.endpoint().to_string(), "localhost:5555");
/// # Ok::<(), influx_transport::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TcpConnector {
    endpoint: Endpoint,
    options: TcpOptions,
}

impl TcpConnector {
    /// A connector to this name or address, with the default options. An IPv6 address may stand in
    /// brackets.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`] if the host is empty or the port is 0.
    pub fn new(host: impl Into<String>, port: u16) -> Result<Self, Error> {
        Endpoint::new(host, port).map(Self::from)
    }

    /// A connector to this endpoint, with these options.
    pub fn with_options(endpoint: impl Into<Endpoint>, options: TcpOptions) -> Self {
        Self { endpoint: endpoint.into(), options }
    }

    async fn open_any(&self, addresses: Vec<SocketAddr>) -> Result<TcpStream, Error> {
        let stagger = self.stagger(addresses.len());
        let TcpOptions { socket, attempt_timeout, .. } = &self.options;
        let limit = attempt_timeout.unwrap_or(Duration::MAX);
        let mut waiting = addresses.into_iter().filter(|&peer| socket.reaches(peer));
        let mut next = waiting.next();
        let mut attempts = JoinSet::new();
        let mut failure = io::Error::new(
            io::ErrorKind::AddrNotAvailable,
            "the host has no address that the bind address can reach",
        );
        loop {
            if let Some(peer) = next.take() {
                attempts.spawn(open(socket.clone(), peer, limit));
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

    /// The error of the last attempt. A time limit of the system is an error with a number.
    fn failed(&self, failure: io::Error) -> Error {
        let is_ours = failure.kind() == io::ErrorKind::TimedOut && failure.raw_os_error().is_none();
        let kind = match self.options.attempt_timeout {
            Some(limit) if is_ours => ErrorKind::Timeout(limit),
            _ => ErrorKind::Io,
        };
        Error::new(kind, Phase::Connect).with_endpoint(&self.endpoint).with_source(failure)
    }

    /// The time after which the next address is tried, so that each of `addresses` has its turn.
    fn stagger(&self, addresses: usize) -> Duration {
        let turns = u32::try_from(addresses).unwrap_or(u32::MAX).saturating_add(1);
        STAGGER.min(self.options.connect_timeout / turns)
    }
}

impl Connect for TcpConnector {
    type Stream = TcpStream;

    async fn connect(&self) -> Result<TcpStream, Error> {
        let (options, endpoint) = (&self.options, &self.endpoint);
        let addresses = options.resolver.addresses(endpoint, options.resolve_timeout).await?;
        deadline(options.connect_timeout, Phase::Connect, endpoint, self.open_any(addresses)).await
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl From<Endpoint> for TcpConnector {
    fn from(endpoint: Endpoint) -> Self {
        Self::with_options(endpoint, TcpOptions::default())
    }
}

impl From<SocketAddr> for TcpConnector {
    fn from(address: SocketAddr) -> Self {
        Endpoint::from(address).into()
    }
}

/// The time for which one address may be silent before the next is tried too (RFC 8305).
const STAGGER: Duration = Duration::from_millis(250);

async fn open(options: SocketOptions, peer: SocketAddr, limit: Duration) -> io::Result<TcpStream> {
    timeout(limit, options.tcp_socket(peer)?.connect(peer)).await?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_limit_of_the_system_is_not_taken_for_ours() {
        let limit = Duration::from_secs(1);
        let mut connector = TcpConnector::new("a", 1).unwrap();
        connector.options.attempt_timeout = Some(limit);
        let check = |failure, expected| assert_eq!(connector.failed(failure).kind(), expected);
        check(io::ErrorKind::TimedOut.into(), ErrorKind::Timeout(limit));
        #[cfg(target_os = "linux")]
        check(io::Error::from_raw_os_error(110), ErrorKind::Io);
        check(io::ErrorKind::ConnectionRefused.into(), ErrorKind::Io);
    }

    #[test]
    fn the_next_address_has_its_turn_after_250_ms_or_its_share_of_the_time() {
        let check = |limit, addresses, expected| {
            let mut connector = TcpConnector::new("a", 1).unwrap();
            connector.options.connect_timeout = Duration::from_millis(limit);
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
