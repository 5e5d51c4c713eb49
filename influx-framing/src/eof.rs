//! One message per connection.

use bytes::BytesMut;

use crate::discard::Discard;
use crate::error::Poison;
use crate::{DEFAULT_MAX_LEN, Decoder, Encoder, Frame, FrameError, OversizePolicy};

/// One message per connection: everything until the end of the input.
///
/// Only [`decode_eof`](Decoder::decode_eof) returns the message, so call it only for an end that
/// the peer meant: after a reset or a timeout the message is not known to be whole.
/// A connection that ends without a byte carried no message.
///
/// The limit is [`DEFAULT_MAX_LEN`] unless chosen.
#[derive(Clone, Debug)]
pub struct EofCodec {
    max_len: usize,
    oversize: OversizePolicy,
    discard: Option<Discard>,
    sent: bool,
    poison: Poison,
}

impl EofCodec {
    /// A codec with the default limit and [`OversizePolicy::Error`].
    pub fn new() -> Self {
        Self {
            max_len: DEFAULT_MAX_LEN,
            oversize: OversizePolicy::default(),
            discard: None,
            sent: false,
            poison: Poison::default(),
        }
    }

    /// Limits the message to so many bytes in both directions.
    #[must_use]
    pub fn with_max_len(mut self, max_len: usize) -> Self {
        self.max_len = max_len;
        self
    }

    /// Chooses what to do with a longer message that arrives.
    #[must_use]
    pub fn with_oversize(mut self, policy: OversizePolicy) -> Self {
        self.oversize = policy;
        self
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
        self.poison.check()?;
        if self.discard.is_none() && src.len() > self.max_len {
            let discard = Discard::new(self.oversize, self.max_len);
            self.discard = Some(discard.or_else(|error| self.poison.set(error))?);
        }
        if let Some(discard) = &mut self.discard {
            discard.swallow(src, src.len());
        }
        Ok(None)
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        self.decode(src)?;
        if let Some(discard) = self.discard.take() {
            return Ok(Some(discard.into_frame()));
        }
        Ok(Some(src.split().freeze()).filter(|message| !message.is_empty()).map(Frame::Complete))
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
        if message.len() > self.max_len {
            return Err(FrameError::Oversize { limit: self.max_len });
        }
        dst.extend_from_slice(message);
        self.sent = true;
        Ok(())
    }
}
