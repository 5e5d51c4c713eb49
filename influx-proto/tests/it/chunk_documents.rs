//! Which documents a stream has, and how it ends.

use influx_proto::decode::{ChunkDecoder, DecodeError};
use proptest::prelude::*;
use serde_json::{Deserializer, Value, json};

use crate::chunk_cuts::{Outcome, decode};

const END: Result<(), DecodeError> = Ok(());

fn trailer(text: &str) -> Result<(), DecodeError> {
    Err(DecodeError::Trailer(text.to_owned()))
}

fn truncated(bytes: usize) -> Result<(), DecodeError> {
    Err(DecodeError::Truncated { bytes })
}

fn outcome(input: &[u8]) -> Outcome {
    decode(ChunkDecoder::new(), [input])
}

/// The documents of `input`, as they were written, and its end.
fn check(input: &str, documents: &[&str], end: Result<(), DecodeError>) {
    let documents = documents.iter().copied().map(str::to_owned).collect();
    assert_eq!(outcome(input.as_bytes()), (documents, end), "{input:?}");
}

fn check_json_error(input: &str, documents: usize, offset: u64, message: &str) {
    let (found, end) = outcome(input.as_bytes());
    assert_eq!(found.len(), documents, "{input:?}");
    let Err(DecodeError::Json { offset: found, message: said, .. }) = end else {
        panic!("{input:?}: {end:?}");
    };
    assert_eq!((found, said.as_str()), (offset, message), "{input:?}");
}

#[test]
fn documents_need_no_separator() {
    check("", &[], END);
    check(" \t\r\n", &[], END);
    check(r#"{"a":1}{"b":2}"#, &[r#"{"a":1}"#, r#"{"b":2}"#], END);
    check("{\"a\":1}\n{\"b\":2}\r\n", &[r#"{"a":1}"#, r#"{"b":2}"#], END);
    check("{\n  \"a\": 1\n} {}", &["{\n  \"a\": 1\n}", "{}"], END);
}

#[test]
fn scalars_may_be_glued() {
    check(r#"truefalsenull"s"1.5-2"#, &["true", "false", "null", "\"s\"", "1.5", "-2"], END);
    check("1-2", &["1", "-2"], END);
    check(r#""a""b""#, &["\"a\"", "\"b\""], END);
    check("01", &["0", "1"], END);
    check("1 {}", &["1", "{}"], END);
    check("123456789012345678901234567890", &["123456789012345678901234567890"], END);
}

#[test]
fn the_elements_of_arrays_are_documents() {
    check("[]", &[], END);
    check("[ ] [\n]", &[], END);
    check("[1]", &["1"], END);
    check(
        r#" [ {"a":[1]} , [2] ,null,"]" ] [3] {} "#,
        &[r#"{"a":[1]}"#, "[2]", "null", "\"]\"", "3", "{}"],
        END,
    );
}

#[test]
fn the_end_may_come_too_early() {
    check(r#"{"a":1}{"b":"#, &[r#"{"a":1}"#], truncated(5));
    check(r#"{"a":1}["#, &[r#"{"a":1}"#], truncated(0));
    check(r#""abc"#, &[], truncated(4));
    check(r#""abc\"#, &[], truncated(5));
    check("1 tru", &["1"], truncated(3));
    check("1 -", &["1"], truncated(1));
    check("1 2.", &["1"], truncated(2));
    // Outside of an array, more of the number may have been lost.
    check("1 12", &["1", "12"], END);
    check("[1,12", &["1"], truncated(2));
    check("[1,", &["1"], truncated(0));
    check("[{} ", &["{}"], truncated(0));
}

#[test]
fn text_lasts_until_the_end() {
    check("{}Couldn't find series: zzz", &["{}"], trailer("Couldn't find series: zzz"));
    check("[{}]\ninvalid payload\n", &["{}"], trailer("invalid payload\n"));
    check("{}x{}", &["{}"], trailer("x{}"));
    check("{},{}", &["{}"], trailer(",{}"));
    check("{}]", &["{}"], trailer("]"));
    check("{}//", &["{}"], trailer("//"));
    // After an object or array, a scalar is the server's text.
    for text in ["404 page not found", "null", "true", "\"a\"", "-", "time field must be float"] {
        check(&format!("{{}} {text}"), &["{}"], trailer(text));
        check(&format!("[] {text}"), &[], trailer(text));
    }
    check("time field must be float", &[], trailer("time field must be float"));
    check("syntax error", &[], trailer("syntax error"));
    check("NaN", &[], trailer("NaN"));
    check("-Infinity", &[], trailer("-Infinity"));
    check("1.x", &[], trailer("1.x"));
    check("1 'a'", &["1"], trailer("'a'"));
    check("\u{feff}{}", &[], trailer("\u{feff}{}"));
    // These are blanks elsewhere, but not in JSON.
    check("1\u{a0}2", &["1"], trailer("\u{a0}2"));
    check("{}\u{b}{}", &["{}"], trailer("\u{b}{}"));
    assert_eq!(outcome(b"{}\xff").1, trailer("\u{fffd}"));
}

#[test]
fn a_text_without_end_is_reported_when_its_beginning_is_there() {
    for piece in [1, 7, 8191, 20_000] {
        let mut decoder = ChunkDecoder::new();
        decoder.push(b"{}");
        assert_eq!(decoder.next_document(), Ok(Some(&b"{}"[..])));
        for text in vec![b'x'; 8191].chunks(piece) {
            decoder.push(text);
            assert_eq!(decoder.next_document(), Ok(None), "{piece}");
        }
        decoder.push(&b"yz".repeat(piece));
        let expected = trailer(&("x".repeat(8191) + "y"));
        assert_eq!(decoder.next_document().map(drop), expected, "{piece}");
    }
}

#[test]
fn every_recorded_error_text_is_told_from_documents() {
    let mut texts = 0;
    for file in ["05_write", "06_query", "07_chunked", "09_auth", "10_cluster"] {
        for exchange in crate::fixtures::exchanges(&format!("v08/{file}.jsonl")) {
            let response = &exchange["response"];
            let refused = response["status"].as_u64().is_some_and(|status| status >= 400);
            let text = response["body"].as_str().unwrap_or_default().trim_start();
            // One route of the cluster refuses with an empty object, which cannot be told.
            if refused && !matches!(text, "" | "{}") {
                check(&format!(r#"{{"points":[]}}{text}"#), &[r#"{"points":[]}"#], trailer(text));
                texts += 1;
            }
        }
    }
    assert!(texts > 100, "the recording is complete");
}

#[test]
fn broken_brackets_are_no_text() {
    check_json_error("{}{]", 1, 3, "mismatched bracket");
    check_json_error("[1 2]", 1, 3, "expected `,` or `]`");
    check_json_error("[1,]", 1, 3, "expected a JSON value");
    check_json_error("[,1]", 0, 1, "expected a JSON value");
    check_json_error("[}", 0, 1, "expected a JSON value");
    check_json_error("{}[text]", 1, 3, "expected a JSON value");
    check_json_error("[[1}]", 0, 3, "mismatched bracket");
}

#[test]
fn values_say_where_they_are_wrong() {
    for (input, offset, message) in [
        ("{\"a\":1,}", 7, "trailing comma"),
        ("{}{}  {\"a\" 1}", 11, "expected `:`"),
        ("[1, {\n\"a\":\n 01}]", 13, "invalid number"),
        (r#"[["\ud800"]]"#, 9, "unexpected end of hex escape"),
        ("{\"a\u{1}\":1}", 3, "control character (\\u0000-\\u001F) found while parsing a string"),
        ("[{'a':1}]", 2, "key must be a string"),
        ("{}[//\n1]", 3, "expected a JSON value"),
    ] {
        let mut decoder = ChunkDecoder::new();
        decoder.push(input.as_bytes());
        decoder.finish();
        let error = loop {
            match decoder.next_value::<Value>() {
                Ok(value) => assert!(value.is_some(), "{input:?} is not wrong"),
                Err(error) => break error,
            }
        };
        let DecodeError::Json { offset: found, message: said, snippet } = &error else {
            panic!("{input:?}: {error}");
        };
        assert_eq!((*found, said.as_str()), (offset, message), "{input:?}");
        assert!(input.contains(snippet), "{input:?}: {snippet:?}");
        assert_eq!(decoder.next_value::<Value>(), Err(error.clone()));
        assert_eq!(decoder.next_document(), Err(error));
    }
}

#[test]
fn a_value_may_borrow_and_must_fit_its_type() {
    let mut decoder = ChunkDecoder::new();
    decoder.push(br#"["plain", "esc\n", 1]"#);
    assert_eq!(decoder.next_value::<&str>().unwrap(), Some("plain"));
    let error = decoder.next_value::<&str>().unwrap_err();
    assert!(matches!(error, DecodeError::Json { .. }), "{error}");
    assert_eq!(decoder.next_value::<String>(), Err(error));
}

#[test]
fn errors_do_not_grow_with_the_data() {
    let mut decoder = ChunkDecoder::new();
    decoder.push(format!("[\"{}\"]", "x".repeat(100_000)).as_bytes());
    let error = decoder.next_value::<bool>().unwrap_err();
    assert!(error.to_string().len() < 400, "{error}");
}

#[test]
fn invalid_utf8_is_handed_out_raw_only() {
    let mut decoder = ChunkDecoder::new();
    decoder.push(b"[\"\xff\",\"\xff\"]");
    assert_eq!(decoder.next_document().unwrap(), Some(&b"\"\xff\""[..]));
    let error = decoder.next_value::<String>().unwrap_err();
    assert!(matches!(error, DecodeError::Json { offset: 6, .. }), "{error:?}");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn reads_what_serde_json_reads(
        values in prop::collection::vec(any_json(), 0..6),
        blank in "[ \t\r\n]{1,3}",
        size in 1_usize..40,
        pretty: bool,
    ) {
        let print = |value: &Value| if pretty { format!("{value:#}") } else { format!("{value}") };
        // At the top level, arrays would be opened and scalars after objects would be text.
        let wrapped: Vec<_> = values.into_iter().map(|value| json!({ "value": value })).collect();
        let text = wrapped.iter().map(print).collect::<Vec<_>>().join(&blank);
        let streamed: Vec<Value> =
            Deserializer::from_str(&text).into_iter().collect::<Result<_, _>>().unwrap();
        let array = print(&Value::from(wrapped));

        for input in [text, array] {
            let mut decoder = ChunkDecoder::new();
            let mut found = Vec::new();
            for piece in input.as_bytes().chunks(size) {
                decoder.push(piece);
                while let Some(value) = decoder.next_value::<Value>().unwrap() {
                    found.push(value);
                }
            }
            decoder.finish();
            prop_assert_eq!(decoder.next_value::<Value>().unwrap(), None);
            prop_assert_eq!(&found, &streamed);
        }
    }
}
