//! The bytes that a connection has still to write.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use influx_framing::FrameError;
use tokio::io::AsyncWrite;
use tokio::time::Instant;

use super::mailbox::Message;
use super::mailbox::outcomes::Key;

/// Messages on their way into the stream: many go out in one write.
#[derive(Default)]
pub(super) struct Output {
    buffer: BytesMut,
    /// The bytes that were encoded and written since the connection began.
    encoded: u64,
    written: u64,
    /// Whether the stream may still hold written bytes.
    unflushed: bool,
    stalled: Option<Instant>,
    /// The messages that are not known to be sent.
    unsent: VecDeque<Unsent>,
}

struct Unsent {
    message: Message,
    start: u64,
    end: u64,
}

/// How much of an unsent message was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Progress {
    Nothing,
    Part,
    /// All of it, but the stream may still hold the end.
    Whole,
}

impl Output {
    /// Appends an encoded message, or hands it back if it cannot be encoded.
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

    /// The number of messages that are not known to be sent.
    pub(super) fn len(&self) -> usize {
        self.unsent.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.unsent.is_empty()
    }

    pub(super) fn has_room(&self) -> bool {
        self.buffer.len() < MAX_BUFFERED
    }

    /// Writes and flushes once. Is pending if there is nothing to write.
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

    pub(super) fn stalled(&self) -> Option<Instant> {
        self.stalled
    }

    /// Removes the messages that were written to the last byte.
    pub(super) fn take_written(&mut self) -> impl ExactSizeIterator<Item = Key> {
        let written = self.unsent.partition_point(|unsent| unsent.end <= self.written);
        self.unsent.drain(..written).map(|unsent| unsent.message.key)
    }

    /// The messages that were not sent when the connection ended, the last one first.
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
            self.stalled = None;
        }
        ready!(stream.poll_flush(cx))?;
        self.unflushed = false;
        Poll::Ready(Ok(()))
    }
}

/// From this size on, nothing more is added to the output.
const MAX_BUFFERED: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::super::mailbox::outcomes::Outcomes;
    use super::*;

    /// Takes `room` bytes, and perhaps never flushes them.
    struct Sink {
        room: usize,
        flushes: bool,
    }

    impl AsyncWrite for Sink {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            data: &[u8],
        ) -> Poll<io::Result<usize>> {
            let taken = data.len().min(self.room);
            self.room -= taken;
            if taken == 0 { Poll::Pending } else { Poll::Ready(Ok(taken)) }
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            if self.flushes { Poll::Ready(Ok(())) } else { Poll::Pending }
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// Messages of two, four, one and six bytes, written to `sink`.
    fn written(mut sink: Sink) -> Output {
        let mut output = Output::default();
        let keys = Outcomes::<()>::new().open(4).keys();
        for (frame, key) in ["a", "bcd", "", "efghi"].into_iter().zip(keys) {
            let message = Message { frame: frame.into(), key, keep_until: None };
            let pushed = output.push(message, |frame, buffer| {
                buffer.extend_from_slice(frame);
                buffer.extend_from_slice(b"\n");
                Ok(())
            });
            assert!(pushed.is_ok());
        }
        let mut cx = Context::from_waker(Waker::noop());
        while output.poll_write(&mut cx, &mut sink).is_ready() {}
        output
    }

    fn frames(unsent: Output) -> Vec<(String, Progress)> {
        let frame = |message: Message| String::from_utf8(message.frame.to_vec()).unwrap();
        unsent.into_unsent().map(|(message, progress)| (frame(message), progress)).collect()
    }

    #[test]
    fn it_knows_how_much_of_each_message_was_written() {
        use Progress::{Nothing, Part, Whole};

        let ends = [("a", 2), ("bcd", 6), ("", 7), ("efghi", 13)];
        for room in 0..=13 {
            for flushes in [true, false] {
                let progress = |start, end| match room {
                    _ if room <= start => Nothing,
                    _ if room < end => Part,
                    _ => Whole,
                };
                let starts = [0, 2, 6, 7];
                let all = ends.into_iter().zip(starts);
                let all = all.map(|((frame, end), start)| (frame.to_owned(), progress(start, end)));
                let (whole, rest): (Vec<_>, Vec<_>) = all.rev().partition(|(_, far)| *far == Whole);

                let mut output = written(Sink { room, flushes });
                assert_eq!(output.stalled().is_some(), room < 13 || !flushes, "{room} bytes");
                assert_eq!(output.take_written().len(), whole.len(), "{room} bytes");
                assert_eq!(frames(output), rest, "{room} bytes");
                // Without `take_written`, the stream may still hold all written messages.
                let output = written(Sink { room, flushes });
                assert_eq!(frames(output), [rest, whole].concat(), "{room} bytes");
            }
        }
    }

    #[test]
    fn a_message_that_cannot_be_encoded_is_handed_back_and_harms_no_other() {
        let mut output = written(Sink { room: 0, flushes: true });
        let key = Outcomes::<()>::new().open(1).keys().next().unwrap();
        let message = Message { frame: "refused".into(), key, keep_until: None };
        let refused = output.push(message, |_, _| Err(FrameError::Empty));
        assert_eq!(refused.err().unwrap().0.frame, "refused");
        assert_eq!((output.len(), frames(output).len()), (4, 4));
    }
}
