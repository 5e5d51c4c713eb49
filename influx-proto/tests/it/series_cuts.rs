//! However the input is cut, the events are the same, and the same as `serde_json` finds.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use influx_proto::decode::{ChunkDecoder, SeriesDecoder};
use influx_proto::{Series, Value as Cell};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Deserializer, Value};

use crate::fixtures::chunked_bodies;
use crate::json_encode::any_value;
use crate::series_events::{decode, whole};

/// The bodies of 1.6.7, without their HTTP framing.
fn v1_body(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v1").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn recorded_bodies() -> Vec<(String, String)> {
    let v1 = ["database_missing", "empty", "error", "group_by", "pretty", "two_statements"];
    let v1 = v1.map(|name| (name.to_owned(), v1_body(&format!("{name}.json"))));
    chunked_bodies().into_iter().chain(v1).collect()
}

#[test]
fn every_recorded_body_in_pieces() {
    for (name, body) in recorded_bodies() {
        let body = body.as_bytes();
        let expected = whole(body);
        assert!(expected.1.is_ok() || !expected.0.is_empty(), "{name}: {:?}", expected.1);
        for size in [1, 2, 7, 61, 4096] {
            let found = decode(SeriesDecoder::new(), body.chunks(size));
            assert!(found == expected, "{name} in pieces of {size}");
        }
        // The heads, where most places are.
        let head = &body[..body.len().min(700)];
        let expected = whole(head);
        for cut in 0..=head.len() {
            let (head, tail) = head.split_at(cut);
            assert!(decode(SeriesDecoder::new(), [head, tail]) == expected, "{name} cut at {cut}");
        }
    }
}

#[test]
fn answers_of_1x_are_read_whole() {
    for (name, body) in recorded_bodies() {
        let Some(expected) = reference(&body) else { continue };
        assert_eq!(events_without_heads(&body), expected, "{name}");
    }
    let (lines, end) = whole(v1_body("two_statements.json").as_bytes());
    assert_eq!(end, Ok(()));
    assert_eq!(lines.iter().filter(|line| line.starts_with('[')).count(), 25_001);
    assert_eq!(lines.iter().filter(|line| line.ends_with("partial")).count(), 4);
    assert_eq!(lines.last().unwrap(), "statement Some(1) None []");
}

#[test]
fn both_decoders_read_the_same_rows() {
    for (name, body) in chunked_bodies() {
        let mut decoder = ChunkDecoder::new();
        decoder.push(body.as_bytes());
        decoder.finish();
        let mut expected = Vec::new();
        while let Some(series) = decoder.next_value::<Series>().unwrap() {
            expected.extend(series.points().map(|point| serde_json::to_string(point).unwrap()));
        }
        let (mut found, end) = whole(body.as_bytes());
        found.retain(|line| line.starts_with('['));
        assert_eq!((found, end), (expected, Ok(())), "{name}");
    }
}

/// The events without the heads, which a late member is not in yet.
fn events_without_heads(input: &str) -> Vec<String> {
    let (mut lines, end) = whole(input.as_bytes());
    assert_eq!(end, Ok(()), "{input}");
    lines.retain(|line| !line.starts_with("series"));
    lines
}

/// The expected events, by way of a tree. `None` if the input is not a stream of JSON.
fn reference(input: &str) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    for document in Deserializer::from_str(input).into_iter::<Value>() {
        let document = document.ok()?;
        if let Some(message) = document["error"].as_str() {
            lines.push(format!("error {message:?}"));
        }
        for result in list(&document["results"]) {
            for series in list(&result["series"]) {
                reference_series(series, "values", &mut lines);
            }
            let messages = list(&result["messages"]).iter().map(|message| &message["text"]);
            let messages: Vec<_> = messages.map(|text| text.as_str().unwrap()).collect();
            let partial = if result["partial"] == true { " partial" } else { "" };
            let (id, error) = (result["statement_id"].as_u64(), result["error"].as_str());
            lines.push(format!("statement {id:?} {error:?} {messages:?}{partial}"));
        }
        if ["name", "columns", "points"].iter().any(|name| document.get(*name).is_some()) {
            reference_series(&document, "points", &mut lines);
        }
    }
    Some(lines)
}

fn reference_series(series: &Value, rows: &str, lines: &mut Vec<String>) {
    for row in list(&series[rows]) {
        let cells: Vec<Cell> = serde_json::from_value(row.clone()).unwrap();
        lines.push(serde_json::to_string(&cells).unwrap());
    }
    let is_1x = rows == "values";
    let name = series["name"].as_str().unwrap_or_default();
    let tags = if is_1x && series["tags"].is_object() {
        series["tags"].to_string()
    } else {
        "{}".to_owned()
    };
    let partial = if is_1x && series["partial"] == true { " partial" } else { "" };
    lines.push(format!("end {name:?} {tags}{partial}"));
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// An object with its members in some order and unknown ones between them.
fn object(members: Vec<(&'static str, String)>) -> impl Strategy<Value = String> {
    let unknown = prop::option::weighted(0.3, any_json())
        .prop_map(|value| value.map(|value| value.to_string()));
    (Just(members).prop_shuffle(), unknown, any::<Index>(), "[ \t\r\n]{0,2}").prop_map(
        |(members, unknown, position, blank)| {
            let mut members: Vec<(String, String)> =
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            if let Some(value) = unknown {
                let position = position.index(members.len() + 1);
                members.insert(position, ("é\\u0041\\n".to_owned(), value));
            }
            let mut text = "{".to_owned();
            for (index, (name, value)) in members.iter().enumerate() {
                let comma = if index == 0 { "" } else { "," };
                write!(text, "{comma}{blank}\"{name}\"{blank}:{value}{blank}").unwrap();
            }
            text + "}"
        },
    )
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

/// A series, by the name of its rows.
fn any_series(rows: &'static str) -> impl Strategy<Value = String> {
    let table = (0_usize..4)
        .prop_flat_map(|width| (vec(any::<String>(), width), vec(vec(any_value(), width), 0..5)));
    (table, any::<String>(), btree_map("[a-c]", any::<String>(), 0..3), any::<bool>())
        .prop_flat_map(move |((columns, points), name, tags, partial)| {
            object(vec![
                ("columns", json(&columns)),
                (rows, json(&points)),
                ("name", json(&name)),
                ("tags", json(&tags)),
                ("partial", json(&partial)),
            ])
        })
}

fn any_result() -> impl Strategy<Value = String> {
    (vec(any_series("values"), 0..3), any::<Option<u8>>(), any::<Option<String>>(), any::<bool>())
        .prop_flat_map(|(series, id, error, partial)| {
            object(vec![
                ("series", format!("[{}]", series.join(","))),
                ("statement_id", json(&id)),
                ("error", json(&error)),
                ("partial", json(&partial)),
            ])
        })
}

fn any_document() -> impl Strategy<Value = String> {
    let document_of_1x = vec(any_result(), 0..3)
        .prop_flat_map(|results| object(vec![("results", format!("[{}]", results.join(",")))]));
    prop_oneof![any_series("points"), document_of_1x]
}

proptest! {
    #[test]
    fn reads_what_serde_json_reads(documents in vec(any_document(), 0..4), blank in "[ \n]{0,2}") {
        let input = documents.join(&blank);
        prop_assert_eq!(events_without_heads(&input), reference(&input).unwrap());
    }

    #[test]
    fn any_cuts_of_any_document(
        document in any_document(),
        cuts in vec(any::<Index>(), 0..8),
        broken in prop::option::of((any::<Index>(), any::<u8>())),
    ) {
        let mut bytes = document.into_bytes();
        if let Some((index, byte)) = broken {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]);
        prop_assert_eq!(decode(SeriesDecoder::new(), pieces), whole(&bytes));
    }

    #[test]
    fn any_cuts_of_any_tokens(
        pieces in vec(
            "([\\[\\]{}\",: ]|\\\\|-|[0-9]|\\.|e|true|null|\"columns\":|\"points\":|\\[\\[|\u{e9}){0,12}",
            0..12,
        ),
        inside: bool,
    ) {
        let head = if inside { r#"{"columns":["a"],"points":[["# } else { "" };
        let pieces = || [head].into_iter().chain(pieces.iter().map(String::as_str));
        let found = decode(SeriesDecoder::new(), pieces().map(str::as_bytes));
        prop_assert_eq!(found, whole(pieces().collect::<String>().as_bytes()));
    }
}
