//! The script of a peer for one connection.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::sleep;

use super::Gate;
use crate::lock::Lock;

/// The steps of a peer on one connection, which it closes at the end.
///
/// ```
/// use influx_transport::test_util::Script;
///
/// let cut_off =
///     Script::new().read_request().send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[1,2");
/// let broken = Script::new().read_head().reset();
/// # drop((cut_off, broken));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a script does nothing until it is played"]
pub struct Script(Vec<Step>);

impl Script {
    /// A script without steps: it closes the connection at once.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads this many bytes.
    pub fn read(self, bytes: usize) -> Self {
        self.then(Step::Read(bytes))
    }

    /// Reads a head, up to and including its empty line.
    pub fn read_head(self) -> Self {
        self.then(Step::ReadHead)
    }

    /// Reads a request: its head, and a body of its `Content-Length`.
    pub fn read_request(self) -> Self {
        self.then(Step::ReadRequest)
    }

    /// Reads until the other side closes the connection.
    pub fn read_to_end(self) -> Self {
        self.then(Step::ReadToEnd)
    }

    /// Sends these bytes.
    pub fn send(self, bytes: impl Into<Bytes>) -> Self {
        self.then(Step::Send(bytes.into()))
    }

    /// Pauses. To wait for the test, use a [`Gate`] instead.
    pub fn pause(self, time: Duration) -> Self {
        self.then(Step::Pause(time))
    }

    /// Waits at this gate.
    pub fn pass(self, gate: &Gate) -> Self {
        self.then(Step::Pass(gate.clone()))
    }

    /// Opens this gate for one.
    pub fn open(self, gate: &Gate) -> Self {
        self.then(Step::Open(gate.clone()))
    }

    /// Keeps the connection open, but stops reading and sending. Further steps are not played.
    pub fn stall(self) -> Self {
        self.then(Step::Stall)
    }

    /// Resets the connection instead of closing it in order. Further steps are not played. In memory
    /// it is the same as closing.
    pub fn reset(self) -> Self {
        self.then(Step::Reset)
    }

    fn then(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }

    /// Plays the script on this stream. The caller closes it.
    /// Returns whether it ends by a reset.
    pub(super) async fn play<S>(self, stream: &mut S, record: Record) -> io::Result<bool>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut peer = Peer { stream, unread: BytesMut::new(), record };
        for step in self.0 {
            match step {
                Step::Open(gate) => gate.open(),
                Step::Pass(gate) => gate.pass().await,
                Step::Pause(time) => sleep(time).await,
                Step::Read(bytes) => peer.read(bytes).await?,
                Step::ReadHead => peer.read_head().await.map(drop)?,
                Step::ReadRequest => {
                    let head = peer.read_head().await?;
                    peer.read(content_length(&head)).await?;
                }
                Step::ReadToEnd => while peer.fill().await? > 0 {},
                Step::Reset => return Ok(true),
                Step::Send(bytes) => {
                    peer.stream.write_all(&bytes).await?;
                    peer.stream.flush().await?;
                }
                Step::Stall => std::future::pending().await,
            }
        }
        Ok(false)
    }
}

/// The bytes that a peer received, by connection, in the order of their beginning.
#[derive(Clone, Debug, Default)]
pub(super) struct Records(Arc<Lock<Vec<BytesMut>>>);

impl Records {
    /// Begins the record of one more connection.
    pub(super) fn begin(&self) -> Record {
        let mut all = self.0.lock();
        all.push(BytesMut::new());
        Record { records: self.clone(), connection: all.len() - 1 }
    }

    pub(super) fn count(&self) -> usize {
        self.0.lock().len()
    }

    pub(super) fn bytes(&self) -> Vec<Bytes> {
        self.0.lock().iter().map(|bytes| bytes.clone().freeze()).collect()
    }
}

/// The place for the bytes of one connection.
pub(super) struct Record {
    records: Records,
    connection: usize,
}

impl Record {
    fn extend(&self, bytes: &[u8]) {
        let mut all = self.records.0.lock();
        all.get_mut(self.connection).into_iter().for_each(|one| one.extend_from_slice(bytes));
    }
}

#[derive(Clone, Debug)]
enum Step {
    Open(Gate),
    Pass(Gate),
    Pause(Duration),
    Read(usize),
    ReadHead,
    ReadRequest,
    ReadToEnd,
    Reset,
    Send(Bytes),
    Stall,
}

/// A stream, its received bytes that no step has read yet, and the record of all.
struct Peer<'a, S> {
    stream: &'a mut S,
    unread: BytesMut,
    record: Record,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<'_, S> {
    async fn read(&mut self, bytes: usize) -> io::Result<()> {
        while self.unread.len() < bytes {
            self.fill_some().await?;
        }
        drop(self.unread.split_to(bytes));
        Ok(())
    }

    async fn read_head(&mut self) -> io::Result<BytesMut> {
        const END: &[u8] = b"\r\n\r\n";
        loop {
            if let Some(end) = self.unread.windows(END.len()).position(|window| window == END) {
                return Ok(self.unread.split_to(end + END.len()));
            }
            self.fill_some().await?;
        }
    }

    async fn fill_some(&mut self) -> io::Result<()> {
        match self.fill().await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    async fn fill(&mut self) -> io::Result<usize> {
        let before = self.unread.len();
        let bytes = self.stream.read_buf(&mut self.unread).await?;
        self.record.extend(self.unread.get(before..).unwrap_or_default());
        Ok(bytes)
    }
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head);
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    lengths.next().and_then(|(_, length)| length.trim().parse().ok()).unwrap_or(0)
}
