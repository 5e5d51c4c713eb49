//! Plays scripts in memory.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use tokio::io::{DuplexStream, duplex};
use tokio::task::JoinSet;

use super::Script;
use super::script::Records;
use crate::lock::Lock;
use crate::{Connect, Endpoint, Error, Phase};

/// Connects to a peer in memory that plays one script for each connection, in order, and refuses
/// all further connections. Dropping it ends all scripts.
///
/// ```
/// use influx_transport::Connect;
/// use influx_transport::test_util::{Script, ScriptedConnector};
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// let connector = ScriptedConnector::new([Script::new().read(4).send("pong")]);
/// let mut stream = connector.connect().await?;
/// stream.write_all(b"ping").await?;
/// let mut answer = String::new();
/// stream.read_to_string(&mut answer).await?;
/// assert_eq!(answer, "pong");
/// assert_eq!(connector.received(), ["ping"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ScriptedConnector {
    endpoint: Endpoint,
    capacity: usize,
    records: Records,
    state: Lock<State>,
}

impl ScriptedConnector {
    /// Plays these scripts.
    pub fn new(scripts: impl IntoIterator<Item = Script>) -> Self {
        let scripts = scripts.into_iter().collect();
        Self {
            // Nothing listens there; an error text needs some name.
            endpoint: SocketAddr::from((Ipv4Addr::LOCALHOST, 1)).into(),
            capacity: 64 * 1024,
            records: Records::default(),
            state: Lock::new(State { scripts, players: JoinSet::new() }),
        }
    }

    /// The size of the buffer of each direction in bytes. Default: 64 KiB.
    #[must_use]
    pub fn capacity(mut self, bytes: usize) -> Self {
        self.capacity = bytes;
        self
    }

    /// The number of opened connections so far.
    pub fn connections(&self) -> usize {
        self.records.count()
    }

    /// The received bytes of the peer so far, by connection.
    pub fn received(&self) -> Vec<Bytes> {
        self.records.bytes()
    }
}

impl Connect for ScriptedConnector {
    type Stream = DuplexStream;

    async fn connect(&self) -> Result<DuplexStream, Error> {
        let mut state = self.state.lock();
        let Some(script) = state.scripts.pop_front() else {
            let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
            return Err(Error::io(Phase::Connect, &self.endpoint, refused));
        };
        let (ours, mut theirs) = duplex(self.capacity);
        let record = self.records.begin();
        state.players.spawn(async move { script.play(&mut theirs, record).await.map(drop) });
        Ok(ours)
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

#[derive(Debug)]
struct State {
    scripts: VecDeque<Script>,
    players: JoinSet<io::Result<()>>,
}
