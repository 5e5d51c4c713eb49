//! Requests to an engine.

use bytes::Bytes;
use http::StatusCode;
use influx_testkit::{Answer, Engine};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Sends a request to the database `d` as `root`; the path may be followed by parameters.
pub(crate) fn send(
    engine: &Engine,
    method: &str,
    path: &str,
    body: impl Into<Bytes>,
) -> (StatusCode, String) {
    let separator = if path.contains('?') { '&' } else { '?' };
    let uri = format!("/db/d{path}{separator}u=root&p=root");
    let request = http::Request::builder().method(method).uri(uri).body(body.into()).unwrap();
    let Answer::Reply(reply) = engine.handle(&request) else { panic!("no answer") };
    let body = String::from_utf8(reply.body().to_bytes().into()).unwrap();
    (reply.status(), body)
}

/// Writes points with times in seconds; it must succeed.
pub(crate) fn write(engine: &Engine, points: &'static str) {
    let reply = send(engine, "POST", "/series?time_precision=s", points);
    assert_eq!(reply, (StatusCode::OK, String::new()));
}

/// What a query answers, with times in seconds.
pub(crate) fn query(engine: &Engine, query: &str) -> (StatusCode, String) {
    let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
    send(engine, "GET", &format!("/series?time_precision=s&q={query}"), "")
}

/// An engine with an empty database `d`, at 2,000 s after 1970.
pub(crate) fn engine() -> Engine {
    let engine = Engine::builder().now(|| 2_000_000_000).build();
    engine.create_database("d");
    engine
}
