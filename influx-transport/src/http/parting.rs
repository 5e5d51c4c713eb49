//! The end of a server's connection: the last answer must reach a client that still sends.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::alarm::{Alarm, FOREVER};

/// A stream whose closing waits until the client has read the last answer.
///
/// A system that closes a connection with unread bytes resets it, and a client that still sends
/// its request then sees an error instead of the answer. Hence the rest of a refused request is
/// read and thrown away for a while.
pub(super) struct Parting<S> {
    stream: S,
    marks: Arc<Marks>,
    /// The bytes of a refusal that replaces hyper's.
    refusal: Bytes,
    limit: Duration,
    end: Option<(Alarm, Instant)>,
}

/// The facts about a connection that its stream must know.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// The last answer came before its request was read.
    pub(super) is_early: AtomicBool,
    /// The handler has answered with a status of hyper's own refusals, so that not every such
    /// answer is hyper's.
    pub(super) refuses_heads: AtomicBool,
}

impl<S> Parting<S> {
    pub(super) fn new(stream: S, marks: Arc<Marks>, limit: Duration) -> Self {
        let limit = limit.min(FOREVER);
        Self { stream, marks, refusal: Bytes::new(), limit, end: None }
    }

    /// Keeps the refusal that replaces this answer, if hyper made it.
    fn replaces(&mut self, answer: &[u8]) -> bool {
        let Some(refused) = Refused::of(answer) else { return false };
        if self.marks.refuses_heads.load(Ordering::Relaxed) {
            return false;
        }
        self.marks.is_early.store(true, Ordering::Relaxed);
        let Some(refusal) = refused.with_text(answer) else { return false };
        self.refusal = refusal.into();
        true
    }
}

impl<S: AsyncWrite + Unpin> Parting<S> {
    fn poll_refusal(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.refusal.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.refusal))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.refusal.advance(written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Parting<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Parting<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_refusal(cx))?;
        if self.replaces(buffer) {
            return Poll::Ready(Ok(buffer.len()));
        }
        Pin::new(&mut self.stream).poll_write(cx, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_refusal(cx))?;
        if let [buffer] = buffers
            && self.replaces(buffer)
        {
            return Poll::Ready(Ok(buffer.len()));
        }
        Pin::new(&mut self.stream).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_refusal(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.end.is_none() {
            ready!(this.poll_refusal(cx))?;
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            if !this.marks.is_early.load(Ordering::Relaxed) {
                return Poll::Ready(Ok(()));
            }
        }
        let (alarm, deadline) =
            this.end.get_or_insert_with(|| (Alarm::new(), Instant::now() + this.limit));
        let mut scratch = [0; 16 * 1024];
        // A client that sends without a pause leaves no time for others.
        for _ in 0..16 {
            if alarm.poll(cx, Some(*deadline)).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut buffer = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut this.stream).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                // The client has closed or reset the connection.
                Ok(()) | Err(_) => return Poll::Ready(Ok(())),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// The heads that hyper refuses by itself, without a text.
#[derive(Clone, Copy, Debug)]
enum Refused {
    Target,
    Head,
    Malformed,
}

impl Refused {
    fn of(answer: &[u8]) -> Option<Self> {
        Some(match answer.get(..13)? {
            b"HTTP/1.1 414 " => Self::Target,
            b"HTTP/1.1 431 " => Self::Head,
            b"HTTP/1.1 400 " => Self::Malformed,
            _ => return None,
        })
    }

    /// The same answer with a text, unless it has a body or is not whole.
    fn with_text(self, answer: &[u8]) -> Option<Vec<u8>> {
        let text = match self {
            Self::Target => "the request's target is longer than 65,534 bytes",
            Self::Head => "the request's head is too large",
            // hyper uses it for heads of many kinds.
            Self::Malformed => return None,
        };
        let head = std::str::from_utf8(answer.strip_suffix(b"\r\n\r\n")?).ok()?;
        let (before, after) = head.split_once("content-length: 0")?;
        let length = text.len();
        Some(format!("{before}content-length: {length}{after}\r\n\r\n{text}").into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_without_a_text_get_one() {
        let check = |answer: &str, expected: Option<&str>| {
            let found =
                Refused::of(answer.as_bytes()).and_then(|it| it.with_text(answer.as_bytes()));
            assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{answer}");
        };
        check(
            "HTTP/1.1 431 R\r\nconnection: close\r\ncontent-length: 0\r\ndate: d\r\n\r\n",
            Some(
                "HTTP/1.1 431 R\r\nconnection: close\r\ncontent-length: 31\r\ndate: d\r\n\r\n\
                 the request's head is too large",
            ),
        );
        check("HTTP/1.1 414 R\r\ncontent-length: 1\r\n\r\nx", None);
        check("HTTP/1.1 414 R\r\ncontent-length: 0\r\n", None);
        check("HTTP/1.1 400 R\r\ncontent-length: 0\r\n\r\n", None);
        check("HTTP/1.1 200 R\r\ncontent-length: 0\r\n\r\n", None);
        check("HTTP/1.1 4", None);
    }
}
