//! What a connection has still to write.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use influx_framing::FrameError;
use tokio::io::AsyncWrite;
use tokio::time::Instant;

use super::command::Message;
use super::outcomes::Key;

/// Messages on their way into the stream: many go out in one write.
pub(super) struct Output {
    /// What is encoded and not written yet.
    buffer: BytesMut,
    /// How many bytes were encoded and written, from the connection's beginning.
    encoded: u64,
    written: u64,
    /// Whether something was written that the stream may still hold.
    unflushed: bool,
    /// Since when the stream takes nothing, if it does not.
    stalled: Option<Instant>,
    /// The messages that are not known to be sent.
    unsent: VecDeque<Unsent>,
}

/// A message that takes these bytes of what is written.
struct Unsent {
    message: Message,
    start: u64,
    end: u64,
}

/// How far a message came that was not sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Progress {
    Nothing,
    Part,
    /// All was written, but the stream may hold the end of it.
    Whole,
}

impl Output {
    pub(super) fn new() -> Self {
        Self {
            buffer: BytesMut::new(),
            encoded: 0,
            written: 0,
            unflushed: false,
            stalled: None,
            unsent: VecDeque::new(),
        }
    }

    /// Puts a message behind all others, in this encoding. One that cannot be encoded is handed
    /// back.
    pub(super) fn push(
        &mut self,
        message: Message,
        encode: impl FnOnce(&[u8], &mut BytesMut) -> Result<(), FrameError>,
    ) -> Result<(), (Message, FrameError)> {
        let before = self.buffer.len();
        if let Err(error) = encode(&message.frame, &mut self.buffer) {
            return Err((message, error));
        }
        let start = self.encoded;
        self.encoded += (self.buffer.len() - before) as u64;
        self.unsent.push_back(Unsent { message, start, end: self.encoded });
        Ok(())
    }

    /// How many messages are not known to be sent.
    pub(super) fn len(&self) -> usize {
        self.unsent.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.unsent.is_empty()
    }

    /// Whether more may be added before something is written.
    pub(super) fn has_room(&self) -> bool {
        self.buffer.len() < MAX_BUFFERED
    }

    /// Writes and flushes once. Waits if there is nothing to write.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut (impl AsyncWrite + Unpin),
    ) -> Poll<io::Result<()>> {
        if self.buffer.is_empty() && !self.unflushed {
            return Poll::Pending;
        }
        let written = self.poll_stream(cx, Pin::new(stream));
        if matches!(written, Poll::Ready(Ok(()))) {
            self.stalled = None;
        } else {
            self.stalled.get_or_insert_with(Instant::now);
        }
        written
    }

    /// Since when the stream takes no further byte, if it does not.
    pub(super) fn stalled(&self) -> Option<Instant> {
        self.stalled
    }

    /// Removes the messages of which the stream took the last byte.
    pub(super) fn take_written(&mut self) -> impl ExactSizeIterator<Item = Key> {
        let written = self.unsent.partition_point(|unsent| unsent.end <= self.written);
        self.unsent.drain(..written).map(|unsent| unsent.message.key)
    }

    /// What was not sent when the connection ended, the last message first.
    pub(super) fn into_unsent(self) -> impl Iterator<Item = (Message, Progress)> {
        self.unsent.into_iter().rev().map(move |Unsent { message, start, end }| {
            let progress = if self.written <= start {
                Progress::Nothing
            } else if self.written < end {
                Progress::Part
            } else {
                Progress::Whole
            };
            (message, progress)
        })
    }

    fn poll_stream(
        &mut self,
        cx: &mut Context<'_>,
        mut stream: Pin<&mut impl AsyncWrite>,
    ) -> Poll<io::Result<()>> {
        if !self.unflushed {
            let written = ready!(stream.as_mut().poll_write(cx, &self.buffer))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.buffer.advance(written);
            self.written += written as u64;
            self.unflushed = true;
        }
        ready!(stream.poll_flush(cx))?;
        self.unflushed = false;
        Poll::Ready(Ok(()))
    }
}

/// No more is added to what is to be written when it has this size.
const MAX_BUFFERED: usize = 64 * 1024;
