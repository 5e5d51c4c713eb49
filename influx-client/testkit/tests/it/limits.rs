//! Nothing that a client sends makes the server use more than its limits.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::StatusCode;
use influx_testkit::{Answer, Engine};

use crate::support::{engine, query, send, write};

fn refused(text: &str) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("The embedded server {text}"))
}

#[test]
fn points_and_what_else_is_kept() {
    // The cluster admin, the database, a series, a column, a shard space, a shard and three points.
    let engine = Engine::builder().max_points(9).build();
    engine.create_database("d");
    write(&engine, r#"[{"name":"s","columns":["time","v"],"points":[[1,1],[2,2],[3,3]]}]"#);
    let full = refused("keeps at most 9 points");
    let one_more = r#"[{"name":"s","columns":["time","v"],"points":[[4,4]]}]"#;
    assert_eq!(send(&engine, "POST", "/series", one_more), full);
    assert_eq!(send(&engine, "POST", "/users", r#"{"name":"u","password":"pass"}"#), full);
    assert_eq!(query(&engine, "select * from s into t"), full);
    assert_eq!(engine.series("d", "s").map(|series| series.len()), Some(3));
}

#[test]
fn copies_of_points() {
    let engine = Engine::builder().now(|| 0).max_points(1_000).build();
    engine.create_database("d");
    for target in 0..10 {
        let answer = query(&engine, &format!("select * from s into t{target}"));
        assert_eq!(answer, (StatusCode::OK, "[]".to_owned()));
    }
    let body = format!(r#"[{{"name":"s","columns":["v"],"points":[[0]{}]}}]"#, ",[0]".repeat(99));
    assert_eq!(send(&engine, "POST", "/series", body), refused("keeps at most 1000 points"));
    assert_eq!(engine.series_names("d"), [""; 0]);
}

#[test]
fn columns() {
    let engine = engine();
    let names: Vec<String> = (0..1_001).map(|index| format!("\"c{index}\"")).collect();
    let nulls = vec!["null"; 1_001].join(",");
    let body = format!(r#"[{{"name":"s","columns":[{}],"points":[[{nulls}]]}}]"#, names.join(","));
    let expected = refused("keeps at most 1000 columns a series");
    assert_eq!(send(&engine, "POST", "/series", body), expected);
}

#[test]
fn bodies() {
    let engine = Engine::builder().max_body(1_000).build();
    engine.create_database("d");
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
        assert_eq!(query(&engine, &text), refused(expected), "{text:.50}");
    }
}

#[test]
fn combinations_of_aggregates() {
    let engine = engine();
    let values: Vec<String> = (0..1_001).map(|value| format!("[{value}]")).collect();
    let body = format!(r#"[{{"name":"s","columns":["v"],"points":[{}]}}]"#, values.join(","));
    assert_eq!(send(&engine, "POST", "/series", body).0, StatusCode::OK);
    let answer = query(&engine, "select distinct(v), distinct(v) from s");
    assert_eq!(answer, refused("answers at most 1000000 rows"));
}
