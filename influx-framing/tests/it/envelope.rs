//! `EnvelopeCodec`, and the last frame without its delimiter.

use bytes::{Bytes, BytesMut};
use influx_framing::{AnyCodec, Encoder, Frame, FrameError};

use crate::drive::{check, complete, too_large};

fn malformed(bytes: impl AsRef<[u8]>) -> Frame {
    Frame::Malformed { bytes: Bytes::copy_from_slice(bytes.as_ref()) }
}

fn oversize(head: impl AsRef<[u8]>, seen: u64) -> Frame {
    Frame::Oversize { head: Bytes::copy_from_slice(head.as_ref()), seen }
}

fn truncated(bytes: u64) -> Result<(), FrameError> {
    Err(FrameError::Truncated { bytes })
}

#[test]
fn lines_end_with_either() {
    let three = || vec![complete("a"), complete("b"), complete("")];
    check("eol", b"a\r\nb\n\r\n", &(three(), Ok(())));
    check("eol", b"\xef\xbb\xbfa\nb\r\n\n", &(three(), Ok(())));
    check("eol", b"a\r\r\n", &(vec![complete("a\r")], Ok(())));
    check("eol", b"a\n\xef\xbb\xbfb\n", &(vec![complete("a"), complete("\u{feff}b")], Ok(())));
    check("eol", b"a\r", &(vec![], truncated(2)));
    check("crlf", b"a\nb\r\n", &(vec![complete("a\nb")], Ok(())));
}

#[test]
fn an_orderly_last_frame_without_its_delimiter() {
    let two = || vec![complete("a"), complete("b")];
    for framing in ["line,last=take", "eol,last=take", "ndjson"] {
        check(framing, b"a\nb\n", &(two(), Ok(())));
        check(framing, b"a\nb", &(two(), Ok(())));
        check(framing, b"", &(vec![], Ok(())));
    }
    check("eol,last=take", b"a\nb\r", &(two(), Ok(())));
    check("gelf,last=take", b"a\0b", &(two(), Ok(())));
    // Its delimiter has begun, so it may be a part of the frame.
    check("crlf,last=take", b"a\r\nb\r", &(vec![complete("a"), complete("b\r")], Ok(())));
    check("line,max=2,last=take", b"ab", &(vec![complete("ab")], Ok(())));
    check("line,max=2,last=take", b"abc", &(vec![], Err(too_large(2))));
    check("crlf,max=2,last=take", b"ab\r", &(vec![], Err(too_large(2))));
    check("line,max=2,last=take,over=skip", b"abc", &(vec![oversize("", 3)], Ok(())));
    check("crlf,max=2,last=take,over=truncate", b"ab\r", &(vec![oversize("ab", 3)], Ok(())));
    check("line", b"a\nb", &(vec![complete("a")], truncated(1)));
}

#[test]
fn frames_between_a_start_and_an_end() {
    let two = || vec![complete("a"), complete("")];
    check("stx", b"\x02a\x03\x02\x03", &(two(), Ok(())));
    check("stx", b"\r\n\x02a\x03\r\n\x02\x03\r\n", &(two(), Ok(())));
    check("mllp", b"\x0ba\x1c\x0d\x0b\x1c\x0d", &(two(), Ok(())));
    check("mllp", b"\x0ba\x0db\x1cc\x1c\x0d", &(vec![complete("a\rb\x1cc")], Ok(())));
    check("stx", b"\x02cut\x02a\x03", &(vec![complete("a")], Ok(())));
    check("stx", b"a\x03\x02a\x03", &(vec![malformed("a"), complete("a")], Ok(())));
    check("stx", b"\x02a", &(vec![], truncated(2)));
    check("delim:\"CB\",start=\"AA\"", b"AAACBAACB", &(vec![complete(""), complete("")], Ok(())));
}

#[test]
fn json_text_sequences() {
    let two = || vec![complete("{\n}"), complete("1")];
    check("json-seq", b"\x1e{\n}\n\x1e1\n", &(two(), Ok(())));
    check("json-seq", b"\x1e\x1e{\n}\n\x1e\x1e1\n", &(two(), Ok(())));
    check("json-seq", b"\x1e12\x1e1\n", &(vec![malformed("12"), complete("1")], Ok(())));
    check("json-seq", b"\x1e12", &(vec![malformed("12")], Ok(())));
    check("json-seq", b"x\n\x1e1\n", &(vec![malformed("x\n"), complete("1")], Ok(())));
}

#[test]
fn stuffed_bytes() {
    check("slip", b"\xc0h\xdb\xdc\xdb\xdd\xc0", &(vec![complete(b"h\xc0\xdb")], Ok(())));
    check("slip", b"a\xc0\xc0\xc0b\xc0", &(vec![complete("a"), complete("b")], Ok(())));
    for bad in [&b"a\xdb"[..], b"a\xdbb"] {
        let input = [bad, b"\xc0b\xc0"].concat();
        check("slip", &input, &(vec![malformed(bad), complete("b")], Ok(())));
    }
    check(
        "cobs",
        b"\x03hi\0\x01\0\x01\x01\0",
        &(vec![complete("hi"), complete(""), complete("\0")], Ok(())),
    );
    check("cobs", b"\0\x03h\0\x02b\0", &(vec![malformed(b"\x03h"), complete("b")], Ok(())));
    check("slip", b"\xc0a", &(vec![], truncated(1)));
    check("cobs", b"\x02a", &(vec![], truncated(2)));
}

#[test]
fn the_limit_is_exact() {
    // In each: a frame of 2, 3 and 4 bytes, and one more.
    for (framing, input, on_the_wire) in [
        ("eol", &b"ab\r\nabc\r\nabcd\r\nz\n"[..], 5),
        ("eol", b"ab\nabc\nabcd\nz\n", 4),
        ("stx", b"\x02ab\x03\x02abc\x03\x02abcd\x03\x02z\x03", 5),
        ("json-seq", b"\x1eab\n\x1eabc\n\x1eabcd\n\x1ez\n", 5),
        ("slip", b"ab\xc0\xc0abc\xc0abcd\xc0z\xc0", 4),
        ("cobs", b"\x03ab\0\x04abc\0\x05abcd\0\x02z\0", 5),
    ] {
        let before = || vec![complete("ab"), complete("abc")];
        let after = |head| [before(), vec![oversize(head, on_the_wire), complete("z")]].concat();
        check(&format!("{framing},max=3"), input, &(before(), Err(too_large(3))));
        check(&format!("{framing},max=3,over=skip"), input, &(after(""), Ok(())));
        check(&format!("{framing},max=3,over=truncate"), input, &(after("abc"), Ok(())));
    }
    // A byte order mark and a CR are not among the bytes of a line.
    for policy in ["error", "skip", "truncate"] {
        let framing = format!("eol,max=3,over={policy}");
        check(&framing, b"\xef\xbb\xbfabc\r\nz\n", &(vec![complete("abc"), complete("z")], Ok(())));
    }
    let frames = vec![oversize("abc", 8), complete("z")];
    check("eol,max=3,over=truncate", b"\xef\xbb\xbfabcde\nz\n", &(frames, Ok(())));
    // Within the limit on the wire alone: the length is that of the wire.
    let frames = vec![oversize("abc", 5), complete("z")];
    check("eol,max=3,over=truncate", b"abcd\r\nz\n", &(frames.clone(), Ok(())));
    check("slip,max=3,over=truncate", b"abc\xdb\xdc\xc0z\xc0", &(frames, Ok(())));
    // Bytes that are ignored count while they are discarded.
    check("stx,max=3,over=skip", b"abcdefgh", &(vec![], truncated(8)));
    check("stx,max=3", b"\x02a\x03\r\n", &(vec![complete("a")], Ok(())));
    let escaped = b"\xdb\xdc\xdb\xdc\xdb\xdc\xc0\xdb\xdc\xdb\xdc\xdb\xdc\xdb\xdc\xc0";
    let frames = vec![complete(b"\xc0\xc0\xc0"), oversize(b"\xc0\xc0\xc0", 8)];
    check("slip,max=3,over=truncate", escaped, &(frames, Ok(())));
}

#[test]
fn frames_that_would_not_arrive_are_not_encoded() {
    let check = |framing: &str, frame: &[u8], expected: Result<&[u8], FrameError>| {
        let mut wire = BytesMut::from("before");
        let mut codec = framing.parse::<AnyCodec>().unwrap();
        let encoded = codec.encode(frame, &mut wire);
        assert_eq!(encoded.map(|()| wire[6..].to_vec()), expected.map(<[u8]>::to_vec), "{framing}");
    };
    let refused = || Err(FrameError::Delimiter);
    check("eol", b"a\rb", Ok(b"a\rb\n"));
    check("eol", b"a\r", refused());
    check("eol", b"a\nb", refused());
    check("eol", b"\xef\xbb\xbfa", refused());
    check("stx", b"a", Ok(b"\x02a\x03"));
    check("stx", b"a\x02b", refused());
    check("stx", b"a\x03", refused());
    check("mllp", b"a\r", Ok(b"\x0ba\r\x1c\x0d"));
    check("mllp", b"a\x1c\rb", refused());
    check("mllp", b"\x0b", refused());
    check("json-seq", b"{\n}", Ok(b"\x1e{\n}\n"));
    check("json-seq", b"\x1e", refused());
    check("slip", b"", Err(FrameError::Empty));
    check("slip", b"\xc0", Ok(b"\xc0\xdb\xdc\xc0"));
    check("cobs", b"\0", Ok(b"\x01\x01\0"));
    check("slip,max=1", b"ab", Err(too_large(1)));
}
