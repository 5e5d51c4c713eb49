//! Answers in MessagePack: recorded ones, judged by `rmpv`, and ones that no server should send.

use influx_proto::decode::{DecodeError, DecodeOptions, InvalidText, MsgpackDecoder};
use influx_proto::{Time, TimeUnit, Value as Cell};
use proptest::collection::vec;
use proptest::prelude::*;
use rmpv::Value;

use crate::fixtures::exchanges;
use crate::series_events::{Transcript, line};

/// Decodes the pieces, taking all events after each. Errors that are not final are lines, too.
pub(crate) fn decode<'a>(
    mut decoder: MsgpackDecoder,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Transcript {
    let mut lines = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        if drain(&mut decoder, &mut lines).is_err() {
            break;
        }
        assert!(decoder.buffered() <= 9 << 20);
    }
    decoder.finish();
    let end = drain(&mut decoder, &mut lines);
    decoder.push(b"\x80");
    assert_eq!(drain(&mut decoder, &mut lines), end, "the end is final");
    (lines, end)
}

fn drain(decoder: &mut MsgpackDecoder, lines: &mut Vec<String>) -> Result<(), DecodeError> {
    loop {
        match decoder.next_event() {
            Ok(Some(event)) => lines.push(line(event)),
            Ok(None) => return Ok(()),
            Err(error @ DecodeError::NotUtf8 { .. }) => lines.push(error.to_string()),
            Err(error) => return Err(error),
        }
    }
}

/// The transcript of an input, the same at every cut and with every size of the pieces.
pub(crate) fn transcript(input: &[u8], options: DecodeOptions) -> Transcript {
    let expected = decode(MsgpackDecoder::with_options(options), [input]);
    for size in [1, 2, 3, 7] {
        let found = decode(MsgpackDecoder::with_options(options), input.chunks(size));
        assert_eq!(found, expected, "in pieces of {size}: {input:02x?}");
    }
    for cut in 0..=input.len().min(1000) {
        let (head, tail) = input.split_at(cut);
        let found = decode(MsgpackDecoder::with_options(options), [head, tail]);
        assert_eq!(found, expected, "cut at {cut}: {input:02x?}");
    }
    expected
}

/// The events of documents, by a decoder that others wrote.
fn judge(input: &[u8]) -> Vec<String> {
    let mut rest = input;
    let mut lines = Vec::new();
    while !rest.is_empty() {
        let document = rmpv::decode::read_value(&mut rest).unwrap();
        for result in member(&document, "results").and_then(Value::as_array).into_iter().flatten() {
            let id = member(result, "statement_id").and_then(Value::as_u64);
            let series = member(result, "series").and_then(Value::as_array);
            series.into_iter().flatten().for_each(|series| judge_series(series, id, &mut lines));
            let texts = member(result, "messages").and_then(Value::as_array).into_iter().flatten();
            let texts: Vec<_> = texts.map(|message| text(member(message, "text"))).collect();
            let error = member(result, "error").map(|error| text(Some(error)));
            lines.push(format!("statement {id:?} {error:?} {texts:?}{}", partial(result)));
        }
        if let Some(error) = member(&document, "error") {
            lines.push(format!("error {:?}", text(Some(error))));
        }
    }
    lines
}

fn judge_series(series: &Value, id: Option<u64>, lines: &mut Vec<String>) {
    let name = text(member(series, "name"));
    let tags = member(series, "tags").and_then(Value::as_map).into_iter().flatten();
    let tags: serde_json::Map<_, _> =
        tags.map(|(key, value)| (text(Some(key)), text(Some(value)).into())).collect();
    let tags = serde_json::to_string(&tags).unwrap();
    let columns = member(series, "columns").and_then(Value::as_array).into_iter().flatten();
    let columns: Vec<_> = columns.map(|column| text(Some(column))).collect();
    let number = id.map_or(String::new(), |id| format!(" #{id}"));
    lines.push(format!("series {name:?} {tags} {columns:?}{number}"));
    for row in member(series, "values").and_then(Value::as_array).into_iter().flatten() {
        let cells: Vec<Cell> = row.as_array().unwrap().iter().map(judge_cell).collect();
        lines.push(serde_json::to_string(&cells).unwrap());
    }
    lines.push(format!("end {name:?} {tags}{}", partial(series)));
}

fn judge_cell(cell: &Value) -> Cell {
    match cell {
        Value::Nil => Cell::Null,
        Value::Boolean(value) => Cell::Bool(*value),
        Value::Integer(value) => {
            value.as_i64().map_or_else(|| Cell::UInt(value.as_u64().unwrap()), Cell::Int)
        }
        Value::F32(value) => Cell::Float(f64::from(*value)),
        Value::F64(value) => Cell::Float(*value),
        Value::String(_) => Cell::String(text(Some(cell))),
        Value::Ext(5, bytes) => {
            let seconds = i64::from_be_bytes(bytes[..8].try_into().unwrap());
            let nanos = i32::from_be_bytes(bytes[8..].try_into().unwrap());
            Cell::Time(Time::from_nanos(seconds * 1_000_000_000 + i64::from(nanos)))
        }
        other => panic!("{other}"),
    }
}

fn member<'a>(map: &'a Value, name: &str) -> Option<&'a Value> {
    map.as_map().unwrap().iter().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value)
}

fn text(value: Option<&Value>) -> String {
    let bytes = value.map_or(Vec::new(), |value| value.as_slice().unwrap().to_vec());
    String::from_utf8_lossy(&bytes).into_owned()
}

fn partial(map: &Value) -> &'static str {
    if member(map, "partial").and_then(Value::as_bool) == Some(true) { " partial" } else { "" }
}

/// The name and body of every recorded answer in MessagePack.
fn recorded_bodies() -> Vec<(String, Vec<u8>)> {
    let all = exchanges("v1/msgpack.jsonl").into_iter().chain(exchanges("v1/exchanges.jsonl"));
    let answers = all.filter(|exchange| {
        let headers = exchange["response"]["headers"].as_array();
        headers.into_iter().flatten().any(|header| header[1] == "application/x-msgpack")
    });
    let bodies = answers.map(|exchange| {
        let response = &exchange["response"];
        let body = response["body"].as_str().unwrap();
        let body = match response["body_encoding"].as_str() {
            Some("base64") => base64(body),
            _ => body.as_bytes().to_vec(),
        };
        (exchange["id"].as_str().unwrap().to_owned(), body)
    });
    bodies.collect()
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |byte| (0_u32..).zip(ALPHABET).find(|(_, digit)| **digit == byte).unwrap().0;
    let digits: Vec<u32> = text.trim_end_matches('=').bytes().map(digit).collect();
    let groups = digits.chunks(4).flat_map(|group| {
        let bits = group.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - group.len()));
        bits.to_be_bytes()[1..group.len()].to_vec()
    });
    groups.collect()
}

fn replacing() -> DecodeOptions {
    let mut options = DecodeOptions::default();
    options.invalid_text = InvalidText::Replace;
    options
}

#[test]
fn recorded_answers_at_every_cut() {
    let bodies = recorded_bodies();
    assert!(bodies.len() >= 15, "{}", bodies.len());
    for (name, body) in bodies {
        let (lines, end) = transcript(&body, replacing());
        if name == "mp-diagnostics" {
            let expected = "a list or map as a cell";
            let Err(DecodeError::Msgpack { found, .. }) = end else { panic!("{end:?}") };
            assert_eq!(found, expected);
            continue;
        }
        assert_eq!(end, Ok(()), "{name}");
        assert_eq!(lines, judge(&body), "{name}");
    }
}

/// A document with one result, whose only series has these members.
pub(crate) fn document(series: &[(&str, Value)]) -> Vec<u8> {
    encode(&map(&[("results", list([map(&[("series", list([map(series)]))])]))]))
}

fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).unwrap();
    bytes
}

fn map(members: &[(&str, Value)]) -> Value {
    Value::Map(members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
}

pub(crate) fn list(values: impl IntoIterator<Item = Value>) -> Value {
    Value::Array(values.into_iter().collect())
}

pub(crate) fn load(rows: impl IntoIterator<Item = Value>) -> Vec<u8> {
    document(&[("columns", list(["a".into(), "b".into()])), ("values", list(rows))])
}

#[test]
fn whatever_is_wrong_is_told() {
    let check = |input: &[u8], expected: &str| {
        let (_, end) = transcript(input, DecodeOptions::default());
        assert_eq!(end.unwrap_err().to_string(), expected, "{input:02x?}");
    };
    let found = |what: &str, offset: usize| {
        format!("expected an answer in MessagePack, found {what} at byte {offset}")
    };
    let cell =
        |cell: &[u8]| [load([list([1.into(), 2.into()])]).split_last().unwrap().1, cell].concat();
    let at = cell(b"").len();
    check(&cell(b"\xc1"), &found("the byte 0xc1, which begins no value", at));
    check(&cell(b"\x90"), &found("a list or map as a cell", at));
    check(&cell(b"\xc4\x01x"), &found("a cell of raw bytes", at));
    check(&cell(b"\xd4\x05x"), &found("a time that has not 12 bytes", at));
    check(&cell(b"\xd4\x06x"), &found("a cell of an unknown type", at));
    let time = |seconds: i64, nanos: i32| {
        cell(&[&b"\xc7\x0c\x05"[..], &seconds.to_be_bytes(), &nanos.to_be_bytes()].concat())
    };
    let nanos = "a time whose nanoseconds are not a part of a second";
    check(&time(0, -1), &found(nanos, at));
    check(&time(0, 1_000_000_000), &found(nanos, at));
    check(&time(9_223_372_037, 0), &found("a time out of range", at));
    check(&time(i64::MIN, 999_999_999), &found("a time out of range", at));

    check(b"\x81\x01\x02", &found("a name that is not text", 1));
    check(b"\x91\x80", &found("a value that is not a map", 0));
    check(b"\x81\xa7results\x80", &found("a value that is not a list", 9));
    check(b"\x81\xa7results\x91\xc2", &found("a value that is not a map", 10));
    let wrong = |name: &str, value: Value, what: &str| {
        let input = document(&[(name, value.clone())]);
        check(&input, &found(what, input.len() - encode(&value).len()));
    };
    wrong("name", 1.into(), "a name that is not text");
    wrong("tags", list([]), "tags that are not a map of texts");
    wrong("tags", map(&[("a", 1.into())]), "tags that are not a map of texts");
    wrong("tags", map(&[("a", "x".into()), ("a", "y".into())]), "tags that are not a map of texts");
    wrong("columns", list([1.into()]), "columns that are not a list of texts");
    wrong("partial", 1.into(), "`partial` without a bool");
    wrong("values", list([list([])]), "rows before their columns");
    let twice = |name: &str, what: &str| {
        let value = list([]);
        let input = document(&[("columns", list([])), (name, value.clone()), (name, value)]);
        check(&input, &found(what, input.len() - 1));
    };
    twice("values", "the rows of a series for the second time");
    let input = document(&[("columns", list([])), ("columns", list([]))]);
    check(&input, &found("the columns of a series for the second time", input.len() - 1));

    let input = load([list([1.into()])]);
    let error = format!("the row at byte {} has 1 cells for 2 columns", input.len() - 2);
    check(&input, &error);
    check(&load(["x".into()]), &found("another value instead of a row", load([]).len()));

    check(b"\x81", "the input ended too early, 1 bytes into a document");
    check(&cell(b""), &format!("the input ended too early, {at} bytes into a document"));
    check(
        b"\x80unauthorized\x1b",
        r#"text instead of JSON, probably the server's error message: "unauthorized\u{1b}""#,
    );
}

/// The input with bytes that are not UTF-8 instead of some characters.
fn spoil(input: &[u8]) -> Vec<u8> {
    let byte = |byte: &u8| match byte {
        b'~' => 0xff,
        b'<' => 0xc3,
        b'>' => 0xa9,
        other => *other,
    };
    input.iter().map(byte).collect()
}

#[test]
fn texts_that_are_not_utf8_lose_only_their_row() {
    let rows = [["a", "b"], ["a~", "b"], ["a<", ">b"], ["é", "b"], ["<>", "ü"]];
    let input = spoil(&load(rows.map(|row| list(row.map(Value::from)))));
    let (lines, end) = transcript(&input, DecodeOptions::default());
    assert_eq!(end, Ok(()));
    let refused = |column: &str, offset: usize| {
        format!("a text in column {column:?} of the series \"\" is not UTF-8, at byte {offset}")
    };
    let start = load([]).len();
    let expected = [
        r#"series "" {} ["a", "b"]"#,
        r#"["a","b"]"#,
        &refused("a", start + 5),
        &refused("a", start + 11),
        r#"["é","b"]"#,
        r#"["é","ü"]"#,
        r#"end "" {}"#,
        "statement None None []",
    ];
    assert_eq!(lines, expected);

    let (lines, end) = transcript(&input, replacing());
    assert_eq!(end, Ok(()));
    assert_eq!(
        lines[1..6],
        [
            r#"["a","b"]"#,
            "[\"a\u{fffd}\",\"b\"]",
            "[\"a\u{fffd}\",\"\u{fffd}b\"]",
            r#"["é","b"]"#,
            r#"["é","ü"]"#,
        ]
    );
}

#[test]
fn heads_that_are_not_utf8_lose_only_their_series() {
    let series = |name: &str, tag: &str, column: &str| {
        map(&[
            ("name", name.into()),
            ("tags", map(&[("t", tag.into())])),
            ("columns", list([column.into()])),
            ("values", list([list([1.into()]), list(["~".into()])])),
        ])
    };
    let all = [
        series("a", "1", "c"),
        series("b~", "1", "c"),
        series("c", "~", "c"),
        series("d", "1", "c~"),
    ];
    let input = spoil(&encode(&map(&[("results", list([map(&[("series", list(all))])]))])));
    let (lines, end) = transcript(&input, DecodeOptions::default());
    assert_eq!(end, Ok(()));
    let count = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!(
        ["series", "[", "the name, a tag or a column", "a text", "end"].map(count),
        [1, 1, 3, 1, 1]
    );
    let (lines, end) = transcript(&input, replacing());
    assert_eq!((lines.len(), end), (4 * 4 + 1, Ok(())));
    assert_eq!(lines[4], "series \"b\u{fffd}\" {\"t\":\"1\"} [\"c\"]");
}

#[test]
fn integers_of_the_time_column_have_a_unit() {
    let rows = [1.into(), Value::from(-1), Value::from(u64::MAX), Value::F64(1.5), Value::Nil];
    let rows = list(rows.map(|time| list([time])));
    let input = document(&[("columns", list(["time".into()])), ("values", rows)]);
    let mut options = DecodeOptions::default();
    let cells = |options| transcript(&input, options).0[1..6].join(" ");
    assert_eq!(cells(options), "[1] [-1] [18446744073709551615] [1.5] [null]");
    options.time_unit = Some(TimeUnit::Milliseconds);
    assert_eq!(cells(options), "[1000000] [-1000000] [18446744073709551615] [1.5] [null]");
}

#[test]
fn a_document_may_repeat_the_head_of_the_last_one() {
    let part = |id: i64, rows: &[i64], end: &[(&str, Value)]| {
        let mut series = vec![
            ("name", "m".into()),
            ("columns", list(["v".into()])),
            ("values", list(rows.iter().map(|row| list([(*row).into()])))),
        ];
        series.extend_from_slice(end);
        let result = map(&[("statement_id", id.into()), ("series", list([map(&series)]))]);
        encode(&map(&[("results", list([result]))]))
    };
    let partial = [("partial", Value::from(true))];
    let late = [("name", Value::from("n"))];
    let input = [
        part(0, &[1, 2], &partial),
        part(0, &[3], &partial),
        part(0, &[], &[]),
        part(1, &[4], &late),
        part(1, &[5], &[]),
    ];
    let (lines, end) = transcript(&input.concat(), DecodeOptions::default());
    assert_eq!(end, Ok(()));
    let judged: Vec<String> = input
        .iter()
        .flat_map(|part| {
            let (lines, end) = decode(MsgpackDecoder::new(), [&part[..]]);
            assert_eq!(end, Ok(()));
            lines
        })
        .collect();
    assert_eq!(lines, judged);
}

fn any_cell() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-40_000_i64..40_000).prop_map(Value::from),
        (-1e300..1e300).prop_map(Value::F64),
        ".{0,40}".prop_map(Value::from),
        "a{250,300}".prop_map(Value::from),
        (-9_000_000_000_i64..9_000_000_000, 0..1_000_000_000).prop_map(|(seconds, nanos)| {
            Value::Ext(5, [&seconds.to_be_bytes()[..], &i32::to_be_bytes(nanos)].concat())
        }),
    ]
}

fn any_series() -> impl Strategy<Value = Value> {
    let rows = (0_usize..20).prop_flat_map(|width| {
        (vec("[a-z]{1,20}", width..=width), vec(vec(any_cell(), width..=width), 0..20))
    });
    (proptest::option::of(".{0,20}"), rows, any::<bool>()).prop_map(
        |(name, (columns, rows), partial)| {
            let mut members = Vec::new();
            members.extend(name.map(|name| ("name", Value::from(name))));
            members.push(("columns", list(columns.into_iter().map(Value::from))));
            members.push(("values", list(rows.into_iter().map(Value::Array))));
            members.push(("other", list([Value::Nil, map(&[("x", list([]))])])));
            members.extend(partial.then_some(("partial", Value::from(true))));
            map(&members)
        },
    )
}

proptest! {
    #[test]
    fn random_documents_are_read_as_by_the_judge(
        documents in vec(vec(any_series(), 0..3), 1..4),
        cuts in vec(1_usize..400, 1..20),
    ) {
        let documents = documents.into_iter().enumerate().map(|(id, series)| {
            let result = map(&[("statement_id", Value::from(id)), ("series", list(series))]);
            encode(&map(&[("results", list([result]))]))
        });
        let input = documents.collect::<Vec<_>>().concat();
        let mut pieces = Vec::new();
        let mut rest = &input[..];
        for cut in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (piece, tail) = rest.split_at(*cut.min(&rest.len()));
            pieces.push(piece);
            rest = tail;
        }
        let found = decode(MsgpackDecoder::new(), pieces);
        prop_assert_eq!(found, (judge(&input), Ok(())));
    }
}
