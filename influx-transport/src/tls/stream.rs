//! An encrypted byte stream.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::failure::farewell;

/// An encrypted byte stream over another one, in either role.
///
/// A shutdown tells the peer, within TLS, that the stream is complete. It takes at most 1 s, even if
/// the peer reads nothing; flush before it to wait longer for written bytes. A peer that closes the
/// connection without that word causes an error instead of the end of the stream, since an attacker
/// could have cut it. Dropping the stream says nothing, so that half a message never looks whole.
#[derive(Debug)]
pub struct TlsStream<S> {
    stream: tokio_rustls::TlsStream<S>,
    closing: Option<Pin<Box<Sleep>>>,
}

impl<S> TlsStream<S> {
    pub(super) fn new(stream: impl Into<tokio_rustls::TlsStream<S>>) -> Self {
        Self { stream: stream.into(), closing: None }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for TlsStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buffer));
        let is_client = matches!(self.stream, tokio_rustls::TlsStream::Client(_));
        Poll::Ready(read.map_err(|error| farewell(error, is_client)))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TlsStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { stream, closing } = &mut *self;
        if let Poll::Ready(closed) = Pin::new(stream).poll_shutdown(cx) {
            return Poll::Ready(closed);
        }
        let limit = closing.get_or_insert_with(|| Box::pin(sleep(CLOSE_TIMEOUT)));
        ready!(limit.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

/// The longest time for a shutdown.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
