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

use crate::support::{request, send};

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
    /// Whether the query asks for one object after the other.
    #[serde(default)]
    chunked: bool,
    /// Any other request, as the administrator.
    method: Option<String>,
    path: Option<String>,
    content: Option<String>,
    status: u16,
    body: String,
}

impl Exchange {
    fn answer(&self, server: &Server) -> (StatusCode, String) {
        if let (Some(method), Some(path)) = (&self.method, &self.path) {
            return request(server, method, path, self.content.clone().unwrap_or_default());
        }
        match (&self.query, &self.write) {
            (Some(query), _) => {
                let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
                let chunked = if self.chunked { "&chunked=true" } else { "" };
                send(server, "GET", &format!("/series?time_precision=s{chunked}&q={query}"), "")
            }
            (None, Some(body)) => {
                let precision = self.precision.as_deref().unwrap_or("s");
                let path = format!("/series?time_precision={precision}");
                send(server, "POST", &path, body.clone())
            }
            (None, None) => panic!("a line of the session without a request"),
        }
    }

    /// Whether the server answers columns in any order: those of `*`, of expressions with an
    /// operator, and of a merge.
    fn leaves_columns_to_chance(&self) -> bool {
        let query = self.query.as_deref().unwrap_or_default().to_ascii_lowercase();
        let columns = query.split(" from ").next().unwrap_or_default();
        let columns = Regex::new(r"[a-z]\([^()]*\)").unwrap().replace_all(columns, "");
        columns.contains(['*', '+', '-', '/']) || query.contains("merge")
    }

    fn check(&self, server: &Server) -> Result<(), String> {
        let (status, body) = self.answer(server);
        let comparable = |body| comparable(body, self.leaves_columns_to_chance());
        if (status.as_u16(), comparable(&body)) == (self.status, comparable(&self.body)) {
            return Ok(());
        }
        let request = [&self.query, &self.write, &self.path, &self.content];
        let request: Vec<&str> = request.into_iter().flatten().map(String::as_str).collect();
        let request = request.join(" ");
        let expected = (self.status, &self.body);
        Err(format!(
            "{request}\n   found    {:?}\n   expected {expected:?}",
            (status.as_u16(), body)
        ))
    }
}

/// A body without what differs between two runs of the server, or with the tools of its build.
fn comparable(body: &str, any_order: bool) -> String {
    let mut parts = Vec::new();
    let mut documents = serde_json::Deserializer::from_str(body).into_iter();
    let mut end = 0;
    while let Some(Ok(document)) = documents.next() {
        end = documents.byte_offset();
        match document {
            Value::Array(elements) => {
                let each = |element| comparable_element(element, any_order);
                let mut elements: Vec<String> = elements.iter().map(each).collect();
                // Series, spaces and shards come in any order.
                elements.sort_unstable();
                parts.push(elements.join("\n"));
            }
            other => parts.push(comparable_element(&other, any_order)),
        }
    }
    parts.push(comparable_text(&body[end..]));
    parts.join("\n")
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

fn comparable_element(series: &Value, any_order: bool) -> String {
    let Some(columns) = series["columns"].as_array() else { return series.to_string() };
    let columns = columns.clone();
    let mut order: Vec<usize> = (0..columns.len()).collect();
    if any_order {
        order.sort_by_key(|&index| columns[index].to_string());
    }
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

#[tokio::test]
async fn shards_buckets_functions_and_joins_are_answered_the_same() {
    check("shards.jsonl").await;
}
