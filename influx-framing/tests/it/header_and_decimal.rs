//! `LengthCodec` with a length behind a header, or in decimal digits.

use bytes::BytesMut;
use influx_framing::{AnyCodec, Encoder, Frame, FrameError};

use crate::drive::{Outcome, check, complete, too_large};

fn frames<const N: usize>(frames: [&[u8]; N]) -> Outcome {
    (frames.into_iter().map(complete).collect(), Ok(()))
}

fn oversize(head: &str, seen: u64) -> Frame {
    Frame::Oversize { head: head.to_owned().into(), seen }
}

fn truncated(bytes: u64) -> Result<(), FrameError> {
    Err(FrameError::Truncated { bytes })
}

#[test]
fn headers_stay_and_lengths_go() {
    check("grpc", b"\0\0\0\0\x02hi\x01\0\0\0\0", &frames([b"\0hi", b"\x01"]));
    // A query, and a synchronisation, whose length counts only itself.
    check("postgres", b"Q\0\0\0\x06hiS\0\0\0\x04", &frames([b"Qhi", b"S"]));
    // A ping, and a publication of 200 bytes.
    let publish = [b"\x30\xc8\x01", &[b'x'; 200][..]].concat();
    let wire = [b"\xc0\0", &publish[..]].concat();
    check_cut("mqtt", &wire, &frames([b"\xc0", &[b"\x30", &[b'x'; 200][..]].concat()]));
    check("modbus", b"\0\x01\0\0\0\x03\x11\x03\x02", &frames([b"\0\x01\0\0\x11\x03\x02"]));
    // A header that is longer than its length.
    check("len:u8,at=9", b"123456789\x02ab", &frames([b"123456789ab"]));
    check("grpc", b"\0\0\0", &(vec![], truncated(3)));
    check("grpc", b"\0\0\0\0\x02h", &(vec![], truncated(6)));
    check("postgres", b"Q\0\0\0\x03", &(vec![], Err(FrameError::InvalidLength)));
    check("len:u64be,at=1", &[0xff; 9], &(vec![], Err(FrameError::InvalidLength)));
}

/// As `check`, for inputs that are too long to be cut everywhere twice.
fn check_cut(framing: &str, input: &[u8], expected: &Outcome) {
    let codec = framing.parse().unwrap();
    for cut in 0..=input.len() {
        crate::drive::check_pieces(&codec, [&input[..cut], &input[cut..]], expected);
    }
}

#[test]
fn the_limit_counts_the_header() {
    let input = b"a\x02bc\0\x03def\xff\0";
    let before = || vec![complete("abc")];
    check("len:u8,at=1,max=3", input, &(before(), Err(too_large(3))));
    let after = |head| [before(), vec![oversize(head, 4), complete(b"\xff")]].concat();
    check("len:u8,at=1,max=3,over=skip", input, &(after(""), Ok(())));
    check("len:u8,at=1,max=3,over=truncate", input, &(after("\0de"), Ok(())));
    check("len:u8,at=2,max=1,over=truncate", b"ab\x01c", &(vec![oversize("a", 3)], Ok(())));
    check("len:u8,at=1,max=3,over=truncate", b"a\x09bc", &(vec![], truncated(4)));
}

#[test]
fn decimal_lengths() {
    check("octet-count", b"2 hi0 10 0123456789", &frames([b"hi", b"", b"0123456789"]));
    check("netstring", b"2:hi,0:,1:,,", &frames([b"hi", b"", b","]));
    check("octet-count", b"12", &(vec![], truncated(2)));
    check("netstring", b"2:hi", &(vec![], truncated(4)));
    let invalid =
        |before: &[&str]| (before.iter().map(complete).collect(), Err(FrameError::InvalidLength));
    for input in [
        &b" hi"[..],
        b"02 hi",
        b"00 ",
        b"-2 hi",
        b"+2 hi",
        b"2hi",
        b"2:hi",
        b"<13>1",
        b"\n2 hi",
        b"1: x",
    ] {
        check("octet-count", input, &invalid(&[]));
    }
    check("octet-count", b"2 hi\n2 hi", &invalid(&["hi"]));
    check("netstring", b"2:hix", &invalid(&[]));
    check("netstring", b"2:hi,2:hi;", &invalid(&["hi"]));
    // 64 bits are enough, and 20 digits.
    check("octet-count", b"18446744073709551615 ", &(vec![], Err(too_large(1024 * 1024))));
    check("octet-count", b"18446744073709551616", &invalid(&[]));
    check("octet-count", b"111111111111111111111", &invalid(&[]));
    check("netstring,adjust=-1", b"3:hi,", &frames([b"hi"]));
}

#[test]
fn the_limit_of_decimal_lengths_is_exact() {
    let input = b"2:ab,3:abc,4:abcd,1:z,";
    let before = || vec![complete("ab"), complete("abc")];
    check("netstring,max=3", input, &(before(), Err(too_large(3))));
    let after = |head| [before(), vec![oversize(head, 4), complete("z")]].concat();
    check("netstring,max=3,over=skip", input, &(after(""), Ok(())));
    check("netstring,max=3,over=truncate", input, &(after("abc"), Ok(())));
    check("netstring,max=3,over=skip", b"4:abcd", &(vec![], truncated(6)));
    check("netstring,max=3,over=skip", b"4:abcd;", &(vec![], Err(FrameError::InvalidLength)));
    check(
        "octet-count,max=3,over=skip",
        b"4 abcd1 z",
        &(vec![oversize("", 4), complete("z")], Ok(())),
    );
}

#[test]
fn frames_that_have_no_header_or_do_not_fit_are_not_encoded() {
    let check = |framing: &str, frame: &[u8], expected| {
        let mut wire = BytesMut::from("before");
        let mut codec = framing.parse::<AnyCodec>().unwrap();
        assert_eq!(codec.encode(frame, &mut wire), expected, "{framing}");
        assert_eq!(wire, "before");
    };
    check("grpc", b"", Err(FrameError::NoHeader { len: 0, header: 1 }));
    check("modbus", b"abc", Err(FrameError::NoHeader { len: 3, header: 4 }));
    check("len:u8,at=1", &[0; 257], Err(FrameError::PrefixOverflow { len: 257 }));
    check("netstring,max=3", b"abcd", Err(too_large(3)));
    check("octet-count,adjust=2", b"a", Err(FrameError::PrefixOverflow { len: 1 }));
}
