//! Input in the place of an answer: garbage, endless nesting, broken characters.

use std::thread;

use influx_proto::Series;
use influx_proto::decode::{ChunkDecoder, DecodeError, SeriesDecoder};

use crate::series_events;

/// The number of rows before the end, and the end. Both decoders must agree on the rows.
fn rows<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]> + Clone,
) -> (usize, [Result<(), DecodeError>; 2]) {
    let (lines, by_rows) = series_events::decode(SeriesDecoder::new(), pieces.clone());
    let rows = lines.iter().filter(|line| line.starts_with('[')).count();
    let (by_series, found) = series(pieces);
    assert_eq!(found.iter().map(Series::len).sum::<usize>(), rows);
    (rows, [by_rows, by_series])
}

/// The series before the end, and the end.
fn series<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Result<(), DecodeError>, Vec<Series>) {
    let (mut decoder, mut found) = (ChunkDecoder::new(), Vec::new());
    let mut drain = |decoder: &mut ChunkDecoder| {
        while let Some(series) = decoder.next_value()? {
            found.push(series);
        }
        Ok(())
    };
    for piece in pieces {
        decoder.push(piece);
        // An error is final: it is seen again at the end, whatever is pushed until then.
        drain(&mut decoder).ok();
    }
    decoder.finish();
    let end = drain(&mut decoder);
    (end, found)
}

/// The outcome of `input`, which is the same at every cut.
fn at_every_cut(input: &[u8]) -> (usize, [Result<(), DecodeError>; 2]) {
    let expected = rows([input]);
    for cut in 0..=input.len() {
        let (head, tail) = input.split_at(cut);
        assert_eq!(rows([head, tail]), expected, "cut at {cut}");
    }
    assert_eq!(rows(input.chunks(1)), expected, "byte by byte");
    expected
}

const DOCUMENT: &str = r#"{"name":"s","columns":["time","v"],"points":[[1,"x"],[2,"y"]]}"#;

#[test]
fn garbage_between_documents_ends_the_answer_after_what_came_before() {
    let documents = DOCUMENT.repeat(3);
    for garbage in [
        "{]",
        "{\"name\" \"t\"}",
        "{\"name\":tru}",
        "{\"name\":\"t\",}",
        "{\"name\":\"\u{1}\"}",
        "[{} {}]",
        "}",
        "\0\0\0\0",
        "\x16\x03\x01\x02\0\x01\0",
        "HTTP/1.1 400 Bad Request\r\n\r\n",
    ] {
        let input = [&documents, garbage, &documents].concat();
        let (rows, ends) = at_every_cut(input.as_bytes());
        assert_eq!(rows, 6, "{garbage:?}");
        for end in ends {
            match end.unwrap_err() {
                DecodeError::Json { offset, snippet, .. } => {
                    let at = usize::try_from(offset).unwrap();
                    let garbage = documents.len()..documents.len() + garbage.len() + 1;
                    assert!(garbage.contains(&at), "{at} is not in {garbage:?}");
                    assert!(snippet.len() <= 64, "{snippet:?}");
                }
                // A server may append its words to an answer, and garbage may be such words.
                DecodeError::Trailer(text) => {
                    assert_eq!(text, [garbage, &documents].concat());
                }
                error => panic!("{garbage:?}: {error:?}"),
            }
        }
    }
}

#[test]
fn endless_nesting_of_any_kind_needs_no_stack() {
    let decode = || {
        for open in ["[", "{\"a\":", "{\"a\":[", "[[{\"a\":{\"b\":"] {
            for head in ["", r#"{"name":"s","x":"#] {
                let input = head.to_owned() + &open.repeat(1_000_000 / open.len());
                let (_, ends) = rows(input.as_bytes().chunks(4096));
                for end in ends {
                    assert!(
                        matches!(end, Err(DecodeError::TooLarge { .. } | DecodeError::Json { .. })),
                        "{head}{open}: {end:?}"
                    );
                }
            }
        }
    };
    thread::Builder::new().stack_size(256 << 10).spawn(decode).unwrap().join().unwrap();
}

#[test]
fn characters_are_whole_wherever_they_are_cut() {
    let names = ["\u{e9}", "\u{6e29}", "\u{1f600}", "\\ud83d\\ude00"];
    let points = names.map(|name| format!("[\"{name}\"]")).join(",");
    let input =
        format!("{{\"name\":\"\u{1f600}\",\"columns\":[\"\u{6e29}\"],\"points\":[{points}]}}");
    let (_, expected) = series([input.as_bytes()]);
    let texts: Vec<_> = expected[0].points().map(|point| point[0].as_str().unwrap()).collect();
    assert_eq!(texts, ["\u{e9}", "\u{6e29}", "\u{1f600}", "\u{1f600}"]);
    for second in 0..=input.len() {
        for first in 0..=second {
            let (head, tail) = input.as_bytes().split_at(second);
            let (head, middle) = head.split_at(first);
            assert_eq!(series([head, middle, tail]), (Ok(()), expected.clone()));
        }
    }
    let text = names[..3].concat();
    let (_, ends) = at_every_cut(format!("{DOCUMENT}{text}").as_bytes());
    assert_eq!(ends, [(); 2].map(|()| Err(DecodeError::Trailer(text.clone()))));
}

#[test]
fn broken_characters_are_an_error_and_never_replaced() {
    for broken in [
        &b"\xff"[..],
        b"\x80",
        b"\xc3",
        b"\xc0\xaf",
        b"\xe6\xb8",
        b"\xed\xa0\x80",
        b"\xf0\x9f\x98",
        b"\xf5\x80\x80\x80",
    ] {
        let head = format!(r#"{DOCUMENT}{{"columns":["v"],"points":[["a"#);
        let input: Vec<u8> = [head.as_bytes(), broken, b"b\"]]}"].concat();
        let (rows, ends) = at_every_cut(&input);
        assert_eq!(rows, 2, "{broken:x?}");
        for end in ends {
            let Err(DecodeError::Json { offset, .. }) = end else { panic!("{broken:x?}: {end:?}") };
            let around = head.len()..=head.len() + broken.len();
            assert!(around.contains(&usize::try_from(offset).unwrap()), "{broken:x?}: {offset}");
        }
    }
}
