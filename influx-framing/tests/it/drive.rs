//! Feeds a decoder in pieces.

use std::ops::ControlFlow;

use bytes::{Bytes, BytesMut};
use influx_framing::{AnyCodec, Decoder, Frame, FrameError};

/// The outcome of a whole input: the frames, then its end.
pub(crate) type Outcome = (Vec<Frame>, Result<(), FrameError>);

pub(crate) fn too_large(limit: usize) -> FrameError {
    FrameError::TooLarge { what: "frame", limit }
}

pub(crate) fn complete(bytes: impl AsRef<[u8]>) -> Frame {
    Frame::Complete(Bytes::copy_from_slice(bytes.as_ref()))
}

/// `input` decodes to `expected` however it is cut in three, and byte by byte.
pub(crate) fn check(framing: &str, input: &[u8], expected: &Outcome) {
    let codec = framing.parse::<AnyCodec>().unwrap();
    for first in 0..=input.len() {
        for second in first..=input.len() {
            let pieces = [&input[..first], &input[first..second], &input[second..]];
            check_pieces(&codec, pieces, expected);
        }
    }
    check_pieces(&codec, input.chunks(1), expected);
}

/// The pieces decode to `expected`, whether the frames are handed out or lent, and whether the
/// visitor stops after each, after two or never.
pub(crate) fn check_pieces<'a>(
    codec: &AnyCodec,
    pieces: impl IntoIterator<Item = &'a [u8]> + Clone,
    expected: &Outcome,
) {
    let outcome = decode(codec.clone(), pieces.clone());
    assert_eq!(outcome, *expected, "{codec:?}: {:?}", pieces.into_iter().collect::<Vec<_>>());
    for most in [1, 2, usize::MAX] {
        assert_eq!(lend(codec.clone(), pieces.clone(), most), *expected, "lent {most} at a time");
    }
}

fn decode<'a>(mut codec: AnyCodec, pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut src = BytesMut::new();
    let mut frames = Vec::new();
    for piece in pieces {
        src.extend_from_slice(piece);
        loop {
            match codec.decode(&mut src) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => {
                    assert_poisoned(codec, src, &error);
                    return (frames, Err(error));
                }
            }
        }
        assert_drained(&codec, &src);
    }
    end(codec, src, frames)
}

fn lend<'a>(
    mut codec: AnyCodec,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    most: usize,
) -> Outcome {
    let mut src = BytesMut::new();
    let mut frames = Vec::new();
    for piece in pieces {
        src.extend_from_slice(piece);
        loop {
            let mut lent = 0;
            let result = codec.decode_each(&mut src, |frame| {
                frames.push(owned(frame));
                lent += 1;
                if lent < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            if let Err(error) = result {
                assert_poisoned(codec, src, &error);
                return (frames, Err(error));
            }
            assert!(lent <= most, "{lent} frames were lent to a visitor that stops at {most}");
            if lent < most {
                break;
            }
        }
        assert_drained(&codec, &src);
    }
    end(codec, src, frames)
}

/// A frame that has arrived as a whole is handed over at once, not with the next read.
fn assert_drained(codec: &AnyCodec, src: &BytesMut) {
    assert_eq!(codec.clone().decode(&mut src.clone()), Ok(None), "{codec:?} keeps {src:?} back");
}

fn owned(frame: Frame<&[u8]>) -> Frame {
    match frame {
        Frame::Complete(bytes) => complete(bytes),
        Frame::Malformed { bytes } => Frame::Malformed { bytes: Bytes::copy_from_slice(bytes) },
        Frame::Oversize { head, seen } => {
            Frame::Oversize { head: Bytes::copy_from_slice(head), seen }
        }
    }
}

fn end(mut codec: AnyCodec, mut src: BytesMut, mut frames: Vec<Frame>) -> Outcome {
    loop {
        match codec.decode_eof(&mut src) {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => {
                assert_eq!(codec.decode_eof(&mut src), Ok(None), "the end stays the end");
                return (frames, Ok(()));
            }
            Err(error) => {
                assert_poisoned(codec, src, &error);
                return (frames, Err(error));
            }
        }
    }
}

/// An error is final, even if good input follows.
fn assert_poisoned(mut codec: AnyCodec, mut src: BytesMut, error: &FrameError) {
    src.extend_from_slice(b"\0\n\x01\n\n");
    for _ in 0..2 {
        assert_eq!(codec.decode(&mut src).as_ref(), Err(error));
        let lent = codec.decode_each(&mut src, |_| panic!("a frame after an error"));
        assert_eq!(lent.as_ref(), Err(error));
        assert_eq!(codec.decode_eof(&mut src).as_ref(), Err(error));
    }
}
