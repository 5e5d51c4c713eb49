//! Feeds a codec in pieces.

use std::ops::ControlFlow;

use bytes::{Bytes, BytesMut};
use influx_framing::{AnyCodec, Decoder, Frame, FrameError, OversizePolicy};

/// The outcome of a whole input: the frames, then its end.
pub(crate) type Outcome = (Vec<Frame>, Result<(), FrameError>);

/// The memory that a codec may take ahead of the arrived bytes.
const AHEAD: usize = 64 * 1024;

pub(crate) fn policy(choice: u8) -> OversizePolicy {
    match choice % 3 {
        0 => OversizePolicy::Error,
        1 => OversizePolicy::Skip,
        _ => OversizePolicy::Truncate,
    }
}

/// An oversize frame that arrived as a whole, or the error that it is.
pub(crate) fn oversize(
    policy: OversizePolicy,
    limit: usize,
    payload: &[u8],
) -> Result<Frame, FrameError> {
    let head = match policy {
        OversizePolicy::Error => return Err(too_large(limit)),
        OversizePolicy::Skip => Bytes::new(),
        OversizePolicy::Truncate => Bytes::copy_from_slice(&payload[..limit]),
    };
    Ok(Frame::Oversize { head, seen: payload.len() as u64 })
}

pub(crate) fn too_large(limit: usize) -> FrameError {
    FrameError::TooLarge { what: "frame", limit }
}

pub(crate) fn complete(payload: &[u8]) -> Frame {
    Frame::Complete(Bytes::copy_from_slice(payload))
}

pub(crate) fn malformed(bytes: &[u8]) -> Frame {
    Frame::Malformed { bytes: Bytes::copy_from_slice(bytes) }
}

/// The pieces decode to `expected`, handed out, lent and lent one by one, while no more than `most`
/// bytes and one piece are kept.
pub(crate) fn check_pieces<'a>(
    codec: &AnyCodec,
    pieces: impl IntoIterator<Item = &'a [u8]> + Clone,
    most: usize,
    expected: &Outcome,
) {
    let handed_out = run(codec.clone(), pieces.clone(), most, |codec, src, frames| {
        while let Some(frame) = codec.decode(src)? {
            frames.push(frame);
        }
        Ok(())
    });
    assert_eq!(handed_out, *expected, "handed out by {codec:?}");
    let lent = run(codec.clone(), pieces.clone(), most, |codec, src, frames| {
        codec.decode_each(src, |frame| {
            frames.push(owned(frame));
            ControlFlow::Continue(())
        })
    });
    assert_eq!(lent, *expected, "lent by {codec:?}");
    let one_by_one = run(codec.clone(), pieces, most, |codec, src, frames| {
        loop {
            let before = frames.len();
            codec.decode_each(src, |frame| {
                frames.push(owned(frame));
                ControlFlow::Break(())
            })?;
            if frames.len() == before {
                return Ok(());
            }
        }
    });
    assert_eq!(one_by_one, *expected, "lent one by one by {codec:?}");
}

fn run<'a>(
    mut codec: AnyCodec,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    most: usize,
    mut drain: impl FnMut(&mut AnyCodec, &mut BytesMut, &mut Vec<Frame>) -> Result<(), FrameError>,
) -> Outcome {
    let mut src = BytesMut::new();
    let mut frames = Vec::new();
    let mut arrived = 0;
    for piece in pieces {
        src.extend_from_slice(piece);
        arrived += piece.len();
        if let Err(error) = drain(&mut codec, &mut src, &mut frames) {
            return (frames, poisoned(codec, src, error));
        }
        assert!(src.len() <= most.saturating_add(piece.len()), "{} bytes are kept", src.len());
        // A buffer that grows doubles, and may still have room for what was taken out of it.
        assert!(src.capacity() <= 2 * (arrived + AHEAD), "{} bytes are taken", src.capacity());
    }
    loop {
        match codec.decode_eof(&mut src) {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => return (frames, Ok(())),
            Err(error) => return (frames, poisoned(codec, src, error)),
        }
    }
}

/// An error is final, even if good input follows.
fn poisoned(mut codec: AnyCodec, mut src: BytesMut, error: FrameError) -> Result<(), FrameError> {
    src.extend_from_slice(b"\0\n\x01\n\n");
    assert_eq!(codec.decode(&mut src).as_ref(), Err(&error));
    let lent = codec.decode_each(&mut src, |_| panic!("a frame after an error"));
    assert_eq!(lent.as_ref(), Err(&error));
    assert_eq!(codec.decode_eof(&mut src).as_ref(), Err(&error));
    Err(error)
}

fn owned(frame: Frame<&[u8]>) -> Frame {
    match frame {
        Frame::Complete(payload) => complete(payload),
        Frame::Malformed { bytes } => malformed(bytes),
        Frame::Oversize { head, seen } => {
            Frame::Oversize { head: Bytes::copy_from_slice(head), seen }
        }
    }
}
