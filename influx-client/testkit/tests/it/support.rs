//! Requests to a server, without sockets.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::StatusCode;
use influx_testkit::{Face, Options, Server};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Sends a request to the database `d` as `root`; the path may be followed by parameters.
pub(crate) fn send(
    server: &Server,
    method: &str,
    path: &str,
    body: impl Into<Bytes>,
) -> (StatusCode, String) {
    request(server, method, &format!("/db/d{path}"), body)
}

/// Sends a request as `root`; the path may be followed by parameters.
pub(crate) fn request(
    server: &Server,
    method: &str,
    path: &str,
    body: impl Into<Bytes>,
) -> (StatusCode, String) {
    let separator = if path.contains('?') { '&' } else { '?' };
    let uri = format!("{path}{separator}u=root&p=root");
    let request = http::Request::builder().method(method).uri(uri).body(body.into()).unwrap();
    let reply = server.handle(&request).unwrap();
    let body = String::from_utf8(reply.body().to_bytes().into()).unwrap();
    (reply.status(), body)
}

/// Writes points with times in seconds; it must succeed.
pub(crate) fn write(server: &Server, points: &'static str) {
    let reply = send(server, "POST", "/series?time_precision=s", points);
    assert_eq!(reply, (StatusCode::OK, String::new()));
}

/// The answer of a query, with times in seconds.
pub(crate) fn query(server: &Server, query: &str) -> (StatusCode, String) {
    let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
    send(server, "GET", &format!("/series?time_precision=s&q={query}"), "")
}

/// A server with an empty database `d`, at 2,000 s after 1970.
pub(crate) async fn server() -> Server {
    server_with(Options::default()).await
}

/// The same with other options.
pub(crate) async fn server_with(mut options: Options) -> Server {
    options.clock = Arc::new(|| UNIX_EPOCH + Duration::from_secs(2_000));
    let server = Server::start_with(Face::V08, options).await.unwrap();
    server.create_database("d");
    server
}
