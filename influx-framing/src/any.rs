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

impl Decoder for AnyCodec {
    type Item = Frame;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        match self {
            Self::Delimiter(codec) => codec.decode(src),
            Self::Eof(codec) => codec.decode(src),
            Self::Fixed(codec) => codec.decode(src),
            Self::Length(codec) => codec.decode(src),
        }
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        match self {
            Self::Delimiter(codec) => codec.decode_eof(src),
            Self::Eof(codec) => codec.decode_eof(src),
            Self::Fixed(codec) => codec.decode_eof(src),
            Self::Length(codec) => codec.decode_eof(src),
        }
    }

    fn decode_each(
        &mut self,
        src: &mut BytesMut,
        visit: impl FnMut(Frame<&[u8]>) -> ControlFlow<()>,
    ) -> Result<(), FrameError> {
        match self {
            Self::Delimiter(codec) => codec.decode_each(src, visit),
            Self::Eof(codec) => codec.decode_each(src, visit),
            Self::Fixed(codec) => codec.decode_each(src, visit),
            Self::Length(codec) => codec.decode_each(src, visit),
        }
    }
}

impl<B: AsRef<[u8]>> Encoder<B> for AnyCodec {
    fn encode(&mut self, frame: B, dst: &mut BytesMut) -> Result<(), FrameError> {
        match self {
            Self::Delimiter(codec) => codec.encode(frame, dst),
            Self::Eof(codec) => codec.encode(frame, dst),
            Self::Fixed(codec) => codec.encode(frame, dst),
            Self::Length(codec) => codec.encode(frame, dst),
        }
    }
}
