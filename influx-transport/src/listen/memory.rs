//! A listener without a network, for tests.

use std::future::pending;
use std::io;

use tokio::io::{DuplexStream, duplex};
use tokio::sync::{Mutex, mpsc};

use super::Listen;
use crate::{Connect, Endpoint, Error, ErrorKind, Phase};

/// A listener and what connects to it, without a network. Tokio's paused time works here; with
/// real sockets it runs ahead of the data.
///
/// Each direction of a connection holds 64 KiB that were sent and not read yet. 128 connections
/// may wait to be accepted.
///
/// ```
/// use influx_transport::{Connect, Listen, memory_pair};
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// let (connector, listener) = memory_pair();
/// let mut client = connector.connect().await?;
/// let (mut server, _) = listener.accept().await;
/// client.write_all(b"ping").await?;
/// let mut received = [0; 4];
/// server.read_exact(&mut received).await?;
/// assert_eq!(&received, b"ping");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn memory_pair() -> (MemoryConnector, MemoryListener) {
    let (queue, accepted) = mpsc::channel(BACKLOG);
    let endpoint = Endpoint::local("memory");
    let connector = MemoryConnector { endpoint: endpoint.clone(), queue };
    (connector, MemoryListener { endpoint, accepted: Mutex::new(accepted) })
}

/// Connects to a [`MemoryListener`]; it is refused when that was dropped. Made by
/// [`memory_pair`]. Clones connect to the same listener.
#[derive(Clone, Debug)]
pub struct MemoryConnector {
    endpoint: Endpoint,
    queue: mpsc::Sender<DuplexStream>,
}

impl Connect for MemoryConnector {
    type Stream = DuplexStream;

    async fn connect(&self) -> Result<DuplexStream, Error> {
        let (ours, theirs) = duplex(CAPACITY);
        // A real connection does not wait for the listener either.
        self.queue.try_send(theirs).map_err(|_| {
            Error::new(ErrorKind::Io, Phase::Connect)
                .with_endpoint(&self.endpoint)
                .with_source(io::Error::from(io::ErrorKind::ConnectionRefused))
        })?;
        Ok(ours)
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

/// Accepts the connections of a [`MemoryConnector`]. Made by [`memory_pair`].
#[derive(Debug)]
pub struct MemoryListener {
    endpoint: Endpoint,
    accepted: Mutex<mpsc::Receiver<DuplexStream>>,
}

impl Listen for MemoryListener {
    type Stream = DuplexStream;

    async fn accept(&self) -> (DuplexStream, Endpoint) {
        match self.accepted.lock().await.recv().await {
            Some(stream) => (stream, self.endpoint.clone()),
            None => pending().await,
        }
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

/// How many connections may wait to be accepted.
const BACKLOG: usize = 128;

/// How many bytes may be on their way in each direction.
const CAPACITY: usize = 64 * 1024;
