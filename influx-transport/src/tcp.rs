//! Connects over TCP.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::connect::deadline;
use crate::resolve::resolve;
use crate::{Connect, Endpoint, Error, ErrorKind, Phase, SocketOptions};

/// Connects to a host and port over TCP, without encryption.
///
/// The name is looked up again at every connect. All its addresses are tried in the system's
/// order: the next one as soon as the one before failed, or after 250 ms if it is silent; the first
/// that answers wins.
///
/// ```
/// use std::time::Duration;
///
/// use influx_transport::{Connect, TcpConnector};
///
/// let connector = TcpConnector::new("localhost", 8086)?.connect_timeout(Duration::from_secs(2));
/// assert_eq!(connector.endpoint().to_string(), "localhost:8086");
/// # Ok::<(), influx_transport::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TcpConnector {
    endpoint: Endpoint,
    options: SocketOptions,
    connect_timeout: Duration,
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

    /// How long finding the addresses may take, and then connecting, over all addresses.
    /// Default: 5 s each.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    async fn open_any(&self, addresses: Vec<SocketAddr>) -> Result<TcpStream, Error> {
        let mut waiting = addresses.into_iter().filter(|&peer| self.options.reaches(peer));
        let mut next = waiting.next();
        let mut attempts = JoinSet::new();
        let mut failure = io::Error::new(
            io::ErrorKind::AddrNotAvailable,
            "the host has no address that the bind address can reach",
        );
        loop {
            if let Some(peer) = next.take() {
                attempts.spawn(open(self.options.clone(), peer));
                next = waiting.next();
            }
            let finished = if next.is_some() {
                match timeout(STAGGER, attempts.join_next()).await {
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
        let error = Error::new(ErrorKind::Io, Phase::Connect);
        Err(error.with_endpoint(&self.endpoint).with_source(failure))
    }
}

impl Connect for TcpConnector {
    type Stream = TcpStream;

    async fn connect(&self) -> Result<TcpStream, Error> {
        let (limit, endpoint) = (self.connect_timeout, &self.endpoint);
        let addresses = resolve(endpoint, limit).await?;
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
            options: SocketOptions::default(),
            connect_timeout: Duration::from_secs(5),
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

async fn open(options: SocketOptions, peer: SocketAddr) -> io::Result<TcpStream> {
    options.socket(peer)?.connect(peer).await
}

#[cfg(test)]
mod tests {
    use socket2::{Domain, Socket, Type};

    use super::*;

    fn listen(backlog: i32) -> (Socket, SocketAddr) {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
        socket.listen(backlog).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        (socket, address)
    }

    async fn check(addresses: &[SocketAddr], expected: Option<SocketAddr>) {
        let connector = TcpConnector::new("unused", 1).unwrap();
        let stream = connector.open_any(addresses.to_vec()).await;
        assert_eq!(stream.ok().map(|stream| stream.peer_addr().unwrap()), expected);
    }

    #[tokio::test]
    async fn the_first_address_that_answers_wins() {
        let (dead, refused) = listen(1);
        drop(dead);
        let (_listener, live) = listen(8);
        // A listener whose queue is full ignores whoever comes.
        let (_full, silent) = listen(0);
        let _queued = TcpStream::connect(silent).await.unwrap();

        check(&[refused, live], Some(live)).await;
        check(&[silent, live], Some(live)).await;
        check(&[silent, refused, live], Some(live)).await;
        check(&[refused, refused], None).await;
        check(&[], None).await;
    }
}
