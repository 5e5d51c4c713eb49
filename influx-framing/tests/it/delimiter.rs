//! `DelimiterCodec` against a naive search of the whole input.

use bytes::{Bytes, BytesMut};
use influx_framing::{
    AnyCodec, Delimiter, DelimiterCodec, Encoder, Frame, FrameError, InvalidCodec, OversizePolicy,
};
use proptest::prelude::*;

use crate::drive::{Outcome, check, check_pieces, complete, too_large};

/// The right outcome, by a search of the whole input.
fn model(mut input: &[u8], delimiter: &[u8], max_len: usize, policy: OversizePolicy) -> Outcome {
    let mut frames = Vec::new();
    while let Some(len) = input.windows(delimiter.len()).position(|bytes| bytes == delimiter) {
        let payload = &input[..len];
        input = &input[len + delimiter.len()..];
        frames.push(match policy {
            _ if len <= max_len => complete(payload),
            OversizePolicy::Error => {
                return (frames, Err(too_large(max_len)));
            }
            OversizePolicy::Skip => Frame::Oversize { head: Bytes::new(), seen: len as u64 },
            OversizePolicy::Truncate => {
                let head = Bytes::copy_from_slice(&payload[..max_len]);
                Frame::Oversize { head, seen: len as u64 }
            }
        });
    }
    // The last bytes may be the beginning of a delimiter, all before them are the frame's.
    if policy == OversizePolicy::Error
        && (input.len() + 1).saturating_sub(delimiter.len()) > max_len
    {
        return (frames, Err(too_large(max_len)));
    }
    let bytes = input.len() as u64;
    (frames, if bytes == 0 { Ok(()) } else { Err(FrameError::Truncated { bytes }) })
}

fn spec(delimiter: &[u8], max_len: usize, policy: OversizePolicy) -> String {
    let delimiter = delimiter.escape_ascii();
    format!("delim:\"{delimiter}\",max={max_len},over={}", format!("{policy:?}").to_lowercase())
}

const POLICIES: [OversizePolicy; 3] =
    [OversizePolicy::Error, OversizePolicy::Skip, OversizePolicy::Truncate];

#[test]
fn every_short_input_at_every_two_cuts() {
    for delimiter in ["A", "AB", "AA", "ABA", "ABAB"] {
        for len in 0..=6 {
            for bits in 0..1_u32 << len {
                let letter = |at: u32| if bits >> at & 1 == 0 { b'A' } else { b'B' };
                let input: Vec<u8> = (0..len).map(letter).collect();
                let limits = POLICIES.into_iter().flat_map(|policy| [(0, policy), (2, policy)]);
                for (max_len, policy) in limits.chain([(len as usize, OversizePolicy::Error)]) {
                    let expected = model(&input, delimiter.as_bytes(), max_len, policy);
                    check(&spec(delimiter.as_bytes(), max_len, policy), &input, &expected);
                }
            }
        }
    }
}

#[test]
fn the_limit_is_exact() {
    let oversize = |head: &str, seen| Frame::Oversize { head: head.to_owned().into(), seen };
    check(
        "delim:0x0d0a,max=4",
        b"123\r\n\r\n1234\r\n",
        &(vec![complete("123"), complete(""), complete("1234")], Ok(())),
    );
    let error = Err(too_large(4));
    check("delim:0x0d0a,max=4", b"123\r\n12345\r\n1\r\n", &(vec![complete("123")], error));
    let frames = vec![oversize("", 5), complete("1")];
    check("delim:0x0d0a,max=4,over=skip", b"12345\r\n1\r\n", &(frames, Ok(())));
    let frames = vec![oversize("1234", 5), oversize("abcd", 9), complete("1")];
    let input = b"12345\r\nabcdefghi\r\n1\r\n";
    check("delim:0x0d0a,max=4,over=truncate", input, &(frames, Ok(())));
    // A delimiter that has begun is not yet a byte too many.
    check("delim:0x0d0a,max=4", b"1234\r", &(vec![], Err(FrameError::Truncated { bytes: 5 })));
    let skipped = Err(FrameError::Truncated { bytes: 9 });
    check("delim:0x0d0a,max=4,over=skip", b"abcdefgh\r", &(vec![], skipped));
}

#[test]
fn delimiters_have_1_to_64_bytes() {
    for len in [0, 65, 1000] {
        assert_eq!(Delimiter::new(&vec![b'x'; len]), Err(InvalidCodec::Delimiter { len }));
    }
    let delimiter = Delimiter::new(&[b'x'; 64]).unwrap();
    let mut codec = DelimiterCodec::new(delimiter);
    let mut wire = BytesMut::new();
    codec.encode("y", &mut wire).unwrap();
    assert_eq!(wire.len(), 65);
    assert_eq!(format!("{:?}", Delimiter::new(b"\r\n").unwrap()), r#"Delimiter(b"\r\n")"#);
}

#[test]
fn frames_that_would_be_cut_are_not_encoded() {
    let check = |delimiter: &str, frame: &str, expected| {
        let mut wire = BytesMut::from("before");
        let mut codec = DelimiterCodec::new(Delimiter::new(delimiter.as_bytes()).unwrap());
        codec.max_len = 8;
        let encoded = codec.encode(frame, &mut wire);
        assert_eq!(encoded, expected, "{frame:?} before {delimiter:?}");
        let sent = if encoded.is_ok() { format!("{frame}{delimiter}") } else { String::new() };
        assert_eq!(wire, format!("before{sent}"));
    };
    check("\n", "", Ok(()));
    check("\n", "a", Ok(()));
    check("\n", "a\nb", Err(FrameError::Delimiter));
    check("\n", "a\n", Err(FrameError::Delimiter));
    check("\r\n", "a\r", Ok(()));
    check("\r\n", "a\nb\r", Ok(()));
    check("\r\n", "a\r\nb", Err(FrameError::Delimiter));
    check("AA", "A", Err(FrameError::Delimiter));
    check("AA", "AB", Ok(()));
    check("ABAB", "AB", Err(FrameError::Delimiter));
    check("ABAB", "xAB", Err(FrameError::Delimiter));
    check("ABAB", "xA", Ok(()));
    check("\n", "12345678", Ok(()));
    check("\n", "123456789", Err(too_large(8)));
}

proptest! {
    #[test]
    fn random_input_at_random_cuts(
        input in proptest::collection::vec(prop_oneof![Just(b'A'), Just(b'B'), any::<u8>()], 0..400),
        delimiter in proptest::collection::vec(prop_oneof![Just(b'A'), Just(b'B')], 1..6),
        max_len in 0..50_usize,
        policy in proptest::sample::select(&POLICIES),
        piece in 1..60_usize,
    ) {
        let codec: AnyCodec = spec(&delimiter, max_len, policy).parse().unwrap();
        let expected = model(&input, &delimiter, max_len, policy);
        check_pieces(&codec, input.chunks(piece), &expected);
    }
}
