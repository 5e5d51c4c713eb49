//! A codec that is chosen at run time.

use std::ops::ControlFlow;

use bytes::BytesMut;

use crate::{
    Decoder, DelimiterCodec, Encoder, EofCodec, FixedCodec, Frame, FrameError, LengthCodec,
};

/// One of the codecs of bytes, as [`Framing`](crate::Framing) builds it from text.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AnyCodec {
    /// Frames that end with a delimiter.
    Delimiter(DelimiterCodec),
    /// One message per connection.
    Eof(EofCodec),
    /// Frames of one size.
    Fixed(FixedCodec),
    /// Frames that begin with their length.
    Length(LengthCodec),
}

macro_rules! of_each {
    ($any:ident, $codec:ident => $call:expr) => {
        match $any {
            Self::Delimiter($codec) => $call,
            Self::Eof($codec) => $call,
            Self::Fixed($codec) => $call,
            Self::Length($codec) => $call,
        }
    };
}

impl Decoder for AnyCodec {
    type Item = Frame;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        of_each!(self, codec => codec.decode(src))
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        of_each!(self, codec => codec.decode_eof(src))
    }

    fn decode_each(
        &mut self,
        src: &mut BytesMut,
        visit: impl FnMut(Frame<&[u8]>) -> ControlFlow<()>,
    ) -> Result<(), FrameError> {
        of_each!(self, codec => codec.decode_each(src, visit))
    }
}

impl<B: AsRef<[u8]>> Encoder<B> for AnyCodec {
    fn encode(&mut self, frame: B, dst: &mut BytesMut) -> Result<(), FrameError> {
        of_each!(self, codec => codec.encode(frame, dst))
    }
}
