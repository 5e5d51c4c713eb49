//! A frame or an error is given out as soon as its last byte has arrived, whatever came before it.

use std::ops::ControlFlow;

use bytes::BytesMut;
use influx_framing::{AnyCodec, Decoder, Encoder, Frame, FrameError};

use crate::drive::too_large;

/// The number of frames that the arrived bytes give.
fn drain(codec: &mut AnyCodec, src: &mut BytesMut, lend: bool) -> usize {
    let mut frames = 0;
    if lend {
        let count = |_: Frame<&[u8]>| {
            frames += 1;
            ControlFlow::Continue(())
        };
        codec.decode_each(src, count).unwrap();
    } else {
        while codec.decode(src).unwrap().is_some() {
            frames += 1;
        }
    }
    frames
}

/// Frames of these sizes arrive in reads of `piece` bytes, of which the last of each frame may be
/// shorter: no frame needs a byte of the next.
fn check(framing: &str, sizes: &[usize], piece: usize, lend: bool) {
    let mut codec = framing.parse::<AnyCodec>().unwrap();
    let mut src = BytesMut::new();
    for (at, size) in sizes.iter().enumerate() {
        let mut wire = BytesMut::new();
        codec.encode(vec![b'x'; *size], &mut wire).unwrap();
        let mut reads = wire.chunks(piece);
        let last = reads.next_back().unwrap_or_default();
        for read in reads {
            src.extend_from_slice(read);
            assert_eq!(drain(&mut codec, &mut src, lend), 0, "{framing}: frame {at} of {sizes:?}");
        }
        src.extend_from_slice(last);
        let frames = drain(&mut codec, &mut src, lend);
        assert_eq!(frames, 1, "{framing}: frame {at} of {sizes:?} in reads of {piece}");
    }
}

#[test]
fn a_frame_needs_no_byte_of_the_next() {
    for framing in [
        "line",
        r#"delim:"\r\n""#,
        "delim:0x41424142",
        "len:u8",
        "len:u16le,adjust=-2",
        "riemann",
        "len:u64le,adjust=-8",
        "varint",
        "octet-count",
        "netstring",
        "eol",
        "stx",
        "mllp",
        "cobs",
    ] {
        for sizes in [&[100, 1, 0, 2, 200, 3][..], &[0, 0, 1], &[200, 199, 198]] {
            for piece in [1, 2, 7, 50, 1000] {
                for lend in [false, true] {
                    check(framing, sizes, piece, lend);
                }
            }
        }
    }
    for piece in [1, 2, 3] {
        check("fixed:3", &[3, 3, 3], piece, false);
        check("fixed:3", &[3, 3, 3], piece, true);
    }
}

/// The last byte of `input` shows the error, and no byte before it does.
fn check_error(framing: &str, input: &[u8], expected: &FrameError) {
    for lend in [false, true] {
        let mut codec = framing.parse::<AnyCodec>().unwrap();
        let mut src = BytesMut::new();
        for (at, byte) in input.iter().enumerate() {
            src.extend_from_slice(&[*byte]);
            let found = if lend {
                codec.decode_each(&mut src, |frame| panic!("{framing}: {frame:?}"))
            } else {
                codec.decode(&mut src).map(|frame| assert_eq!(frame, None, "{framing}"))
            };
            let expected = if at + 1 == input.len() { Err(expected) } else { Ok(&()) };
            assert_eq!(found.as_ref(), expected, "{framing}: byte {at}");
        }
    }
}

#[test]
fn an_error_needs_no_byte_of_the_next_frame() {
    check_error("varint", &[0x80; 10], &FrameError::InvalidLength);
    check_error("varint", &[[0x80; 9].as_slice(), &[2]].concat(), &FrameError::InvalidLength);
    check_error("len:u8,adjust=-2", &[1], &FrameError::InvalidLength);
    check_error("len:u16be,max=3", &[0, 4], &too_large(3));
    check_error("varint,max=300", &[0xad, 2], &too_large(300));
    check_error("line,max=3", b"abcd", &too_large(3));
    // The fourth byte may begin the delimiter.
    check_error(r#"delim:"\r\n",max=3"#, b"abcde", &too_large(3));
}
