//! A transport and byte streams without a network, for tests.

use std::collections::VecDeque;
use std::fmt;
use std::future::pending;
use std::io;

use tokio::io::{DuplexStream, duplex};
use tokio::sync::{Mutex as AsyncMutex, mpsc};

use crate::lock::Lock;
use crate::{Connect, Endpoint, Error, ErrorKind, Listen, Phase, Transport};

/// A transport without a network: it records the requests and answers from a script.
///
/// After the end of the script, requests fail with [`ErrorKind::Closed`].
///
/// ```
/// use influx_transport::Transport;
/// use influx_transport::memory::MemoryTransport;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// let transport = MemoryTransport::new([Ok("pong")]);
/// assert_eq!(transport.send("ping").await?, "pong");
/// assert!(transport.send("ping again").await.unwrap_err().is_closed());
/// assert_eq!(transport.take_requests(), ["ping", "ping again"]);
/// # Ok::<(), influx_transport::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
///
/// Dropping it panics if scripted answers are left, since the code under test sent fewer requests
/// than the test expected; it does not if the thread is already panicking.
///
/// `Debug` shows the numbers of requests and answers only, as their content may be secret.
pub struct MemoryTransport<Q, R> {
    state: Lock<State<Q, R>>,
}

impl<Q, R> MemoryTransport<Q, R> {
    /// A transport with these answers, in order.
    pub fn new(answers: impl IntoIterator<Item = Result<R, Error>>) -> Self {
        let answers = answers.into_iter().collect();
        Self { state: Lock::new(State { requests: Vec::new(), answers }) }
    }

    /// Takes the requests so far, in order.
    pub fn take_requests(&self) -> Vec<Q> {
        std::mem::take(&mut self.state.lock().requests)
    }

    /// The number of answers that are left.
    pub fn answers_left(&self) -> usize {
        self.state.lock().answers.len()
    }
}

impl<Q, R> fmt::Debug for MemoryTransport<Q, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.lock();
        f.debug_struct("MemoryTransport")
            .field("requests", &state.requests.len())
            .field("answers_left", &state.answers.len())
            .finish()
    }
}

impl<Q, R> Drop for MemoryTransport<Q, R> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let left = self.answers_left();
        assert_eq!(left, 0, "{left} scripted answers of a MemoryTransport were not used");
    }
}

impl<Q: Send + 'static, R: Send + 'static> Transport for MemoryTransport<Q, R> {
    type Request = Q;
    type Response = R;

    async fn connect(&self) -> Result<(), Error> {
        Ok(())
    }

    async fn send(&self, request: Q) -> Result<R, Error> {
        let mut state = self.state.lock();
        state.requests.push(request);
        let beyond = || Err(Error::new(ErrorKind::Closed, Phase::Response));
        state.answers.pop_front().unwrap_or_else(beyond)
    }

    async fn disconnect(&self) -> Result<(), Error> {
        Ok(())
    }
}

struct State<Q, R> {
    requests: Vec<Q>,
    answers: VecDeque<Result<R, Error>>,
}

/// A connector and its listener, without a network. Tokio's paused time works here; with real
/// sockets it runs ahead of the data.
///
/// Each direction of a connection holds up to 64 KiB of unread data. Up to 128 connections may wait
/// to be accepted.
///
/// ```
/// use influx_transport::{Connect, Listen};
/// use influx_transport::memory::memory_pair;
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
    (connector, MemoryListener { endpoint, accepted: AsyncMutex::new(accepted) })
}

/// Connects to a [`MemoryListener`], which refuses once it is dropped. Made by [`memory_pair`].
/// Clones connect to the same listener.
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
        let refused =
            |_| Error::io(Phase::Connect, &self.endpoint, io::ErrorKind::ConnectionRefused.into());
        self.queue.try_send(theirs).map_err(refused).map(|()| ours)
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

/// Accepts the connections of a [`MemoryConnector`]. Made by [`memory_pair`].
#[derive(Debug)]
pub struct MemoryListener {
    endpoint: Endpoint,
    accepted: AsyncMutex<mpsc::Receiver<DuplexStream>>,
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

/// The number of connections that may wait to be accepted.
const BACKLOG: usize = 128;

/// The size of the buffer of each direction in bytes.
const CAPACITY: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_come_in_order_and_then_closed() {
        let failure = Error::new(ErrorKind::Closed, Phase::Body);
        let transport = MemoryTransport::new([Ok('a'), Err(failure), Ok('b')]);
        assert_eq!(transport.send(1).await.unwrap(), 'a');
        assert_eq!(transport.send(2).await.unwrap_err().phase(), Phase::Body);
        assert_eq!(transport.answers_left(), 1);
        assert_eq!(transport.send(3).await.unwrap(), 'b');
        assert_eq!(transport.send(4).await.unwrap_err().phase(), Phase::Response);
        assert_eq!(transport.take_requests(), [1, 2, 3, 4]);
        assert_eq!(transport.take_requests(), [0; 0]);
    }

    #[test]
    #[should_panic(expected = "2 scripted answers of a MemoryTransport were not used")]
    fn answers_left_over_fail_the_test() {
        drop(MemoryTransport::<(), _>::new([Ok(1), Ok(2)]));
    }
}
