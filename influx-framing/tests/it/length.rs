//! `LengthCodec`: exact limits, and lengths that a hostile peer would send.

use bytes::BytesMut;
use influx_framing::{AnyCodec, Encoder, Frame, FrameError};

use crate::drive::{check, check_pieces, complete, too_large};

fn truncated(bytes: u64) -> Result<(), FrameError> {
    Err(FrameError::Truncated { bytes })
}

#[test]
fn frames_and_ends() {
    check("len:u8", b"\x02hi\0\x01!", &(vec![complete("hi"), complete(""), complete("!")], Ok(())));
    check("len:u16be", b"\0\x02hi\0\0", &(vec![complete("hi"), complete("")], Ok(())));
    check("len:u24le", b"\x02\0\0hi", &(vec![complete("hi")], Ok(())));
    check("varint", b"\x02hi\x80\0\0", &(vec![complete("hi"), complete(""), complete("")], Ok(())));
    check("len:u32be", b"", &(vec![], Ok(())));
    check("len:u32be", b"\0\0\0", &(vec![], truncated(3)));
    check("len:u32be", b"\0\0\0\x02h", &(vec![], truncated(5)));
    check("varint", b"\x80", &(vec![], truncated(1)));
}

#[test]
fn the_limit_is_exact() {
    let oversize = |head: &str, seen| Frame::Oversize { head: head.to_owned().into(), seen };
    let input = b"\x02ab\x03abc\x04abcd\x01z";
    let before = || vec![complete("ab"), complete("abc")];
    check("len:u8,max=3", input, &(before(), Err(too_large(3))));
    let frames = [before(), vec![oversize("", 4), complete("z")]].concat();
    check("len:u8,max=3,over=skip", input, &(frames, Ok(())));
    let frames = [before(), vec![oversize("abc", 4), complete("z")]].concat();
    check("len:u8,max=3,over=truncate", input, &(frames, Ok(())));
    check(
        "len:u8,max=0,over=truncate",
        b"\x02ab\0",
        &(vec![oversize("", 2), complete("")], Ok(())),
    );
    for policy in ["skip", "truncate"] {
        let framing = format!("len:u16le,max=3,over={policy}");
        check(&framing, b"\x09\0abcde", &(vec![], truncated(7)));
        check(&framing, b"\x09\0ab", &(vec![], truncated(4)));
    }
}

#[test]
fn a_small_frame_behind_a_large_one_does_not_wait() {
    let large = [b'x'; 100];
    let input = [b"\0\0\0\x64", &large[..], b"\0\0\0\x01\x07"].concat();
    let pieces = [&input[..54], &input[54..104], &input[104..]];
    let expected = (vec![complete(large), complete([7])], Ok(()));
    check_pieces(&"len:u32be".parse().unwrap(), pieces, &expected);
}

#[test]
fn absurd_lengths() {
    for (prefix, input) in [
        ("len:u32be", &b"\xff\xff\xff\xff"[..]),
        ("len:u32le", b"\xff\xff\xff\xff"),
        ("len:u64be", b"\x7f\xff\xff\xff\xff\xff\xff\xff"),
        ("len:u64le", b"\xff\xff\xff\xff\xff\xff\xff\xff"),
        ("varint", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
    ] {
        check(&format!("{prefix},max=3"), input, &(vec![], Err(too_large(3))));
        let skipping = format!("{prefix},max=3,over=skip");
        check(
            &skipping,
            &[input, b"abcdef"].concat(),
            &(vec![], truncated(input.len() as u64 + 6)),
        );
    }
    let unlimited = format!("len:u64be,max={}", usize::MAX);
    check(&unlimited, &[0xff; 8], &(vec![], truncated(8)));
    let invalid = || (vec![], Err(FrameError::InvalidLength));
    check("varint", &[0xff; 10], &invalid());
    check("varint", &[0x80; 11], &invalid());
}

#[test]
fn adjustments() {
    check("len:u16le,adjust=-2", b"\x04\0hi\x02\0", &(vec![complete("hi"), complete("")], Ok(())));
    check("len:u8,adjust=2", b"\x00ab\x01abc", &(vec![complete("ab"), complete("abc")], Ok(())));
    let invalid = (vec![complete("a")], Err(FrameError::InvalidLength));
    check("len:u8,adjust=-2", b"\x03a\x01a", &invalid);
    let invalid = (vec![], Err(FrameError::InvalidLength));
    check("len:u64be,adjust=1", &[0xff; 8], &invalid);
    check("len:u8,adjust=-9223372036854775808", b"\xff", &invalid);
    check("len:u8,max=3,adjust=9223372036854775807", b"\xff", &(vec![], Err(too_large(3))));
}

#[test]
fn frames_that_the_prefix_cannot_carry() {
    let check = |framing: &str, len, expected| {
        let mut wire = BytesMut::from("before");
        let mut codec = framing.parse::<AnyCodec>().unwrap();
        assert_eq!(codec.encode(vec![b'x'; len], &mut wire), expected, "{framing}, {len} bytes");
        if expected.is_err() {
            assert_eq!(wire, "before");
        }
    };
    let overflow = |len| Err(FrameError::PrefixOverflow { len });
    check("len:u8", 255, Ok(()));
    check("len:u8", 256, overflow(256));
    check("len:u8,adjust=-1", 254, Ok(()));
    check("len:u8,adjust=-1", 255, overflow(255));
    check("len:u8,adjust=3", 3, Ok(()));
    check("len:u8,adjust=3", 2, overflow(2));
    check("len:u64be,adjust=-9223372036854775808", 1, Ok(()));
    check("varint,max=3", 3, Ok(()));
    check("varint,max=3", 4, Err(too_large(3)));
}
