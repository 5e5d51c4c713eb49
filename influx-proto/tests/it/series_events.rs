//! Which events an answer has, and how it ends, however it is cut.

use influx_proto::decode::{DecodeError, Event, SeriesDecoder};
use influx_proto::{Cell, Value};

/// Everything a decoder hands out, one line an event, and how it ends.
pub(crate) type Transcript = (Vec<String>, Result<(), DecodeError>);

/// Decodes the pieces, taking all events after each, and calls once more after the end.
pub(crate) fn decode<'a>(
    mut decoder: SeriesDecoder,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Transcript {
    let mut lines = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        if drain(&mut decoder, &mut lines).is_err() {
            break;
        }
    }
    decoder.finish();
    let end = drain(&mut decoder, &mut lines);
    decoder.push(b"{}");
    assert_eq!(drain(&mut decoder, &mut lines), end, "the end is final");
    (lines, end)
}

fn drain(decoder: &mut SeriesDecoder, lines: &mut Vec<String>) -> Result<(), DecodeError> {
    while let Some(event) = decoder.next_event()? {
        lines.push(line(event));
    }
    Ok(())
}

/// The event as a line: JSON in all but the first word.
pub(crate) fn line(event: Event<'_>) -> String {
    match event {
        Event::Series(head) => {
            let id = head.statement_id().map_or(String::new(), |id| format!(" #{id}"));
            let tags = serde_json::to_string(head.tags()).unwrap();
            format!("series {:?} {tags} {:?}{id}", head.name(), head.columns())
        }
        Event::Row(row) => {
            assert_eq!(row.cells().len(), row.columns().len());
            let cells: Vec<Value> = row.cells().map(Value::from).collect();
            serde_json::to_string(&cells).unwrap()
        }
        Event::End { head, partial } => {
            let tags = serde_json::to_string(head.tags()).unwrap();
            format!("end {:?} {tags}{}", head.name(), if partial { " partial" } else { "" })
        }
        Event::Statement(statement) => format!(
            "statement {:?} {:?} {:?}{}",
            statement.id,
            statement.error,
            statement.notices.iter().map(|notice| &notice.text).collect::<Vec<_>>(),
            if statement.partial { " partial" } else { "" },
        ),
        Event::Error(message) => format!("error {message:?}"),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn whole(input: &[u8]) -> Transcript {
    decode(SeriesDecoder::new(), [input])
}

/// The transcript of `input` at every cut and at every pair of cuts.
fn transcript(input: &str) -> Transcript {
    let expected = whole(input.as_bytes());
    for second in 0..=input.len() {
        let firsts = if input.len() <= 130 { 0..=second } else { 0..=0 };
        for first in firsts {
            let (head, tail) = input.as_bytes().split_at(second);
            let (head, middle) = head.split_at(first);
            let found = decode(SeriesDecoder::new(), [head, middle, tail]);
            assert_eq!(found, expected, "{input} cut at {first} and {second}");
        }
    }
    for size in [1, 7, 65] {
        let found = decode(SeriesDecoder::new(), input.as_bytes().chunks(size));
        assert_eq!(found, expected, "{input} in pieces of {size}");
    }
    expected
}

fn check(input: &str, lines: &[&str]) {
    let (found, end) = transcript(input);
    assert_eq!(found, lines, "{input}");
    assert_eq!(end, Ok(()), "{input}");
}

fn check_end(input: &str, events: usize, end: &DecodeError) {
    let (found, error) = transcript(input);
    assert_eq!(error.as_ref(), Err(end), "{input}");
    assert_eq!(found.len(), events, "{input}: {found:?}");
}

fn check_json_error(input: &str, events: usize, offset: u64, message: &str) {
    let (found, end) = transcript(input);
    let Err(DecodeError::Json { offset: at, message: said, snippet }) = end else {
        panic!("{input}: {end:?}");
    };
    assert_eq!((at, said.as_str(), found.len()), (offset, message, events), "{input}: {found:?}");
    assert!(input.contains(&snippet) || snippet.contains('\u{fffd}'), "{input}: {snippet}");
}

#[test]
fn documents_of_08() {
    let cpu = r#"{"name":"cpu","columns":["time","v"],"points":[[1,0.5],[2,null]]}"#;
    let lines = [r#"series "cpu" {} ["time", "v"]"#, "[1,0.5]", "[2,null]", r#"end "cpu" {}"#];
    check(cpu, &lines);
    check(&format!("{cpu}{cpu}"), &[lines, lines].concat());
    check(&format!(" [ {cpu} ,\n{cpu}]\t"), &[lines, lines].concat());
    let other = r#"{"name":"cpu","columns":["time","v"],"points":[],"x":[]}"#;
    let other_lines = [lines[0], lines[3]];
    check(&format!("{cpu}{other}{cpu}"), &[&lines[..], &other_lines, &lines].concat());
    check("[]", &[]);
    check("[{}] {} []", &[]);
    check(r#"{"name":"x"}"#, &[r#"series "x" {} []"#, r#"end "x" {}"#]);
    check(r#"{"columns":["a"],"points":null}"#, &[r#"series "" {} ["a"]"#, r#"end "" {}"#]);
    check(r#"{"columns":["a"],"points":[ ]}"#, &[r#"series "" {} ["a"]"#, r#"end "" {}"#]);
    check(
        r#"{"columns":[],"points":[[],[ ]]}"#,
        &[r#"series "" {} []"#, "[]", "[]", r#"end "" {}"#],
    );
}

#[test]
fn documents_of_1x() {
    check(
        r#"{"results":[{"statement_id":0,"series":[{"name":"a","tags":{"t":"x"},"columns":["c"],"values":[["v"]],"partial":true}],"partial":true}]}
           {"results":[{"statement_id":1,"messages":[{"level":"warning","text":"old","x":1}]},{"statement_id":2,"error":"no"}]}"#,
        &[
            r#"series "a" {"t":"x"} ["c"] #0"#,
            r#"["v"]"#,
            r#"end "a" {"t":"x"} partial"#,
            "statement Some(0) None [] partial",
            r#"statement Some(1) None ["old"]"#,
            r#"statement Some(2) Some("no") []"#,
        ],
    );
    check(r#"{"error":"no such thing"}"#, &[r#"error "no such thing""#]);
    check(r#"{"results":[]}{"results":null}"#, &[]);
    check(r#"{"results":[{}]}"#, &["statement None None []"]);
    check(
        r#"{"results":[{"series":[{}],"statement_id":7}]}"#,
        &[r#"series "" {} []"#, r#"end "" {}"#, "statement Some(7) None []"],
    );
}

#[test]
fn members_come_in_any_order() {
    check(
        r#"{"x":{"points":[1,"]"]},"points":[[1,"a\n"],[2,"b"]],"n":null,"columns":["c","d"],"name":"s"}"#,
        &[r#"series "s" {} ["c", "d"]"#, r#"[1,"a\n"]"#, r#"[2,"b"]"#, r#"end "s" {}"#],
    );
    check(
        r#"{"columns":["c"],"points":[[1]],"name":"late"}"#,
        &[r#"series "" {} ["c"]"#, "[1]", r#"end "late" {}"#],
    );
    let late = r#"{"columns":["c"],"points":[],"name":"late"}"#;
    let lines = [r#"series "" {} ["c"]"#, r#"end "late" {}"#];
    check(&late.repeat(2), &lines.repeat(2));
    check(r#"{"points":[]}"#, &[r#"series "" {} []"#, r#"end "" {}"#]);
    check(
        r#"{"\u006eame":"s","name ":1,"columns":["c"],"colum\u006es":["d"]}"#,
        &[r#"series "s" {} ["d"]"#, r#"end "s" {}"#],
    );
}

#[test]
fn cells_of_every_kind() {
    let row =
        r#"[null,true , false,0,-1,18446744073709551615,-0,1.50,1e+06,"","é\u0000\ud83d\ude00"]"#;
    let columns = format!("{:?}", ["c"; 11]);
    let (lines, end) = transcript(&format!(r#"{{"columns":{columns},"points":[{row}]}}"#));
    assert_eq!(end, Ok(()));
    let expected =
        "[null,true,false,0,-1,18446744073709551615,-0.0,1.5,1000000.0,\"\",\"é\\u0000😀\"]";
    assert_eq!(lines[1], expected);
}

#[test]
fn the_end_may_come_too_early() {
    for (input, events, bytes) in [
        ("{", 0, 1),
        (r#"{"a":1}["#, 0, 0),
        (r#"[{"columns":[],"points":[]},"#, 2, 0),
        (r#"{}{"columns":["a"],"points":[[1],[2"#, 2, 33),
        (r#"{"columns":["a"],"points":[[1]"#, 2, 30),
        (r#"{"columns":["a"],"points":[[1]]"#, 2, 31),
        (r#"{"points":[[1]],"columns":["a"]"#, 0, 31),
        (r#"{"results":[{"series":[{"name":"a"}]}"#, 3, 37),
        (r#"{"name":"a"#, 0, 10),
    ] {
        check_end(input, events, &DecodeError::Truncated { bytes });
    }
}

#[test]
fn text_lasts_until_the_end() {
    let trailer = |text: &str| DecodeError::Trailer(text.to_owned());
    check_end("{}Couldn't find series: x", 0, &trailer("Couldn't find series: x"));
    check_end("null", 0, &trailer("null"));
    check_end("[{}] 1", 0, &trailer("1"));
    check_end("x{}", 0, &trailer("x{}"));
    let input = r#"{"columns":["a"],"points":[[1]]}late "{"#;
    check_end(input, 3, &trailer("late \"{"));
}

#[test]
fn a_text_without_end_is_reported_when_its_beginning_is_there() {
    for piece in [1, 7, 8191, 20_000] {
        let mut decoder = SeriesDecoder::new();
        decoder.push(b"{}");
        for text in vec![b'x'; 8191].chunks(piece) {
            decoder.push(text);
            assert!(matches!(decoder.next_event(), Ok(None)), "{piece}");
        }
        decoder.push(&b"yz".repeat(piece));
        let expected = DecodeError::Trailer("x".repeat(8191) + "y");
        assert_eq!(decoder.next_event().unwrap_err(), expected, "{piece}");
    }
}

#[test]
fn what_is_wrong_is_told_where() {
    for (input, events, offset, message) in [
        ("[1]", 0, 1, "expected an object"),
        ("[[", 0, 1, "expected an object"),
        ("[{},]", 0, 4, "expected an object"),
        ("[{} {}]", 0, 4, "expected `,` or `]`"),
        ("{]", 0, 1, "expected a name in quotes"),
        ("{,}", 0, 1, "expected a name in quotes"),
        (r#"{"a":1,}"#, 0, 7, "expected a name in quotes"),
        (r#"{"a" 1}"#, 0, 5, "expected `:`"),
        (r#"{"a":}"#, 0, 5, "expected a JSON value"),
        (r#"{"a":tru3}"#, 0, 5, "expected a JSON value"),
        (r#"{"a":1 "b":2}"#, 0, 7, "expected `,` or `}`"),
        (r#"{"a":[1}"#, 0, 7, "mismatched bracket"),
        (r#"{"a":[1 2]}"#, 0, 8, "expected `,` or `]`"),
        (r#"{"a":01}"#, 0, 6, "expected `,` or `}`"),
        (r#"{"\x":1}"#, 0, 3, "invalid escape"),
        (r#"{"columns":["a"],"points":[1]}"#, 1, 27, "expected a row in brackets"),
        (r#"{"columns":["a"],"points":[[1],]}"#, 2, 31, "expected a row in brackets"),
        (r#"{"columns":["a"],"points":[[1] [1]]}"#, 2, 31, "expected `,` or `]`"),
        (r#"{"columns":["a"],"points":[[1;2]]}"#, 1, 29, "expected `,` or `]`"),
        (r#"{"columns":["a"],"points":[[01]]}"#, 1, 28, "a number with a leading zero"),
        (r#"{"columns":["a"],"points":[[1.]]}"#, 1, 30, "an invalid number"),
        (r#"{"columns":["a"],"points":[[1e999]]}"#, 1, 28, "a number out of range"),
        (r#"{"columns":["a"],"points":[["\ud800"]]}"#, 1, 31, "a lone surrogate"),
        (r#"{"columns":["a"],"points":[["\x"]]}"#, 1, 30, "an invalid escape"),
        ("{\"columns\":[\"a\"],\"points\":[[\"\t\"]]}", 1, 29, "a control character in a string"),
        (r#"{"columns":["a"],"points":[[1]],"points":[]}"#, 2, 41, "a series has its rows twice"),
        (r#"{"points":[[1]],"points":[]}"#, 0, 25, "a series has its rows twice"),
        (
            r#"{"columns":["a"],"points":[[1]],"columns":[]}"#,
            2,
            42,
            "a series has its columns twice",
        ),
        (r#"{"points":[[1],2],"columns":["a"]}"#, 2, 15, "expected a row in brackets"),
    ] {
        check_json_error(input, events, offset, message);
    }
    // With much behind it, a row is tried without looking for its end.
    for (points, events, position) in [("[[],]", 2, 4), ("[]]", 1, 2)] {
        let head = r#"{"columns":[],"points":"#;
        let input = format!("{head}{points}{}", " ".repeat(200));
        let message =
            if events == 2 { "expected a row in brackets" } else { "expected `,` or `}`" };
        check_json_error(&input, events, head.len() as u64 + position, message);
    }
    let cell = "expected a null, boolean, number or string";
    for (cells, position) in [("[", 0), ("{", 0), ("nul]", 3), ("+1", 0), ("1,]", 2), (",1", 0)] {
        let head = r#"{"columns":["a"],"points":[["#;
        let input = format!("{head}{cells}]]}}");
        check_json_error(&input, 1, head.len() as u64 + position, cell);
    }
}

#[test]
fn members_of_the_wrong_type_are_refused() {
    for (input, offset) in [
        (r#"{"name":1}"#, 8),
        (r#"{"columns":{}}"#, 11),
        (r#"{"columns":["a"],"points":{}}"#, 26),
        (r#"{"points":"x"}"#, 10),
        (r#"{"results":{}}"#, 11),
        (r#"{"results":[{"series":true}]}"#, 22),
        (r#"{"results":[{"statement_id":-1}]}"#, 28),
        (r#"{"results":[{"error":{}}]}"#, 21),
    ] {
        let (_, end) = transcript(input);
        let Err(DecodeError::Json { offset: found, .. }) = end else { panic!("{input}: {end:?}") };
        assert!(found >= offset && found < offset + 5, "{input}: {end:?}");
    }
}

#[test]
fn invalid_utf8_is_refused() {
    let mut input = br#"{"columns":["a"],"points":[["ok"],["x?"]]}"#.to_vec();
    *input.iter_mut().find(|byte| **byte == b'?').unwrap() = 0xff;
    let expected = whole(&input);
    assert_eq!(expected.0.len(), 2);
    let Err(DecodeError::Json { offset: 37, .. }) = expected.1 else { panic!("{expected:?}") };
    for cut in 0..=input.len() {
        let (head, tail) = input.split_at(cut);
        assert_eq!(decode(SeriesDecoder::new(), [head, tail]), expected);
    }
}

#[test]
fn a_row_has_a_cell_for_every_column() {
    let head = r#"{"columns":["a","b"],"points":["#;
    for (row, found) in [("[]", 0), ("[1]", 1), ("[1,2,3]", 3), ("[1,2,\"x\",null ]", 4)] {
        let error = DecodeError::Width { offset: 37, expected: 2, found };
        check_end(&format!("{head}[1,2],{row},[1,2]]}}"), 2, &error);
    }
    let error = DecodeError::Width { offset: 11, expected: 0, found: 1 };
    check_end(r#"{"points":[[1]]}"#, 1, &error);
}

#[test]
fn texts_borrow_from_the_decoder() {
    let mut decoder = SeriesDecoder::new();
    decoder.push(br#"{"columns":["a","b"],"points":[["plain","esc\"aped"]]}"#);
    assert!(matches!(decoder.next_event(), Ok(Some(Event::Series(_)))));
    let Ok(Some(Event::Row(row))) = decoder.next_event() else { panic!("no row") };
    let cells: Vec<Cell<'_>> = row.cells().collect();
    assert_eq!(row.deserialize::<(&str, &str)>(), Ok(("plain", "esc\"aped")));
    assert_eq!(cells, [Cell::Str("plain"), Cell::Str("esc\"aped")]);
}
