//! Limits that a peer cannot make the decoder of MessagePack pass.

use influx_proto::decode::{DecodeError, DecodeOptions, MsgpackDecoder};
use rmpv::Value;

use crate::msgpack::{decode, document, list, load, transcript};

#[test]
fn claims_of_length_cost_nothing() {
    for claim in [b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff"] {
        for start in [&b""[..], b"\x81\xa7results", b"\x81\xa1x", &load([])[..load([]).len() - 1]] {
            let input = [start, claim].concat();
            let (_, end) = transcript(&input, DecodeOptions::default());
            assert!(end.is_err(), "{input:02x?}");
        }
    }
    // A list in a list in a list …, a hundred thousand levels deep, of which nothing is wanted.
    let mut deep = b"\x81\xa1x".to_vec();
    deep.extend(vec![0x91; 100_000]);
    deep.push(0xc0);
    let found = decode(MsgpackDecoder::new(), deep.chunks(1000));
    assert_eq!(found, (Vec::new(), Ok(())));
}

/// The marker of a text that passes both limits.
#[test]
fn a_member_is_too_large_before_its_text_is() {
    let mut options = DecodeOptions::default();
    (options.max_member, options.max_string) = (2, 2);
    let too_large = DecodeError::TooLarge { what: "max_member", limit: 2, offset: 1 };
    assert_eq!(transcript(b"\x81\xda\xde\xce", options), (Vec::new(), Err(too_large)));
}

#[test]
fn parts_of_exactly_the_limit_are_taken() {
    /// Decodes `input` within limits around `length`, that of the part at `offset`.
    fn check(
        input: &[u8],
        what: &'static str,
        length: usize,
        offset: usize,
        set: fn(&mut DecodeOptions, usize),
    ) {
        let within = |limit| {
            let mut options = DecodeOptions::default();
            set(&mut options, limit);
            transcript(input, options)
        };
        let expected = transcript(input, DecodeOptions::default());
        assert_eq!(expected.1, Ok(()));
        assert_eq!(within(length), expected, "{what}");
        assert_eq!(within(length + 1), expected, "{what}");
        let (limit, offset) = (length - 1, offset as u64);
        assert_eq!(within(limit).1, Err(DecodeError::TooLarge { what, limit, offset }));
    }
    let head = load([]).len();
    let rows = load([list([1.into(), 2.into()]), list(["abc".into(), Value::F64(2.5)])]);
    check(&rows, "max_row", 14, head + 3, |options, limit| options.max_row = limit);
    check(&rows, "max_columns", 2, head - 13, |options, limit| options.max_columns = limit);
    check(&rows, "max_member", 8, 1, |options, limit| options.max_member = limit);
    let text = load([list(["abcdefghij".into(), 1.into()])]);
    check(&text, "max_string", 10, head + 1, |options, limit| options.max_string = limit);
    let name = document(&[("name", "abcdefghijk".into())]);
    check(&name, "max_string", 11, name.len() - 12, |options, limit| options.max_string = limit);
    check(&name, "max_member", 12, name.len() - 12, |options, limit| options.max_member = limit);
}
