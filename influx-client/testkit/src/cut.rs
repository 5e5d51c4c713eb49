//! Connections on which an answer can be cut.
//!
//! The handler of a request does not know its connection. But an `HttpServer` runs both in one
//! task: under the id of that task the handler notes the cut, and the connection finds it.

use std::collections::HashMap;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use influx_transport::tcp::TcpListener;
use influx_transport::{Endpoint, Listen};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task;

/// The cuts that were asked for: how many bytes of the body may pass, by task.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cuts(Arc<Mutex<HashMap<task::Id, usize>>>);

impl Cuts {
    /// Cuts the next answer of the connection that the current task serves.
    pub(crate) fn ask(&self, bytes: usize) {
        if let Some(task) = task::try_id() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(task, bytes);
        }
    }

    fn take(&self) -> Option<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&task::try_id()?)
    }
}

/// Accepts connections on which an answer can be cut.
#[derive(Debug)]
pub(crate) struct CutListener {
    pub(crate) listener: TcpListener,
    pub(crate) cuts: Cuts,
}

impl Listen for CutListener {
    type Stream = CutStream;

    async fn accept(&self) -> (CutStream, Endpoint) {
        let (stream, peer) = self.listener.accept().await;
        (CutStream { stream, cuts: self.cuts.clone(), cut: None }, peer)
    }

    fn endpoint(&self) -> &Endpoint {
        self.listener.endpoint()
    }
}

#[derive(Debug)]
pub(crate) struct CutStream {
    stream: TcpStream,
    cuts: Cuts,
    /// Of the answer that is being sent, if it is to be cut.
    cut: Option<Cut>,
}

#[derive(Debug)]
struct Cut {
    /// The bytes of the end of the head that were seen last.
    matched: usize,
    /// The bytes of the body that may still pass.
    left: usize,
}

const END_OF_HEAD: [u8; 4] = *b"\r\n\r\n";

impl Cut {
    /// Counts bytes up to the cut; returns their number.
    fn pass(&mut self, bytes: &[u8]) -> usize {
        let passes = |&&byte: &&u8| {
            let Some(&expected) = END_OF_HEAD.get(self.matched) else {
                let passes = self.left > 0;
                self.left = self.left.saturating_sub(1);
                return passes;
            };
            self.matched = if byte == expected { self.matched + 1 } else { (byte == b'\r').into() };
            true
        };
        bytes.iter().take_while(passes).count()
    }
}

impl AsyncRead for CutStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            // The next request came, so that the last answer was shorter than its cut.
            self.cut = None;
        }
        read
    }
}

impl AsyncWrite for CutStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.cut.is_none() {
            this.cut = this.cuts.take().map(|left| Cut { matched: 0, left });
        }
        let Some(Cut { matched, left }) = this.cut else {
            return Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        };
        let Some(bytes) = slices.iter().find(|slice| !slice.is_empty()) else {
            return Poll::Ready(Ok(0));
        };
        let passes = Cut { matched, left }.pass(bytes);
        let Some(bytes @ [_, ..]) = bytes.get(..passes) else {
            return Poll::Ready(Err(ErrorKind::ConnectionAborted.into()));
        };
        let written = ready!(Pin::new(&mut this.stream).poll_write(cx, bytes))?;
        if let Some(cut) = &mut this.cut {
            cut.pass(bytes.get(..written).unwrap_or_default());
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Drop for CutStream {
    fn drop(&mut self) {
        // A client that leaves before its answer leaves the cut behind.
        self.cuts.take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_exact_wherever_the_answer_is_split() {
        let answer = b"HTTP/1.1 200 OK\r\nA: b\r\r\n\r\nbody";
        for (left, expected) in [(0, 26), (2, 28), (4, 30), (9, 30)] {
            for split in 0..=answer.len() {
                let mut cut = Cut { matched: 0, left };
                let (first, second) = answer.split_at(split);
                assert_eq!(cut.pass(first) + cut.pass(second), expected, "{left} {split}");
            }
        }
    }
}
