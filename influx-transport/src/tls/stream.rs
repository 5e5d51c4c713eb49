//! An encrypted byte stream.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// An encrypted byte stream over another one, in either role.
///
/// Shutting it down tells the peer in TLS that this is the end. That takes 1 s at most, also if the
/// peer takes nothing; flush before to wait longer for what was written. A peer that ends the
/// connection without telling gives an error where it would otherwise be the end: somebody else
/// could have cut it. Dropping the stream tells nothing, so that half a message never looks whole.
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
        Poll::Ready(read.map_err(farewell))
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

/// How long the peer may take to accept what is left and the last word.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// A peer that says in TLS why it hangs up, for want of a certificate for example, has closed the
/// connection. The library's error would say that it broke the protocol.
fn farewell(error: io::Error) -> io::Error {
    match error.get_ref().and_then(|cause| cause.downcast_ref()) {
        Some(rustls::Error::AlertReceived(_)) => {
            io::Error::new(io::ErrorKind::ConnectionAborted, error)
        }
        _ => error,
    }
}
