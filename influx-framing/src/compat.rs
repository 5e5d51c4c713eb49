//! Our codecs where tokio-util's are expected.

use std::io;

use bytes::BytesMut;
use thiserror::Error;
use tokio_util::codec;

use crate::{Decoder, Encoder, FrameError};

/// A codec of this crate as a codec of tokio-util, for `Framed`, `FramedRead`, `FramedWrite`.
///
/// ```
/// use influx_framing::{DelimiterCodec, TokioCodec};
/// use tokio_util::codec::FramedRead;
///
/// let frames = FramedRead::new(&b"one\ntwo\n"[..], TokioCodec::new(DelimiterCodec::new(b'\n')));
/// # let _: &TokioCodec<DelimiterCodec> = frames.decoder();
/// ```
#[derive(Clone, Debug)]
pub struct TokioCodec<C>(C);

impl<C> TokioCodec<C> {
    /// Wraps a codec.
    pub fn new(codec: C) -> Self {
        Self(codec)
    }

    /// The wrapped codec.
    pub fn into_inner(self) -> C {
        self.0
    }
}

impl<C: Decoder> codec::Decoder for TokioCodec<C> {
    type Item = C::Item;
    type Error = TokioCodecError;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<C::Item>, TokioCodecError> {
        Ok(self.0.decode(src)?)
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<C::Item>, TokioCodecError> {
        Ok(self.0.decode_eof(src)?)
    }
}

impl<C: Encoder<Item>, Item> codec::Encoder<Item> for TokioCodec<C> {
    type Error = TokioCodecError;

    fn encode(&mut self, item: Item, dst: &mut BytesMut) -> Result<(), TokioCodecError> {
        Ok(self.0.encode(item, dst)?)
    }
}

/// What tokio-util's `Framed` returns over a [`TokioCodec`].
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TokioCodecError {
    /// The codec's error.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The stream's error, made by tokio-util.
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[cfg(test)]
mod tests {
    use tokio_util::codec::{Decoder as _, Encoder as _};

    use super::*;
    use crate::{DelimiterCodec, Frame};

    #[test]
    fn the_traits_of_tokio_util() {
        let mut codec = TokioCodec::new(DelimiterCodec::new(b'\n').with_max_len(3));
        let mut wire = BytesMut::new();
        codec.encode("one", &mut wire).unwrap();
        wire.extend_from_slice(b"tw");
        assert_eq!(codec.decode(&mut wire).unwrap(), Some(Frame::Complete("one".into())));
        assert_eq!(codec.decode(&mut wire).unwrap(), None);
        let error = codec.decode_eof(&mut wire).unwrap_err();
        assert!(matches!(error, TokioCodecError::Frame(FrameError::Truncated { bytes: 2 })));
        assert_eq!(error.to_string(), "the input ended inside a frame, after 2 bytes of it");
        let error = codec.encode("four", &mut wire).unwrap_err();
        assert!(matches!(error, TokioCodecError::Frame(FrameError::Oversize { limit: 3 })));
    }
}
