//! Bounds of the memory that a peer can make a codec hold.

use std::ops::ControlFlow;

use bytes::BytesMut;
use influx_framing::{AnyCodec, Decoder, Encoder, Frame};

use crate::drive::{check_pieces, complete, too_large};

const READ: usize = 8 * 1024;

/// Feeds `reads` reads of one byte that end no frame; the buffer never grows above `most` bytes.
fn check_endless(framing: &str, reads: usize, most: usize) {
    check_endless_of(framing, b'x', reads, most);
}

fn check_endless_of(framing: &str, byte: u8, reads: usize, most: usize) {
    let mut codec = framing.parse::<AnyCodec>().unwrap();
    let mut src = BytesMut::new();
    for _ in 0..reads {
        src.extend_from_slice(&[byte; READ]);
        assert_eq!(codec.decode(&mut src), Ok(None));
        assert!(src.capacity() <= most, "{framing} holds {}", src.capacity());
    }
}

#[test]
fn endless_frames_are_not_kept() {
    // The buffer doubles when it grows: at most twice the limit and a read.
    let most = 2 * (64 * 1024 + READ);
    for policy in ["skip", "truncate"] {
        check_endless(&format!("line,max=64KiB,over={policy}"), 4096, most);
        check_endless(&format!("delim:0x0d0a,max=64KiB,over={policy}"), 4096, most);
        check_endless(&format!("len:u64be,max=64KiB,over={policy}"), 4096, most);
        check_endless(&format!("eof,max=64KiB,over={policy}"), 4096, most);
        for envelope in ["eol", "json-seq", "cobs", "mllp"] {
            check_endless(&format!("{envelope},max=64KiB,over={policy}"), 4096, most);
        }
        // Starts, escapes, and delimiters with nothing between them.
        for (framing, byte) in [
            ("stx", 2),
            ("mllp", 0x0b),
            ("slip", 0xdb),
            ("slip", 0xc0),
            ("cobs", 0),
            ("json-seq", 0x1e),
        ] {
            check_endless_of(&format!("{framing},max=32KiB,over={policy}"), byte, 512, most);
        }
        // Any byte may be escaped.
        check_endless(&format!("slip,max=32KiB,over={policy}"), 4096, most);
    }
}

#[test]
fn memory_is_not_taken_on_the_peers_word() {
    for (framing, prefix) in [
        ("len:u32be,max=4GiB", &b"\xff\xff\xff\xff"[..]),
        ("len:u64be,max=9223372036854775807", b"\x7f\xff\xff\xff\xff\xff\xff\xff"),
        ("fixed:9223372036854775807", b"abcd"),
        ("netstring,max=9223372036854775807", b"9223372036854775807:"),
        ("len:u32be,at=1,max=4GiB", b"\0\xff\xff\xff\xfe"),
    ] {
        let mut codec = framing.parse::<AnyCodec>().unwrap();
        let mut src = BytesMut::from(prefix);
        for _ in 0..10_000 {
            assert_eq!(codec.decode(&mut src), Ok(None));
            assert!(src.capacity() <= 2 * (src.len() + 64 * 1024), "{framing} at {}", src.len());
            src.extend_from_slice(b"x");
        }
    }
}

#[test]
fn long_frames_use_the_memory_of_those_before() {
    for framing in
        ["line", r#"delim:"\r\n""#, "riemann", "varint", "fixed:300000", "netstring", "grpc", "eol"]
    {
        for lend in [false, true] {
            let mut codec = framing.parse::<AnyCodec>().unwrap();
            let mut wire = BytesMut::new();
            codec.encode(vec![b'x'; 300_000], &mut wire).unwrap();
            let mut src = BytesMut::new();
            let mut places = Vec::new();
            for _ in 0..10 {
                for (at, piece) in wire.chunks(100).enumerate() {
                    src.extend_from_slice(piece);
                    if lend {
                        codec.decode_each(&mut src, |_| ControlFlow::Continue(())).unwrap();
                    } else {
                        while codec.decode(&mut src).unwrap().is_some() {}
                    }
                    // From its first bytes on, a frame has the place where it will be whole.
                    if at == 0 || at == 2500 {
                        places.push(src.as_ptr());
                    }
                }
            }
            places.drain(..4);
            places.dedup();
            assert_eq!(places.len(), 1, "{framing} lent: {lend}");
        }
    }
}

#[test]
fn a_frame_has_a_mebibyte_at_most_unless_told_otherwise() {
    const LIMIT: usize = 1024 * 1024;
    for framing in [
        "line",
        r#"delim:"\r\n""#,
        "len:u32be",
        "varint",
        "eof",
        "octet-count",
        "netstring",
        "grpc",
        "postgres",
        "mqtt",
        "eol",
        "stx",
        "mllp",
        "json-seq",
        "slip",
        "cobs",
    ] {
        let codec = |framing: &str| framing.parse::<AnyCodec>().unwrap();
        for (len, fits) in [(LIMIT - 1, true), (LIMIT, true), (LIMIT + 1, false)] {
            let frame = vec![b'x'; len];
            let mut wire = BytesMut::new();
            assert_eq!(codec(framing).encode(&frame, &mut wire).is_ok(), fits, "{framing} {len}");
            wire.clear();
            codec(&format!("{framing},max=2MiB")).encode(&frame, &mut wire).unwrap();
            let expected = if fits {
                (vec![complete(&frame)], Ok(()))
            } else {
                (vec![], Err(too_large(LIMIT)))
            };
            // The last cut is inside the delimiter.
            let (head, tail) = wire.split_at(wire.len() - 1);
            check_pieces(&codec(framing), head.chunks(READ).chain([tail]), &expected);
        }
    }
}

#[test]
fn a_long_frame_in_short_reads_is_one_frame() {
    for framing in ["line", "datalogd", r#"delim:"\r\n""#, "riemann", "varint", "fixed:1048576"] {
        let mut codec = framing.parse::<AnyCodec>().unwrap();
        let frame = vec![b'x'; 1024 * 1024];
        let mut wire = BytesMut::new();
        codec.encode(&frame, &mut wire).unwrap();
        let mut src = BytesMut::new();
        let mut frames = Vec::new();
        for piece in wire.chunks(100) {
            src.extend_from_slice(piece);
            frames.extend(codec.decode(&mut src).unwrap());
        }
        assert_eq!(frames, [Frame::Complete(frame.into())], "{framing}");
    }
}

#[test]
fn frames_are_slices_of_the_input() {
    for framing in ["line", "len:u8", "fixed:3"] {
        let mut codec = framing.parse::<AnyCodec>().unwrap();
        let mut src = BytesMut::new();
        codec.encode("abc", &mut src).unwrap();
        let input = src.as_ptr() as usize..src.as_ptr() as usize + src.len();
        let Ok(Some(Frame::Complete(frame))) = codec.decode(&mut src) else { panic!() };
        assert!(input.contains(&(frame.as_ptr() as usize)), "{framing} copied");
    }
}
