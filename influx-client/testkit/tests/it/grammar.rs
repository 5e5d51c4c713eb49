//! The query language, judged by one recorded session with a real 0.8.9: each of its writes and
//! queries, in their order, must be answered the same.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use http::StatusCode;
use influx_testkit::{Face, Options, Server};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

use crate::support::send;

/// When the session was recorded, in seconds since 1970.
const NOW: u64 = 1_796_086_400;

/// One request of the session and its answer.
#[derive(Deserialize)]
struct Exchange {
    write: Option<Value>,
    query: Option<String>,
    status: u16,
    body: String,
}

impl Exchange {
    fn answer(&self, server: &Server) -> (StatusCode, String) {
        match (&self.query, &self.write) {
            (Some(query), _) => {
                let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
                send(server, "GET", &format!("/series?time_precision=s&q={query}"), "")
            }
            (None, Some(body)) => {
                send(server, "POST", "/series?time_precision=s", body.to_string())
            }
            (None, None) => panic!("a line of the session without a request"),
        }
    }

    fn check(&self, server: &Server) -> Result<(), String> {
        let (status, body) = self.answer(server);
        if (status.as_u16(), comparable(&body)) == (self.status, comparable(&self.body)) {
            return Ok(());
        }
        let request = self.query.clone().unwrap_or_else(|| "write".to_owned());
        let expected = (self.status, &self.body);
        Err(format!("{request}\n   found    {:?}\n   expected {expected:?}", (status.as_u16(), body)))
    }
}

/// A body without what differs between two runs of the server, or with the tools of its build.
fn comparable(body: &str) -> String {
    let Ok(Value::Array(series)) = serde_json::from_str(body) else { return comparable_text(body) };
    let series: Vec<String> = series.into_iter().map(comparable_series).collect();
    series.join("\n")
}

fn comparable_text(text: &str) -> String {
    // Addresses in memory, a name that newer versions of bison give, and faults of formatting.
    let text = Regex::new(r"\[0x[0-9a-f x]+\]").unwrap().replace_all(text, "[]");
    let text = text.replace("unexpected invalid token", "unexpected $undefined");
    let end = text.find("%!!").unwrap_or(text.len());
    text[..end].to_owned()
}

fn comparable_series(series: Value) -> String {
    let columns = series["columns"].as_array().unwrap().clone();
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|&index| columns[index].to_string());
    let row = |row: &Value| -> Value { order.iter().map(|&index| row[index].clone()).collect() };
    let mut points: Vec<Value> = series["points"].as_array().unwrap().iter().map(row).collect();
    if series["name"] == "list_series_result" || series["name"] == "continuous queries" {
        points.sort_by_key(Value::to_string);
    }
    format!("{} {} {}", series["name"], row(&columns.into()), Value::from(points))
}

#[tokio::test]
async fn a_recorded_session_is_answered_the_same() {
    let mut options = Options::default();
    options.clock = Arc::new(|| UNIX_EPOCH + Duration::from_secs(NOW));
    let server = Server::start_with(Face::V08, options).await.unwrap();
    server.create_database("d");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v08/grammar.jsonl");
    let session = std::fs::read_to_string(path).unwrap();
    let exchanges = session.lines().map(|line| serde_json::from_str::<Exchange>(line).unwrap());
    let faults: Vec<String> =
        exchanges.filter_map(|exchange| exchange.check(&server).err()).collect();
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
}
