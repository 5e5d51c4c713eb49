//! Limits that a peer cannot make the decoder pass.

use std::thread;

use influx_proto::decode::{DecodeError, DecodeOptions, Event, SeriesDecoder};

use crate::series_events::decode;

fn too_large(what: &'static str, limit: usize, offset: u64) -> Result<(), DecodeError> {
    Err(DecodeError::TooLarge { what, limit, offset })
}

/// Decodes `input` within limits around `length`, the length of the part that begins at `offset`.
fn check(
    input: &str,
    what: &'static str,
    length: usize,
    offset: u64,
    set: fn(&mut DecodeOptions, usize),
) {
    let expected = decode(SeriesDecoder::new(), [input.as_bytes()]);
    assert_eq!(expected.1, Ok(()), "{input}");
    for size in [1, 3, 1000] {
        let outcome = |limit| {
            let mut options = DecodeOptions::default();
            set(&mut options, limit);
            decode(SeriesDecoder::with_options(options), input.as_bytes().chunks(size))
        };
        for limit in [length, length + 1] {
            assert_eq!(outcome(limit), expected, "{input} within {limit}");
        }
        let limit = length - 1;
        assert_eq!(outcome(limit).1, too_large(what, limit, offset), "{input} within {limit}");
    }
}

#[test]
fn parts_of_exactly_the_limit_are_taken() {
    let row = |options: &mut DecodeOptions, limit| options.max_row = limit;
    let member = |options: &mut DecodeOptions, limit| options.max_member = limit;
    let columns = |options: &mut DecodeOptions, limit| options.max_columns = limit;

    let rows = r#"{"columns":["a"],"points":[[1],["abcdefgh"],[2]]}"#;
    check(rows, "max_row", 12, 31, row);
    check(r#"{"points":[[1],[123456789]],"columns":["a"]}"#, "max_row", 11, 15, row);
    check(r#"{"points":[[1],[2]],"columns":["a"]}"#, "max_member", 9, 10, member);
    check(r#"{"columns":["a","bc"],"points":[]}"#, "max_member", 10, 11, member);
    check(r#"{"a long name, unknown":0,"points":[]}"#, "max_member", 22, 1, member);
    check(r#"{"unknown":12345678901, "points":[]}"#, "max_member", 11, 11, member);
    check(r#"{"columns":["a","b","c"]}"#, "max_columns", 3, 11, columns);
}

#[test]
fn strings_of_exactly_the_limit_are_taken() {
    let check = |input: &str, length, offset| {
        check(input, "max_string", length, offset, |options, limit| options.max_string = limit);
    };
    // Borrowed, with escapes, of two bytes a character, and not the first or the last one.
    check(r#"{"columns":["a"],"points":[["abcdefghij"]]}"#, 10, 28);
    check(r#"{"columns":["a"],"points":[["\n\u0041\ud83d\ude00abcd"]]}"#, 10, 28);
    check(r#"{"columns":["a"],"points":[[ "ééééé" ]]}"#, 10, 29);
    check(r#"{"columns":["a","b"],"points":[["x","y"],[1,"\"2345678\""],["z",null]]}"#, 9, 44);
    check(r#"{"points":[["abcdefghij"]],"columns":["a"]}"#, 10, 12);
    // Names and texts besides the rows.
    check(r#"{"name":"abcdefghij","points":[]}"#, 10, 8);
    check(r#"{"columns":["abc","abcdefghi\n"],"points":[]}"#, 10, 18);
    check(r#"{"error":"not authorized"}"#, 14, 9);
    let tags = r#"{"results":[{"series":[{"tags":{"statement_of":"x"}}]}]}"#;
    check(tags, 12, 32);
    check(r#"{"results":[{"messages":[{"text":"\u00e9 was dropped"}]}]}"#, 14, 33);
    // Of skipped members, too, and their names.
    check(r#"{"x":[[{"k":"abcdefghij"}]]}"#, 10, 12);
    check(r#"{"abcdefghij":0}"#, 10, 1);
    check(r#"{"abcdefghi\n":0}"#, 10, 1);
}

#[test]
fn nesting_of_exactly_the_limit_is_taken() {
    // Other limits count as the nearest of these.
    for (max_depth, limit) in [(0, 7), (7, 7), (64, 64), (127, 127), (1000, 127)] {
        for (head, depth) in [(r#"{"a":"#, 1), (r#"{"results":[{"series":[{"x":"#, 5)] {
            let mut options = DecodeOptions::default();
            options.max_depth = max_depth;
            let input = |more: usize| {
                let levels = limit - depth + more;
                format!("{head}{}{}", "[".repeat(levels), "]".repeat(levels))
            };
            let outcome =
                |more| decode(SeriesDecoder::with_options(options), [input(more).as_bytes()]).1;
            assert!(matches!(outcome(0), Err(DecodeError::Truncated { .. })));
            let offset = (head.len() + limit - depth) as u64;
            assert_eq!(outcome(1), too_large("max_depth", limit, offset));
        }
    }
}

#[test]
fn deep_nesting_needs_no_stack() {
    let decoder = thread::Builder::new().stack_size(256 << 10).spawn(|| {
        for head in ["", r#"{"x":"#, r#"{"columns":["a"],"points":"#, r#"{"points":"#] {
            let input = head.to_owned() + &"[".repeat(1_000_000);
            let (_, end) = decode(SeriesDecoder::new(), input.as_bytes().chunks(4096));
            assert!(
                matches!(end, Err(DecodeError::TooLarge { .. } | DecodeError::Json { .. })),
                "{end:?}"
            );
        }
    });
    decoder.unwrap().join().unwrap();
}

#[test]
fn a_long_document_streams_in_flat_memory() {
    const PIECE: usize = 16 << 10;
    const ROWS: usize = (64 << 20) / 54;
    let row = br#"[1400425947368,12345,"server \"12\"",12.345,"\u00e9"],"#;
    assert_eq!(row.len(), 54);
    let mut decoder = SeriesDecoder::new();
    decoder.push(br#"{"name":"x","columns":["time","n","host","v","w"],"points":["#);
    let mut rows = 0;
    let mut drain = |decoder: &mut SeriesDecoder| {
        assert!(decoder.buffered() <= PIECE + row.len());
        while let Some(event) = decoder.next_event().unwrap() {
            rows += usize::from(matches!(event, Event::Row(_)));
        }
        assert!(decoder.buffered() < row.len());
    };
    drain(&mut decoder);
    let block = row.repeat(PIECE);
    let mut left = ROWS * row.len();
    while left > 0 {
        let block = &block[..left.min(block.len())];
        for piece in block.chunks(PIECE) {
            decoder.push(piece);
            drain(&mut decoder);
        }
        left -= block.len();
    }
    decoder.push(br#"[1,2,"x",3,null]]}"#);
    drain(&mut decoder);
    decoder.finish();
    assert!(decoder.next_event().unwrap().is_none());
    assert_eq!(rows, ROWS + 1);
}

#[test]
fn a_long_cell_may_come_byte_by_byte() {
    // If every byte cost another look at those before it, this would take hours.
    const LENGTH: usize = 1_000_000;
    let head = br#"{"columns":["a"],"points":[["#.as_slice();
    for (repeated, length) in [("\\\"", 2), ("x", 1), ("\u{e9}", 2)] {
        check_bytes(&[head, b"\"", repeated.repeat(LENGTH / length).as_bytes()].concat());
    }
    for repeated in ["1", " "] {
        check_bytes(&[head, repeated.repeat(LENGTH).as_bytes()].concat());
    }
}

fn check_bytes(input: &[u8]) {
    let (lines, end) = decode(SeriesDecoder::new(), input.chunks(1));
    assert_eq!(lines.len(), 1);
    assert_eq!(end, Err(DecodeError::Truncated { bytes: input.len() }));
}

#[test]
fn text_is_cut_at_eight_kibibytes() {
    for size in [1, 1000, 100_000] {
        let text = "x".repeat(20_000);
        let (_, end) = decode(SeriesDecoder::new(), text.as_bytes().chunks(size));
        assert_eq!(end, Err(DecodeError::Trailer("x".repeat(8 << 10))));
    }
}
