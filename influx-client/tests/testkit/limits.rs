//! Nothing that a client sends makes the server use more than its limits.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::StatusCode;
use influx_client::testkit::{Answer, Engine};

use crate::support::{engine, query, send, write};

fn limited() -> Engine {
    let engine = Engine::builder().max_points(3).max_body(1_000).build();
    engine.create_database("d");
    engine
}

#[test]
fn points() {
    let engine = limited();
    write(&engine, r#"[{"name":"s","columns":["v"],"points":[[1],[2]]}]"#);
    let two_more = r#"[{"name":"t","columns":["v"],"points":[[1],[2]]}]"#;
    let (status, text) = send(&engine, "POST", "/series", two_more);
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(text, "The embedded server keeps at most 3 points");
    assert_eq!(engine.series_names("d"), ["s"]);
}

#[test]
fn bodies() {
    let engine = limited();
    let text = "The embedded server takes bodies of at most 1000 bytes".to_owned();
    let refused = (StatusCode::PAYLOAD_TOO_LARGE, text);
    assert_eq!(send(&engine, "POST", "/series", vec![b' '; 1_001]), refused);

    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![b' '; 100_000]).unwrap();
    let request = http::Request::post("/db/d/series?u=root&p=root")
        .header("Content-Encoding", "gzip")
        .body(bomb.finish().unwrap().into())
        .unwrap();
    let Answer::Reply(reply) = engine.handle(&request) else { panic!("no answer") };
    assert_eq!((reply.status(), reply.body().to_bytes()), (refused.0, refused.1.into()));
}

#[test]
fn queries() {
    let engine = engine();
    write(&engine, r#"[{"name":"s","columns":["time","v"],"points":[[1,1],[1000,2]]}]"#);
    let operators = "The embedded server takes 200 operators a statement";
    let rows = "The embedded server answers at most 1000000 rows";
    let brackets = "(".repeat(5_000);
    for (text, expected) in [
        (format!("select {}1 from s", "1 + ".repeat(5_000)), operators),
        (format!("select {brackets}v from s"), operators),
        (format!("select v from s where {brackets}v = 1"), operators),
        (format!("select v from s where v = 1{}", " and v = 1".repeat(3_000)), operators),
        ("select count(v) from s group by time(1u) fill(0)".to_owned(), rows),
    ] {
        let (status, answer) = query(&engine, &text);
        assert_eq!((status, answer.as_str()), (StatusCode::BAD_REQUEST, expected), "{text:.50}");
    }
}

#[test]
fn combinations_of_aggregates() {
    let engine = engine();
    let values: Vec<String> = (0..1_001).map(|value| format!("[{value}]")).collect();
    let body = format!(r#"[{{"name":"s","columns":["v"],"points":[{}]}}]"#, values.join(","));
    assert_eq!(send(&engine, "POST", "/series", body).0, StatusCode::OK);
    let (status, answer) = query(&engine, "select distinct(v), distinct(v) from s");
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(answer, "The embedded server answers at most 1000000 rows");
}
