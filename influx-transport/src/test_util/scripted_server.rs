//! Plays scripts on real sockets.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::Script;
use super::script::{Record, Records};

/// A TCP server on the loopback interface that plays one script for each connection, in order, and
/// refuses all further connections. Dropping it ends all scripts.
///
/// ```
/// use influx_transport::test_util::{Script, ScriptedServer};
/// use influx_transport::Connect;
/// use influx_transport::tcp::TcpConnector;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let server = ScriptedServer::start([Script::new().read(4).send("pong")]).await?;
/// let mut stream = TcpConnector::from(server.local_addr()).connect().await?;
/// stream.write_all(b"ping").await?;
/// let mut answer = String::new();
/// stream.read_to_string(&mut answer).await?;
/// assert_eq!(answer, "pong");
/// assert_eq!(server.finish().await?, ["ping"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "dropping it stops the server"]
pub struct ScriptedServer {
    local_addr: SocketAddr,
    records: Records,
    task: JoinHandle<io::Result<()>>,
}

impl ScriptedServer {
    /// Listens on a free port and plays these scripts.
    ///
    /// # Errors
    ///
    /// The system has no port left.
    pub async fn start<I>(scripts: I) -> io::Result<Self>
    where
        I: IntoIterator<Item = Script, IntoIter: Send + 'static>,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let local_addr = listener.local_addr()?;
        let records = Records::default();
        let task = tokio::spawn(run(listener, scripts.into_iter(), records.clone()));
        Ok(Self { local_addr, records, task })
    }

    /// The local address.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// The number of accepted connections so far.
    pub fn connections(&self) -> usize {
        self.records.count()
    }

    /// The received bytes so far, by connection.
    pub fn received(&self) -> Vec<Bytes> {
        self.records.bytes()
    }

    /// Waits until all scripts have ended, and returns the received bytes by connection.
    ///
    /// # Errors
    ///
    /// A client closed its connection before its script had read or sent everything.
    ///
    /// # Cancel safety
    ///
    /// A dropped future ends all scripts.
    pub async fn finish(mut self) -> io::Result<Vec<Bytes>> {
        (&mut self.task).await??;
        Ok(self.received())
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(
    listener: TcpListener,
    scripts: impl Iterator<Item = Script>,
    records: Records,
) -> io::Result<()> {
    let mut players = JoinSet::new();
    for script in scripts {
        let (stream, _) = listener.accept().await?;
        players.spawn(play(script, stream, records.begin()));
    }
    drop(listener);
    while let Some(played) = players.join_next().await {
        played??;
    }
    Ok(())
}

async fn play(script: Script, mut stream: TcpStream, record: Record) -> io::Result<()> {
    stream.set_nodelay(true)?;
    if script.play(&mut stream, record).await? {
        // Closing a socket that lingers for no time resets the connection.
        SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
    }
    Ok(())
}
