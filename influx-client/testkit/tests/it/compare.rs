//! Whether two answers mean the same.

use std::collections::BTreeSet;
use std::io::Read;

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::header::{ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use influx_testkit::Body;
use serde_json::Value;

use crate::recording::Scenario;

/// The time at which the embedded server stands still, in microseconds: within the recording's day.
pub(crate) const NOW: u64 = 1_795_208_000_000_000;

/// The recording's day, in seconds.
const RECORDED: std::ops::Range<i64> = 1_795_200_000..1_795_300_000;

/// The headers whose values are promised.
const PROMISED: [&str; 6] = [
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-max-age",
    "content-encoding",
    "www-authenticate",
];

/// Compares an answer with the recorded one; says in what they differ.
pub(crate) fn check(
    scenario: &Scenario,
    answer: Option<&http::Response<Body>>,
) -> Result<(), String> {
    let expected = &scenario.response;
    let (reply, status) = match (answer, expected.status) {
        (None, None) => return Ok(()),
        (None, Some(status)) => return differ("answer", "none", status),
        (Some(reply), None) => return differ("answer", reply.status(), "none"),
        (Some(reply), Some(status)) => (reply, status),
    };
    let plain = decompressed(reply);
    let text = std::str::from_utf8(&plain).unwrap();
    same("status", reply.status().as_u16(), status).map_err(|error| format!("{error} ({text})"))?;

    let header = |name| reply.headers().get(name).map(|value| value.to_str().unwrap());
    for name in PROMISED {
        same(name, header(name), expected.header(name))?;
    }
    let versioned =
        |value: Option<&str>| value.is_some_and(|value| value.starts_with("InfluxDB v0.8"));
    let version = "x-influxdb-version";
    same(version, versioned(header(version)), versioned(expected.header(version)))?;
    let methods = |value: Option<&str>| -> BTreeSet<String> {
        value.into_iter().flat_map(|value| value.split(", ").map(str::to_owned)).collect()
    };
    same("allow", methods(header(ALLOW.as_str())), methods(expected.header("allow")))?;
    let body = expected.body();
    let is_head = body.is_empty() && header(CONTENT_LENGTH.as_str()).is_some();
    if is_head {
        let length = header(CONTENT_LENGTH.as_str());
        same("content-length", length, expected.header("content-length"))?;
    }
    if !body.is_empty() || is_head {
        let content_type = expected.header("content-type");
        same("content-type", header(CONTENT_TYPE.as_str()), content_type)?;
    }

    if body.starts_with("json: cannot unmarshal") && text.starts_with("json: cannot unmarshal") {
        // The text names types of the server's source.
        return Ok(());
    }
    if expected.header("content-type") != Some("application/json") {
        return same("body", text, body.as_str());
    }
    same_json(text, &body, scenario.asks_for_all_columns())?;
    if let (true, None, Some(chunks)) =
        (scenario.is_chunked(), header(CONTENT_ENCODING.as_str()), &expected.transfer_chunks)
    {
        let Body::Chunks(found) = reply.body() else { return differ("framing", "full", "chunks") };
        same("number of chunks", found.len(), chunks.len())?;
        for (found, expected) in found.iter().zip(chunks) {
            let found = std::str::from_utf8(found).unwrap();
            same_json(found, expected, scenario.asks_for_all_columns())?;
        }
    }
    Ok(())
}

/// Compares JSON documents that follow each other, and what follows them. Columns are compared in
/// their order, unless `any_order` says that the server leaves it to chance.
fn same_json(found: &str, expected: &str, any_order: bool) -> Result<(), String> {
    let (found_documents, found_rest) = documents(found);
    let (expected_documents, expected_rest) = documents(expected);
    same("trailing text", found_rest, expected_rest)?;
    if found_documents == expected_documents {
        // Nothing needs to be made comparable, so that every byte counts.
        return same("text", found, expected);
    }
    let comparable = |document| comparable(document, any_order);
    let found: Vec<_> = found_documents.into_iter().map(comparable).collect();
    let expected: Vec<_> = expected_documents.into_iter().map(comparable).collect();
    let show = |documents: &[Value]| serde_json::to_string(documents).unwrap();
    same("JSON", show(&found), show(&expected))
}

fn documents(text: &str) -> (Vec<Value>, &str) {
    let mut documents = Vec::new();
    let mut stream = serde_json::Deserializer::from_str(text).into_iter();
    let mut end = 0;
    while let Some(Ok(document)) = stream.next() {
        documents.push(document);
        end = stream.byte_offset();
    }
    (documents, &text[end..])
}

/// Takes out what differs between two runs of the server.
fn comparable(document: Value, any_order: bool) -> Value {
    match document {
        Value::Array(elements) => {
            // Databases, users and series come in any order.
            let comparable = |element| comparable(element, any_order);
            let mut elements: Vec<_> = elements.into_iter().map(comparable).collect();
            elements.sort_by_key(Value::to_string);
            Value::Array(elements)
        }
        Value::Object(series) if series.contains_key("points") => {
            comparable_series(&series, any_order)
        }
        other => other,
    }
}

fn comparable_series(series: &serde_json::Map<String, Value>, any_order: bool) -> Value {
    let array = |name: &str| series[name].as_array().unwrap();
    let columns: Vec<&str> = array("columns").iter().map(|name| name.as_str().unwrap()).collect();
    let mut order: Vec<usize> = (0..columns.len()).collect();
    if any_order {
        order.sort_by_key(|&index| columns[index]);
    }
    let cell = |row: &Value, index: usize| match columns[index] {
        "time" if is_recent(&row[index]) => Value::from("now"),
        "sequence_number" if is_assigned(&row[index]) => Value::from("assigned"),
        _ => row[index].clone(),
    };
    let mut points: Vec<Value> = array("points")
        .iter()
        .map(|row| order.iter().map(|&index| cell(row, index)).collect())
        .collect();
    if series["name"] == "continuous queries" {
        points.sort_by_key(Value::to_string);
    }
    let columns: Vec<&str> = order.iter().map(|&index| columns[index]).collect();
    serde_json::json!({ "name": series["name"], "columns": columns, "points": points })
}

/// Whether a time, in whatever unit, is one that the server took from its clock.
fn is_recent(time: &Value) -> bool {
    let time = time.as_i64().unwrap();
    [1, 1_000, 1_000_000].iter().any(|unit| RECORDED.contains(&(time / unit)))
}

/// Whether a sequence number is one that the server assigned.
fn is_assigned(sequence: &Value) -> bool {
    sequence.as_u64().is_some_and(|sequence| sequence > 10_000 && sequence % 10_000 == 1)
}

fn decompressed(reply: &http::Response<Body>) -> Vec<u8> {
    let body = reply.body().to_bytes();
    let mut plain = Vec::new();
    match reply.headers().get(CONTENT_ENCODING).map(http::HeaderValue::as_bytes) {
        Some(b"gzip") => MultiGzDecoder::new(body.as_ref()).read_to_end(&mut plain).unwrap(),
        Some(b"deflate") => ZlibDecoder::new(body.as_ref()).read_to_end(&mut plain).unwrap(),
        _ => return body.into(),
    };
    plain
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    if found == expected { Ok(()) } else { differ(what, found, expected) }
}

fn differ(
    what: &str,
    found: impl std::fmt::Debug,
    expected: impl std::fmt::Debug,
) -> Result<(), String> {
    Err(format!("{what}\n   found    {found:.2000?}\n   expected {expected:.2000?}"))
}
