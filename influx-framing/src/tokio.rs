//! The codecs of this crate as codecs of tokio-util.

use bytes::BytesMut;
use tokio_util::codec;

use crate::{Decoder, Encoder, FrameError};

/// A codec of this crate as a codec of tokio-util, for `Framed`, `FramedRead`, `FramedWrite`.
///
/// Errors of the stream are [`FrameError::Io`].
///
/// ```
/// use influx_framing::{DelimiterCodec, TokioCodec};
/// use tokio_util::codec::FramedRead;
///
/// let frames = FramedRead::new(&b"one\ntwo\n"[..], TokioCodec(DelimiterCodec::new(b'\n')));
/// # let _: &TokioCodec<DelimiterCodec> = frames.decoder();
/// ```
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a wrapper and nothing else")]
pub struct TokioCodec<C>(pub C);

impl<C: Decoder> codec::Decoder for TokioCodec<C> {
    type Item = C::Item;
    type Error = FrameError;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<C::Item>, FrameError> {
        self.0.decode(src)
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<C::Item>, FrameError> {
        self.0.decode_eof(src)
    }
}

impl<C: Encoder<Item>, Item> codec::Encoder<Item> for TokioCodec<C> {
    type Error = FrameError;

    fn encode(&mut self, item: Item, dst: &mut BytesMut) -> Result<(), FrameError> {
        self.0.encode(item, dst)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::io;

    use tokio_util::codec::{Decoder as _, Encoder as _};

    use super::*;
    use crate::{DelimiterCodec, Frame};

    #[test]
    fn the_traits_of_tokio_util() {
        let mut frames = DelimiterCodec::new(b'\n');
        frames.max_len = 3;
        let mut codec = TokioCodec(frames);
        let mut wire = BytesMut::new();
        codec.encode("one", &mut wire).unwrap();
        wire.extend_from_slice(b"tw");
        assert_eq!(codec.decode(&mut wire), Ok(Some(Frame::Complete("one".into()))));
        assert_eq!(codec.decode(&mut wire), Ok(None));
        let error = codec.decode_eof(&mut wire).unwrap_err();
        assert_eq!(error, FrameError::Truncated { bytes: 2 });
        assert_eq!(error.to_string(), "the input ended inside a frame, after 2 bytes of it");
        assert_eq!(codec.encode("four", &mut wire), Err(FrameError::too_large(3)));
    }

    #[test]
    fn errors_of_the_stream_keep_their_kind() {
        let error = FrameError::from(io::Error::from(io::ErrorKind::ConnectionReset));
        let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
        assert_eq!(cause.unwrap().kind(), io::ErrorKind::ConnectionReset);
    }
}
