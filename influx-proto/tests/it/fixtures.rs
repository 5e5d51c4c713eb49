//! Recorded exchanges with real servers, one JSON object a line.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// All exchanges of a file in `tests/fixtures`.
pub(crate) fn exchanges(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(file);
    let lines =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The name and body of every answer to a query that asked for `chunked=true` and got data.
pub(crate) fn chunked_bodies() -> Vec<(String, String)> {
    let exchanges = exchanges("v08/07_chunked.jsonl");
    let chunked = exchanges.iter().filter(|exchange| {
        let target = exchange["request"]["target"].as_str().unwrap();
        target.contains("chunked=true") && exchange["response"]["status"] == 200
    });
    let bodies = chunked.map(|exchange| {
        let response = &exchange["response"];
        let body = response["decoded_body"].as_str().or(response["body"].as_str());
        (exchange["id"].as_str().unwrap().to_owned(), body.unwrap().to_owned())
    });
    bodies.collect()
}
