//! Replies that a real 1.6.7 server sent.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use influx_proto::v1::WriteLines;
use influx_proto::{Operation, Outcome, Reply, ResponseError};
use serde_json::Value;

use crate::fixtures::exchanges;

/// Reads the reply of an exchange by a call.
fn read<O: Operation>(exchange: &Value, call: &O) -> (Result<O::Output, ResponseError>, Outcome) {
    let response = &exchange["response"];
    let status = StatusCode::from_u16(response["status"].as_u64().unwrap().try_into().unwrap());
    let headers: HeaderMap = (response["headers"].as_array().unwrap().iter())
        .map(|header| {
            let name = header[0].as_str().unwrap().parse::<HeaderName>().unwrap();
            (name, HeaderValue::from_str(header[1].as_str().unwrap()).unwrap())
        })
        .collect();
    let body = response["body"].as_str().unwrap().as_bytes();
    let reply = Reply::new(status.unwrap(), &headers, body);
    (call.response(&reply), call.outcome(&reply))
}

fn exchange(id: &str) -> Value {
    let all = exchanges("v1/exchanges.jsonl");
    all.into_iter().find(|exchange| exchange["id"] == id).unwrap_or_else(|| panic!("{id}"))
}

#[test]
fn writes_are_judged_by_their_reply() {
    use Outcome::{Done, Hold, Later, Partial, Refused, Split};
    let write = WriteLines::new("db1", "");
    for (id, outcome) in [
        ("w-ok", Done),
        ("w-unknown-db", Hold),
        ("w-bad", Refused),
        ("w-bad-many", Refused),
        ("w-partial-parse", Partial),
        ("w-conflict-mixed", Partial),
        ("w-rp-old", Partial),
        ("w-cons-two", Refused),
        ("w-toolarge", Split),
        ("w-badline-huge", Refused),
        ("w-form", Hold),
        ("lim-series-count-refused", Split),
        ("lim-tags2", Partial),
        ("joe-write-denied", Hold),
        ("auth-w-none", Hold),
        ("busy-write-full", Later),
        ("busy-write-queued", Later),
    ] {
        let found = read(&exchange(id), &write);
        assert_eq!(found.1, outcome, "{id}: {:?}", found.0);
        assert_eq!(found.0.is_ok(), outcome == Done, "{id}");
    }
}
