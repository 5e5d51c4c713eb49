//! Streams whose writes are watched, since hyper tells neither when a request has left nor when a
//! peer stops reading.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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

    fn pass<T>(
        &mut self,
        cx: &mut Context<'_>,
        polled: Poll<io::Result<T>>,
        bytes: impl FnOnce(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        match &polled {
            Poll::Ready(Ok(done)) => self.took(bytes(done)),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                ready!(self.poll_stalled(cx));
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        polled
    }
}

impl<S: AsyncRead + Unpin, W: Unpin> AsyncRead for Watched<S, W> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
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
        let closed = Pin::new(&mut self.0).poll_shutdown(cx);
        self.1.pass(cx, closed, |()| 0)
    }
}

/// The number of bytes that a stream took, and the moment when it took the last ones.
#[derive(Debug)]
pub(super) struct WriteClock {
    start: Instant,
    bytes: AtomicU64,
    last_nanos: AtomicU64,
}

impl WriteClock {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), bytes: AtomicU64::new(0), last_nanos: AtomicU64::new(0) }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn last(&self) -> Instant {
        self.start + Duration::from_nanos(self.last_nanos.load(Ordering::Relaxed))
    }
}

impl Watch for Arc<WriteClock> {
    fn took(&mut self, bytes: usize) {
        if bytes > 0 {
            let nanos = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
            self.last_nanos.store(nanos, Ordering::Relaxed);
            self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }

    fn poll_stalled(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
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
}
