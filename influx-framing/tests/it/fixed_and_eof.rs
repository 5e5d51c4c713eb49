//! `FixedCodec` and `EofCodec`.

use bytes::BytesMut;
use influx_framing::{AnyCodec, Encoder, Frame, FrameError};

use crate::drive::{check, complete, too_large};

#[test]
fn fixed_frames() {
    check("fixed:2", b"", &(vec![], Ok(())));
    check("fixed:2", b"abcd", &(vec![complete("ab"), complete("cd")], Ok(())));
    let truncated = Err(FrameError::Truncated { bytes: 2 });
    check("fixed:3", b"abcde", &(vec![complete("abc")], truncated));
}

#[test]
fn one_message_a_connection() {
    let oversize = |head: &str, seen| Frame::Oversize { head: head.to_owned().into(), seen };
    check("eof", b"", &(vec![], Ok(())));
    check("eof,max=3", b"abc", &(vec![complete("abc")], Ok(())));
    check("eof,max=3", b"abcd", &(vec![], Err(too_large(3))));
    check("eof,max=3,over=skip", b"abcde", &(vec![oversize("", 5)], Ok(())));
    check("eof,max=3,over=truncate", b"abcde", &(vec![oversize("abc", 5)], Ok(())));
}

#[test]
fn frames_of_another_size_are_not_encoded() {
    let mut codec = "fixed:2".parse::<AnyCodec>().unwrap();
    let mut wire = BytesMut::new();
    for frame in ["", "a", "abc"] {
        let error = FrameError::WrongSize { expected: 2, found: frame.len() };
        assert_eq!(codec.encode(frame, &mut wire), Err(error));
    }
    assert_eq!(codec.encode("ab", &mut wire), Ok(()));
    assert_eq!(wire, "ab");
}

#[test]
fn a_second_message_is_not_encoded() {
    let mut codec = "eof,max=3".parse::<AnyCodec>().unwrap();
    let mut wire = BytesMut::new();
    assert_eq!(codec.encode("", &mut wire), Err(FrameError::Empty));
    assert_eq!(codec.encode("abcd", &mut wire), Err(too_large(3)));
    assert_eq!(codec.encode("abc", &mut wire), Ok(()));
    assert_eq!(codec.encode("d", &mut wire), Err(FrameError::AlreadySent));
    assert_eq!(wire, "abc");
}
