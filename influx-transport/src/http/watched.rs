//! Streams whose writes are watched, since hyper tells neither when a request has left nor when a
//! peer stops reading, and gives up an answer that has arrived when a write fails.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

#[cfg(feature = "http-server")]
use crate::alarm::Alarm;

/// A stream and the watch over its writes.
pub(super) struct Watched<S, W>(pub(super) S, pub(super) W);

pub(super) trait Watch: Unpin {
    /// The stream took this many bytes.
    fn took(&mut self, bytes: usize);

    /// The stream takes nothing at the moment. Ready means that it must be given up.
    fn poll_stalled(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// The stream takes no more bytes. Pending means that reading goes on.
    fn failed(&mut self, cx: &mut Context<'_>, error: io::Error) -> Poll<io::Error>;

    /// Bytes came, or the end of the stream.
    fn read(&mut self, is_end: bool) -> io::Result<()>;

    fn pass<T>(
        &mut self,
        cx: &mut Context<'_>,
        polled: Poll<io::Result<T>>,
        bytes: impl FnOnce(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        match polled {
            Poll::Ready(Ok(done)) => {
                self.took(bytes(&done));
                Poll::Ready(Ok(done))
            }
            Poll::Ready(Err(error)) => self.failed(cx, error).map(Err),
            Poll::Pending => {
                ready!(self.poll_stalled(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl<S: AsyncRead + Unpin, W: Watch> AsyncRead for Watched<S, W> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.0).poll_read(cx, buffer))?;
        let is_end = buffer.filled().len() == before && buffer.remaining() > 0;
        Poll::Ready(self.1.read(is_end))
    }
}

impl<S: AsyncWrite + Unpin, W: Watch> AsyncWrite for Watched<S, W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.0).poll_write(cx, buffer);
        self.1.pass(cx, written, |&bytes| bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.0).poll_write_vectored(cx, buffers);
        self.1.pass(cx, written, |&bytes| bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.0).poll_flush(cx);
        self.1.pass(cx, flushed, |()| 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.0).poll_shutdown(cx) {
            // A held error would keep the stream open for ever.
            Poll::Ready(closed) => Poll::Ready(closed),
            Poll::Pending => self.1.pass(cx, Poll::Pending, |()| 0),
        }
    }
}

/// The number of bytes that a stream took, and the moments when it took and gave the last ones.
#[derive(Debug)]
pub(super) struct WriteClock {
    start: Instant,
    bytes: AtomicU64,
    last_nanos: AtomicU64,
    read_nanos: AtomicU64,
    is_broken: AtomicBool,
}

impl WriteClock {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            bytes: AtomicU64::new(0),
            last_nanos: AtomicU64::new(0),
            read_nanos: AtomicU64::new(0),
            is_broken: AtomicBool::new(false),
        }
    }

    /// Whether the stream takes no more bytes.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::Relaxed)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn last(&self) -> Instant {
        self.start + Duration::from_nanos(self.last_nanos.load(Ordering::Relaxed))
    }

    /// The moment when the last bytes came.
    pub(super) fn last_read(&self) -> Instant {
        self.start + Duration::from_nanos(self.read_nanos.load(Ordering::Relaxed))
    }

    fn nanos(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// The watch over the writes of a client.
///
/// A server that refuses a request early closes the connection, often by a reset, since it leaves
/// a part of the request unread. Its answer lies in the receive buffer of this machine then, where
/// Linux keeps it, but writes fail. Hence the error of a write is held back, and the stream is
/// read to its end: the answer counts, whatever became of the request.
pub(super) struct Upload {
    clock: Arc<WriteClock>,
    failure: Option<io::Error>,
}

impl Upload {
    pub(super) fn new(clock: Arc<WriteClock>) -> Self {
        Self { clock, failure: None }
    }
}

impl Watch for Upload {
    fn took(&mut self, bytes: usize) {
        if bytes > 0 {
            self.clock.last_nanos.store(self.clock.nanos(), Ordering::Relaxed);
            self.clock.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }

    fn poll_stalled(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }

    fn failed(&mut self, cx: &mut Context<'_>, error: io::Error) -> Poll<io::Error> {
        if self.failure.is_none() {
            self.failure = Some(error);
            self.clock.is_broken.store(true, Ordering::Relaxed);
            // The stream may have been found empty before it broke.
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// A failed write takes a reset away from the reads, which see an end in order then. Only a
    /// peer that closed in order before its reset leaves a broken pipe.
    fn read(&mut self, is_end: bool) -> io::Result<()> {
        if !is_end {
            self.clock.read_nanos.store(self.clock.nanos(), Ordering::Relaxed);
            return Ok(());
        }
        match self.failure.take_if(|failure| failure.kind() != io::ErrorKind::BrokenPipe) {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }
}

/// The longest time for which a stream may take nothing.
#[cfg(feature = "http-server")]
pub(super) struct SendLimit {
    limit: Duration,
    alarm: Alarm,
    deadline: Option<Instant>,
}

#[cfg(feature = "http-server")]
impl SendLimit {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit: limit.min(crate::alarm::FOREVER), alarm: Alarm::new(), deadline: None }
    }
}

#[cfg(feature = "http-server")]
impl Watch for SendLimit {
    fn took(&mut self, _: usize) {
        self.deadline = None;
    }

    fn poll_stalled(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = *self.deadline.get_or_insert_with(|| Instant::now() + self.limit);
        self.alarm.poll(cx, Some(deadline))
    }

    fn failed(&mut self, _: &mut Context<'_>, error: io::Error) -> Poll<io::Error> {
        Poll::Ready(error)
    }

    fn read(&mut self, _: bool) -> io::Result<()> {
        Ok(())
    }
}
