//! One message per connection.

use bytes::BytesMut;

use crate::buffer::Course;
use crate::{DEFAULT_MAX_LEN, Decoder, Encoder, Frame, FrameError, OversizePolicy};

/// One message per connection: everything until the end of the input.
///
/// Only [`decode_eof`](Decoder::decode_eof) returns the message, so call it only for an end that
/// the peer meant: after a reset or a timeout the message may be incomplete.
/// A connection that ends without a byte carried no message.
#[derive(Clone, Debug)]
pub struct EofCodec {
    /// The limit of the message, in bytes, in both directions. Default: [`DEFAULT_MAX_LEN`].
    pub max_len: usize,
    /// The treatment of longer messages that arrive. Default: [`OversizePolicy::Error`].
    pub oversize: OversizePolicy,
    sent: bool,
    course: Course,
}

impl EofCodec {
    /// A codec with the defaults.
    pub fn new() -> Self {
        Self {
            max_len: DEFAULT_MAX_LEN,
            oversize: OversizePolicy::default(),
            sent: false,
            course: Course::default(),
        }
    }
}

impl Default for EofCodec {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for EofCodec {
    type Item = Frame;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        self.course.check()?;
        if src.len() > self.max_len || self.course.is_discarding() {
            self.course.discard(self.oversize, self.max_len, 0)?.swallow(src, src.len());
        }
        Ok(None)
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        self.decode(src)?;
        self.course.rest(src, self.oversize, self.max_len)
    }
}

impl<B: AsRef<[u8]>> Encoder<B> for EofCodec {
    /// Appends the connection's only message; close the sending side to end it.
    fn encode(&mut self, message: B, dst: &mut BytesMut) -> Result<(), FrameError> {
        let message = message.as_ref();
        if self.sent {
            return Err(FrameError::AlreadySent);
        }
        if message.is_empty() {
            return Err(FrameError::Empty);
        }
        FrameError::check_len(message, self.max_len)?;
        dst.extend_from_slice(message);
        self.sent = true;
        Ok(())
    }
}
