//! Points by datagram.

use std::net::SocketAddr;

use influx_transport::Error;
use influx_transport::udp::UdpListener;
use tokio::task::JoinHandle;

/// Takes datagrams until it is dropped.
#[derive(Debug)]
pub(crate) struct UdpPort {
    local_addr: SocketAddr,
    task: JoinHandle<()>,
}

impl UdpPort {
    pub(crate) fn open(
        address: SocketAddr,
        handle: impl Fn(&[u8]) + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let mut listener = UdpListener::bind(address)?;
        let local_addr = listener.local_addr();
        let task = tokio::spawn(async move {
            loop {
                handle(&listener.recv().await.0);
            }
        });
        Ok(Self { local_addr, task })
    }

    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Closes the port.
    pub(crate) async fn close(mut self) {
        self.task.abort();
        // The task ends because it was aborted.
        drop((&mut self.task).await);
    }
}

impl Drop for UdpPort {
    fn drop(&mut self) {
        self.task.abort();
    }
}
