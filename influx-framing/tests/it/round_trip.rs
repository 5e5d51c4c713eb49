//! Frames that are encoded, cut at random and decoded are the same frames.

use bytes::BytesMut;
use influx_framing::{Encoder, Framing};
use proptest::prelude::*;

use crate::drive::{check_pieces, complete};

fn framing() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(&[
        "line",
        "datalogd,over=skip",
        r#"delim:"\r\n",over=truncate"#,
        "delim:0x41424142",
        "riemann",
        "len:u8",
        "len:u16le,adjust=-2",
        "len:u40be,over=skip",
        "len:u64le,adjust=-8",
        "varint",
        "fixed:3",
        "eof",
    ])
}

proptest! {
    #[test]
    fn frames_survive(
        framing in framing(),
        candidates in proptest::collection::vec(proptest::collection::vec(
            prop_oneof![Just(b'A'), Just(b'B'), Just(b'\r'), Just(b'\n'), any::<u8>()], 0..300), 0..8),
        short in proptest::collection::vec(any::<[u8; 3]>(), 0..8),
        piece in 1..100_usize,
    ) {
        let mut codec = framing.parse::<Framing>().unwrap().codec();
        let mut wire = BytesMut::new();
        let mut sent = Vec::new();
        let short = short.iter().map(|frame| &frame[..]);
        for frame in candidates.iter().map(Vec::as_slice).chain(short) {
            let len_before = wire.len();
            if codec.encode(frame, &mut wire).is_ok() {
                sent.push(complete(frame));
            } else {
                prop_assert_eq!(wire.len(), len_before, "an error leaves the output as it was");
            }
        }
        check_pieces(&codec, wire.chunks(piece), &(sent, Ok(())));
    }
}
