//! The body of a server's answer.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::full::Full;

/// The body of an [`HttpServer`](crate::http::HttpServer)'s answer.
pub struct HttpReply(Form);

impl HttpReply {
    /// A body in one piece, sent with its `Content-Length`.
    pub fn full(body: impl Into<Bytes>) -> Self {
        Self(Form::Full(Full::new(body.into())))
    }

    /// A body in pieces, each sent as one HTTP chunk; empty ones are left out. The next piece is
    /// asked for when the client has taken most of those before, so that an endless body needs
    /// little memory.
    ///
    /// An HTTP/1.0 client, which knows no chunks, gets the pieces as they are, and the end of the
    /// connection ends the body.
    pub fn chunks<I>(chunks: I) -> Self
    where
        I: IntoIterator<Item = Bytes, IntoIter: Send + 'static>,
    {
        Self(Form::Chunks(Box::new(chunks.into_iter())))
    }
}

impl Body for HttpReply {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut self.0 {
            Form::Chunks(chunks) => Poll::Ready(chunks.next().map(|chunk| Ok(Frame::data(chunk)))),
            Form::Full(full) => Pin::new(full).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Form::Chunks(_) => false,
            Form::Full(full) => full.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Form::Chunks(_) => SizeHint::default(),
            Form::Full(full) => full.size_hint(),
        }
    }
}

impl fmt::Debug for HttpReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("HttpReply");
        if let Form::Full(full) = &self.0 {
            debug.field("length", &full.len());
        }
        debug.finish_non_exhaustive()
    }
}

enum Form {
    Chunks(Box<dyn Iterator<Item = Bytes> + Send>),
    Full(Full),
}
