//! Accepts TCP connections.

use std::net::SocketAddr;

use socket2::SockRef;
use tokio::net::TcpStream;

use crate::endpoint::own_address;
use crate::patience::Patience;
use crate::{Endpoint, Error, ErrorKind, Listen, Phase, SocketOptions};

/// Accepts TCP connections on a local address.
///
/// ```
/// use std::net::Ipv4Addr;
///
/// use influx_transport::{Connect, Listen};
/// use influx_transport::tcp::{TcpConnector, TcpListener};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// // Port 0 stands for any free one.
/// let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into()).await?;
/// let client = TcpConnector::from(listener.local_addr()).connect().await?;
/// let (server, peer) = listener.accept().await;
/// assert_eq!(peer.port(), client.local_addr()?.port());
/// # drop(server);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TcpListener {
    listener: tokio::net::TcpListener,
    local_addr: SocketAddr,
    endpoint: Endpoint,
    options: SocketOptions,
    patience: Patience,
}

impl TcpListener {
    /// Listens on this address, where port 0 stands for any free one. On Unix, an address that a
    /// server has just left, and whose connections have not all ended, is free. Whether `[::]`
    /// takes IPv4 peers too is up to the system; Linux does so unless told otherwise.
    ///
    /// # Errors
    ///
    /// [`Phase::Bind`]: the address is not free, or not ours.
    pub async fn bind(address: SocketAddr) -> Result<Self, Error> {
        let failed = |error| {
            let endpoint = Endpoint::from(address);
            Error::new(ErrorKind::Io, Phase::Bind).with_endpoint(&endpoint).with_source(error)
        };
        let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
        let local_addr = listener.local_addr().map_err(failed)?;
        Ok(Self {
            listener,
            local_addr,
            endpoint: local_addr.into(),
            options: SocketOptions::default(),
            patience: Patience::default(),
        })
    }

    /// What the accepted sockets are set to, except for the bind address and the interface.
    #[must_use]
    pub fn socket_options(mut self, options: SocketOptions) -> Self {
        self.options = options;
        self
    }

    /// The address on which it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// How often the system failed to accept a peer, or a peer was gone before it was accepted.
    pub fn failures(&self) -> u64 {
        self.patience.failures()
    }
}

impl Listen for TcpListener {
    type Stream = TcpStream;

    async fn accept(&self) -> (TcpStream, Endpoint) {
        loop {
            let (stream, peer) = self.patience.outlast(|cx| self.listener.poll_accept(cx)).await;
            // It fails for a peer that is gone already.
            if self.options.apply(&SockRef::from(&stream)).is_ok() {
                return (stream, own_address(peer).into());
            }
        }
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_whose_connections_have_not_all_ended_is_free() {
        let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        assert!(SockRef::from(&listener.listener).reuse_address().unwrap());
    }
}
