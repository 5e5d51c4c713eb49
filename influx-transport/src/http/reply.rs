//! The body of a server's answer.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::data::Full;

/// The body of an [`HttpServer`](super::HttpServer)'s answer.
pub struct HttpReply(Form);

impl HttpReply {
    /// A body in one piece, sent with its `Content-Length`.
    pub fn full(body: impl Into<Bytes>) -> Self {
        Self(Form::Full(Full::new(body.into())))
    }

    /// A body in pieces, each sent as one HTTP chunk; empty ones are left out. The next piece is made
    /// when the client has read most of those before, so that an endless body needs little memory.
    ///
    /// A client of HTTP/1.0, which has no chunks, gets the bare pieces, and the end of the connection
    /// ends the body.
    pub fn chunks<I>(chunks: I) -> Self
    where
        I: IntoIterator<Item = Bytes, IntoIter: Send + 'static>,
    {
        Self(Form::Chunks(Box::new(chunks.into_iter())))
    }

    pub(super) fn into_form(self) -> Form {
        self.0
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

pub(super) enum Form {
    Chunks(Box<dyn Iterator<Item = Bytes> + Send>),
    Full(Full),
}

/// The body that hyper sends. It is private, so that no public type depends on the engine.
impl Body for Form {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Self::Chunks(chunks) => Poll::Ready(chunks.next().map(|chunk| Ok(Frame::data(chunk)))),
            Self::Full(full) => Pin::new(full).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Chunks(_) => false,
            Self::Full(full) => full.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Chunks(_) => SizeHint::default(),
            Self::Full(full) => full.size_hint(),
        }
    }
}
