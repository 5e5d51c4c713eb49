//! Limits of what a client can make the server use.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::StatusCode;
use influx_testkit::{Face, Limits, Options, Server};

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
        (|limits| limits.max_values = 0, "select count(v) from s", "reads at most 0 values"),
        (|limits| limits.max_answer = 40, "select v from s", "answers at most 40 bytes"),
        (|limits| limits.max_shards = 0, "list series", "keeps at most 0 shards"),
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

/// Queries that would take far more memory or time than a server of tests should; each must be
/// refused before it does.
#[tokio::test]
async fn work_is_bounded() {
    let server = limited(|limits| {
        (limits.max_values, limits.max_rows) = (500_000, 100_000);
    })
    .await;
    let rows: Vec<String> = (0..500).map(|row| format!("[{row},{row},\"x{row}\"]")).collect();
    let body = format!(
        r#"[{{"name":"s","columns":["time","a","t"],"points":[{}]}},{{"name":"u","columns":["time","a"],"points":[{}]}}]"#,
        rows.join(","),
        rows.iter()
            .map(|row| format!("{}]", &row[..row.rfind(',').unwrap()]))
            .collect::<Vec<_>>()
            .join(",")
    );
    assert_eq!(send(&server, "POST", "/series?time_precision=s", body).0, StatusCode::OK);
    let rows = "answers at most 100000 rows";
    let counts = vec!["count(a)"; 190].join(", ");
    for (text, expected) in [
        (format!("select {counts} from s group by time(1u) fill(0)"), rows),
        (format!("select {counts} from s group by time(1ms) fill(0)"), rows),
        (
            format!("select {counts} from s group by time(10ms) fill(0)"),
            "answers at most 500000 values",
        ),
        ("select count(a) from s group by time(60) fill(0)".to_owned(), rows),
        ("select count(a) from s group by time(2s), t fill(0)".to_owned(), rows),
        ("select distinct(a), distinct(a) from s".to_owned(), rows),
        ("select distinct(t), distinct(a), distinct(t), distinct(a) from s".to_owned(), rows),
        (vec!["select * from /.*/"; 300].join(";"), "takes 100 regular expressions a query"),
        (vec!["list series"; 1_001].join(";"), "takes 1000 statements a query"),
        (vec!["select a, t from s"; 1_000].join(";"), "answers at most 500000 values"),
        (vec!["select * from s where a < 0"; 1_000].join(";"), "reads at most 500000 values"),
        (vec!["select s.a, u.a from s inner join u"; 900].join(";"), "reads at most 500000 values"),
        (
            format!("select a from /{}/", "(x{1,1000}){1,1000}"),
            "takes 1048576 bytes a compiled regular expression",
        ),
    ] {
        assert_eq!(query(&server, &text), refused(expected), "{text:.80}");
    }
}

/// A query that runs long must not keep others waiting: it holds no lock.
#[tokio::test]
async fn other_calls_are_answered_while_a_query_runs() {
    let (running, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let mut options = Options::default();
    // The server asks for the time when it begins to run a query.
    let seen = Arc::clone(&running);
    options.clock = Arc::new(move || {
        if std::thread::current().name() == Some("query") {
            seen.store(true, Ordering::Relaxed);
        }
        UNIX_EPOCH + Duration::from_secs(100_000)
    });
    let server = Arc::new(Server::start_with(Face::V08, options).await.unwrap());
    server.create_database("d");
    let rows: Vec<String> = (0..20_000).map(|row| format!("[{row},{row}]")).collect();
    let body = format!(r#"[{{"name":"s","columns":["time","a"],"points":[{}]}}]"#, rows.join(","));
    assert_eq!(send(&server, "POST", "/series?time_precision=s", body).0, StatusCode::OK);
    let (reader, is_done) = (Arc::clone(&server), Arc::clone(&done));
    let long = std::thread::Builder::new().name("query".to_owned()).spawn(move || {
        let condition = vec!["a < 0"; 200].join(" or ");
        let answer = query(&reader, &format!("select a from s where {condition}"));
        is_done.store(true, Ordering::Relaxed);
        answer
    });
    while !running.load(Ordering::Relaxed) {
        std::thread::yield_now();
    }
    for _ in 0..200 {
        let ping = http::Request::get("/ping").body(Bytes::new()).unwrap();
        assert_eq!(server.handle(&ping).unwrap().status(), StatusCode::OK);
        let point = r#"[{"name":"s","columns":["a"],"points":[[1]]}]"#;
        assert_eq!(send(&server, "POST", "/series", point).0, StatusCode::OK);
    }
    assert!(!done.load(Ordering::Relaxed), "400 calls waited for the query");
    assert_eq!(long.unwrap().join().unwrap(), (StatusCode::OK, "[]".to_owned()));
    assert_eq!(server.count("d"), 20_200);
}
