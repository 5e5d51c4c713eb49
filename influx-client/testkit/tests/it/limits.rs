//! Limits of what a client can make the server use.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::StatusCode;
use influx_testkit::{Limits, Options, Server};

use crate::support::{query, send, server, server_with, write};

fn refused(text: &str) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("The embedded server {text}"))
}

/// A server with one limit changed.
async fn limited(limit: impl FnOnce(&mut Limits)) -> Server {
    let mut options = Options::default();
    limit(&mut options.limits);
    server_with(options).await
}

#[tokio::test]
async fn points_and_what_else_is_kept() {
    // The cluster admin, the database, a series, a column, a shard space, a shard and three points.
    let server = limited(|limits| limits.max_points = 9).await;
    write(&server, r#"[{"name":"s","columns":["time","v"],"points":[[1,1],[2,2],[3,3]]}]"#);
    let full = refused("keeps at most 9 points");
    let one_more = r#"[{"name":"s","columns":["time","v"],"points":[[4,4]]}]"#;
    assert_eq!(send(&server, "POST", "/series", one_more), full);
    assert_eq!(send(&server, "POST", "/users", r#"{"name":"u","password":"pass"}"#), full);
    assert_eq!(query(&server, "select * from s into t"), full);
    assert_eq!(server.count("d"), 3);
}

#[tokio::test]
async fn copies_of_points() {
    let server = limited(|limits| limits.max_points = 1_000).await;
    for target in 0..10 {
        let answer = query(&server, &format!("select * from s into t{target}"));
        assert_eq!(answer, (StatusCode::OK, "[]".to_owned()));
    }
    let body = format!(r#"[{{"name":"s","columns":["v"],"points":[[0]{}]}}]"#, ",[0]".repeat(99));
    assert_eq!(send(&server, "POST", "/series", body), refused("keeps at most 1000 points"));
    assert_eq!(server.series_names("d"), [""; 0]);
}

#[tokio::test]
async fn columns() {
    let server = server().await;
    let names: Vec<String> = (0..1_001).map(|index| format!("\"c{index}\"")).collect();
    let nulls = vec!["null"; 1_001].join(",");
    let body = format!(r#"[{{"name":"s","columns":[{}],"points":[[{nulls}]]}}]"#, names.join(","));
    let expected = refused("keeps at most 1000 columns a series");
    assert_eq!(send(&server, "POST", "/series", body), expected);
}

#[tokio::test]
async fn bodies() {
    let server = limited(|limits| limits.max_body = 1_000).await;
    let text = "The embedded server takes bodies of at most 1000 bytes".to_owned();
    let refused = (StatusCode::PAYLOAD_TOO_LARGE, text);
    assert_eq!(send(&server, "POST", "/series", vec![b' '; 1_001]), refused);

    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![b' '; 100_000]).unwrap();
    let request = http::Request::post("/db/d/series?u=root&p=root")
        .header("Content-Encoding", "gzip")
        .body(bomb.finish().unwrap().into())
        .unwrap();
    let reply = server.handle(&request).unwrap();
    assert_eq!((reply.status(), reply.body().to_bytes()), (refused.0, refused.1.into()));
}

#[tokio::test]
async fn queries() {
    let server = server().await;
    write(&server, r#"[{"name":"s","columns":["time","v"],"points":[[1,1],[1000,2]]}]"#);
    let operators = "takes 200 operators a statement";
    let brackets = "(".repeat(5_000);
    for (text, expected) in [
        (format!("select {}1 from s", "1 + ".repeat(5_000)), operators),
        (format!("select {brackets}v from s"), operators),
        (format!("select v from s where {brackets}v = 1"), operators),
        (format!("select v from s where v = 1{}", " and v = 1".repeat(3_000)), operators),
        (
            "select count(v) from s group by time(1u) fill(0)".to_owned(),
            "answers at most 1000000 rows",
        ),
    ] {
        assert_eq!(query(&server, &text), refused(expected), "{text:.50}");
    }
}

#[tokio::test]
async fn combinations_of_aggregates() {
    let server = server().await;
    let values: Vec<String> = (0..1_001).map(|value| format!("[{value}]")).collect();
    let body = format!(r#"[{{"name":"s","columns":["v"],"points":[{}]}}]"#, values.join(","));
    assert_eq!(send(&server, "POST", "/series", body).0, StatusCode::OK);
    let answer = query(&server, "select distinct(v), distinct(v) from s");
    assert_eq!(answer, refused("answers at most 1000000 rows"));
}

#[tokio::test]
async fn limits_are_settings() {
    for (limit, query_text, expected) in [
        (
            (|limits| limits.max_columns = 1) as fn(&mut Limits),
            "select * from s",
            "keeps at most 1 columns a series",
        ),
        (|limits| limits.max_rows = 1, "select distinct(v) from s", "answers at most 1 rows"),
        (|limits| limits.max_values = 5, "select v from s", "answers at most 5 values"),
        (|limits| limits.max_values = 0, "select count(v) from s", "aggregates at most 0 values"),
    ] {
        let server = limited(limit).await;
        let body = r#"[{"name":"s","columns":["time","v"],"points":[[1,1],[2,2]]}]"#;
        let body = if expected.contains("columns") {
            body.replace(r#""time""#, r#""w""#)
        } else {
            body.to_owned()
        };
        let written = send(&server, "POST", "/series?time_precision=s", body);
        let answers = [written, query(&server, query_text)];
        assert!(answers.contains(&refused(expected)), "{expected}: {answers:?}");
    }
}
