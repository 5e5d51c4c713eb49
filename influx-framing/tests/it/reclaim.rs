//! The place in the buffer where the beginning of a frame waits for its rest.

use std::ops::ControlFlow;

use bytes::BytesMut;
use influx_framing::{AnyCodec, Decoder};

/// After a frame of `len` bytes, the first 600 of the next move to the buffer's front, or stay.
fn check(framing: &str, len: usize, moves: bool) {
    for lend in [false, true] {
        let mut codec = framing.parse::<AnyCodec>().unwrap();
        let mut src = BytesMut::with_capacity(64 * 1024);
        src.resize(len, b'x');
        src.extend_from_slice(b"\n");
        src.resize(len + 1 + 600, b'x');
        let front = src.as_ptr();
        if lend {
            codec.decode_each(&mut src, |_| ControlFlow::Continue(())).unwrap();
        } else {
            assert!(codec.decode(&mut src).unwrap().is_some());
            assert_eq!(codec.decode(&mut src), Ok(None));
        }
        assert_eq!(src, [b'x'; 600][..]);
        assert_eq!(src.as_ptr() == front, moves, "{framing} after {len} bytes, lent: {lend}");
    }
}

#[test]
fn only_after_a_long_frame_the_next_moves_to_the_front() {
    for (len, moves) in [(700, false), (1023, false), (1024, true), (5000, true)] {
        check("line", len, moves);
    }
}
