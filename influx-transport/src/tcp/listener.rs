//! The TCP side of a server.

use std::net::SocketAddr;

use socket2::SockRef;
use tokio::net::TcpStream;

use crate::endpoint::own_address;
use crate::patience::Patience;
use crate::{Endpoint, Error, Listen, ListenerStats, Phase, SocketOptions};

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
    /// Listens on this address with the default options. Port 0 stands for any free one.
    ///
    /// On Unix, an address that a server has just left is free, even if not all of its connections
    /// have ended. Whether `[::]` takes IPv4 peers too depends on the system; Linux does so unless
    /// it is configured otherwise.
    ///
    /// # Errors
    ///
    /// [`Phase::Bind`]: the address is in use, or does not belong to this machine.
    pub async fn bind(address: SocketAddr) -> Result<Self, Error> {
        Self::bind_with(address, SocketOptions::default()).await
    }

    /// As [`bind`](Self::bind), with these options for the accepted sockets. Their `bind_address`
    /// and `interface` have no effect.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub async fn bind_with(address: SocketAddr, options: SocketOptions) -> Result<Self, Error> {
        let failed = |error| Error::io(Phase::Bind, &address.into(), error);
        let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
        let local_addr = listener.local_addr().map_err(failed)?;
        Ok(Self {
            listener,
            local_addr,
            endpoint: local_addr.into(),
            options,
            patience: Patience::default(),
        })
    }

    /// The local address, with the port that the system chose for port 0.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }
}

impl Listen for TcpListener {
    type Stream = TcpStream;

    async fn accept(&self) -> (TcpStream, Endpoint) {
        loop {
            let (stream, peer) = self.patience.outlast(|cx| self.listener.poll_accept(cx)).await;
            // It fails for a peer that has already left.
            if self.options.apply(&SockRef::from(&stream)).is_ok() {
                return (stream, own_address(peer).into());
            }
        }
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn stats(&self) -> ListenerStats {
        self.patience.stats()
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
