//! Frames that are encoded, cut at random and decoded are the same frames.

use bytes::BytesMut;
use influx_framing::{AnyCodec, Encoder};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample;

use crate::drive::{check_pieces, complete};

fn framing() -> impl Strategy<Value = &'static str> {
    sample::select(&[
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
        "octet-count",
        "netstring,over=truncate",
        "len:u8,at=2",
        "postgres",
        "mqtt",
        "modbus",
        "eol",
        "eol,last=take",
        "nul,last=take",
        "json-seq",
        "stx",
        "delim:0x4142,start=0x41",
        "delim:0x41,start=0x4241",
        "delim:0x0a17,start=0x4142",
        "slip",
        "cobs",
    ])
}

proptest! {
    #[test]
    fn frames_survive(
        framing in framing(),
        candidates in vec(vec(sample::select(b"AB\r\n\0\x17\xff\x02\x03\x1e\xc0\xdb"), 0..300), 0..8),
        short in vec(any::<[u8; 3]>(), 0..8),
        piece in 1..100_usize,
    ) {
        let mut codec = framing.parse::<AnyCodec>().unwrap();
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
