//! Queries and writes of all kinds, judged by sessions with a real 0.8.9: each of their requests,
//! in their order, must be answered the same.

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

/// When the sessions were recorded, in seconds since 1970.
const NOW: u64 = 1_796_086_400;

/// One request of a session and its answer.
#[derive(Deserialize)]
struct Exchange {
    /// The body of a write.
    write: Option<String>,
    /// The precision of its times; seconds unless it is given.
    precision: Option<String>,
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
                let precision = self.precision.as_deref().unwrap_or("s");
                let path = format!("/series?time_precision={precision}");
                send(server, "POST", &path, body.clone())
            }
            (None, None) => panic!("a line of the session without a request"),
        }
    }

    fn check(&self, server: &Server) -> Result<(), String> {
        let (status, body) = self.answer(server);
        if (status.as_u16(), comparable(&body)) == (self.status, comparable(&self.body)) {
            return Ok(());
        }
        let request = self.query.as_ref().or(self.write.as_ref());
        let request = request.map(String::as_str).unwrap_or_default();
        let expected = (self.status, &self.body);
        Err(format!(
            "{request}\n   found    {:?}\n   expected {expected:?}",
            (status.as_u16(), body)
        ))
    }
}

/// A body without what differs between two runs of the server, or with the tools of its build.
fn comparable(body: &str) -> String {
    let Ok(Value::Array(series)) = serde_json::from_str(body) else { return comparable_text(body) };
    let series: Vec<String> = series.into_iter().map(comparable_series).collect();
    series.join("\n")
}

fn comparable_text(text: &str) -> String {
    if text.starts_with("json: cannot unmarshal") {
        // The rest names types of the server's source, as the version of its language does.
        return "json: cannot unmarshal".to_owned();
    }
    // Addresses in memory, a name that newer versions of bison give, and faults of formatting.
    let text = Regex::new(r"&\{[^}]*\}").unwrap().replace_all(text, "&{}");
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
    // The server leaves the order of these to chance.
    let names = ["list_series_result", "continuous queries", "merged"].map(Value::from);
    let functions = ["bucket_start", "distinct"].map(Value::from);
    if names.contains(&series["name"]) || columns.iter().any(|name| functions.contains(name)) {
        points.sort_by_key(Value::to_string);
    }
    format!("{} {} {}", series["name"], row(&columns.into()), Value::from(points))
}

async fn check(session: &str) {
    let mut options = Options::default();
    options.clock = Arc::new(|| UNIX_EPOCH + Duration::from_secs(NOW));
    let server = Server::start_with(Face::V08, options).await.unwrap();
    server.create_database("d");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v08");
    let session = std::fs::read_to_string(folder.join(session)).unwrap();
    let exchanges = session.lines().map(|line| serde_json::from_str::<Exchange>(line).unwrap());
    let faults: Vec<String> =
        exchanges.filter_map(|exchange| exchange.check(&server).err()).collect();
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test]
async fn queries_are_answered_the_same() {
    check("queries.jsonl").await;
}

#[tokio::test]
async fn writes_are_answered_the_same() {
    check("writes.jsonl").await;
}
