//! Frames that are encoded, cut and decoded are the same frames.

use arbitrary::{Arbitrary, Unstructured};
use bytes::BytesMut;
use influx_framing::{AnyCodec, Encoder};

use crate::cuts::pieces;
use crate::framing::{check_pieces, complete};

/// Codecs of every kind, also such whose delimiter overlaps itself or whose prefix counts itself.
const FRAMINGS: &[&str] = &[
    "line",
    "nul,over=skip",
    r#"delim:"\r\n",over=truncate"#,
    "delim:0x41424142",
    "riemann",
    "datalogd",
    "len:u8",
    "len:u16le,adjust=-2",
    "len:u40be,over=skip",
    "len:u64le,adjust=-8",
    "varint",
    "fixed:3",
    "eof",
    "octet-count",
    "netstring",
    "grpc",
    "postgres",
    "mqtt",
    "eol",
    "ndjson",
    "stx",
    "mllp",
    "delim:0x4142,start=0x41",
    "json-seq",
    "slip",
    "cobs",
];

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    framing: u8,
    way: u8,
    frames: Vec<&'a [u8]>,
}

/// A framing, a way to cut, and frames, in the form of the crate `arbitrary`.
pub fn codec_roundtrip(data: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let text = FRAMINGS[usize::from(input.framing) % FRAMINGS.len()];
    let mut codec: AnyCodec = text.parse().expect("the table has valid codecs");
    let mut wire = BytesMut::new();
    let mut sent = Vec::new();
    for frame in input.frames {
        let before = wire.len();
        match codec.encode(frame, &mut wire) {
            Ok(()) => sent.push(complete(frame)),
            Err(_) => assert_eq!(wire.len(), before, "an error leaves the output as it was"),
        }
    }
    for way in [0, 1, input.way] {
        check_pieces(&codec, pieces(way, &wire), usize::MAX, &(sent.clone(), Ok(())));
    }
}
