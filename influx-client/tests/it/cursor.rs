//! Points of an answer, read one by one or as columns.

use std::time::Duration;

use influx_client::proto::{Cell, ColumnValues};
use influx_client::transport::http::HttpTransport;
use influx_client::transport::test_util::{Script, ScriptedConnector};
use influx_client::{Error, ErrorKind, v08};
use tokio::time::timeout;

use crate::memory::{replying, sent};

const DSN: &str = "influxdb://u:p@h/db";

/// The points of an answer with the series' names, and how it ends.
async fn read(body: &'static str) -> (Vec<String>, Option<Error>) {
    let client = replying(DSN, [(200, body)]);
    let mut rows = client.db().query("select v from /.*/").rows::<(i64, String)>().await.unwrap();
    assert_eq!(rows.series_name(), None);
    let mut lines = Vec::new();
    loop {
        match rows.next().await {
            Ok(Some((time, text))) => {
                lines.push(format!("{} {time} {text}", rows.series_name().unwrap()));
            }
            Ok(None) => return (lines, None),
            Err(error) if matches!(error.kind(), ErrorKind::Row { .. }) => {
                lines.push(error.to_string());
            }
            Err(error) => {
                assert!(rows.next().await.unwrap().is_none(), "there is one error at most");
                return (lines, Some(error));
            }
        }
    }
}

#[tokio::test]
async fn a_point_that_does_not_fit_is_skipped() {
    let (lines, end) = read(
        r#"{"name":"a","columns":["time","v"],"points":[[1,"x"],[2,3],[3,"z"]]}{"name":"b","columns":["time","v"],"points":[[4,"é\n"]]}"#,
    )
    .await;
    let wrong = "h:8086: a row of series \"a\" does not fit: column \"v\": integer `3` where a string was expected";
    // Microseconds travel.
    assert_eq!(lines, ["a 1000 x", wrong, "a 3000 z", "b 4000 é\n"]);
    assert!(end.is_none(), "{end:?}");
}

#[tokio::test]
async fn what_came_before_an_error_is_handed_out() {
    let refusal = r#"{"name":"a","columns":["time","v"],"points":[[1,"x"]]}late refusal"#;
    let (lines, end) = read(refusal).await;
    assert_eq!(lines, ["a 1000 x"]);
    assert!(end.as_ref().is_some_and(|end| end.server().is_some()), "{end:?}");

    // In the middle of a document, too.
    let broken = r#"{"name":"a","columns":["time","v"],"points":[[1,"x"],[2,"y"],[;"#;
    let (lines, end) = read(broken).await;
    assert_eq!(lines, ["a 1000 x", "a 2000 y"]);
    let is_response = |end: &Error| matches!(end.kind(), ErrorKind::Response(_));
    assert!(end.as_ref().is_some_and(is_response), "{end:?}");

    let (lines, end) = read(r#"{"error":"of a newer server"}"#).await;
    assert!(lines.is_empty() && end.as_ref().is_some_and(|end| end.server().is_some()), "{end:?}");
}

#[tokio::test]
async fn the_values_of_an_answer_have_a_limit_that_can_be_set() {
    const BODY: &str = r#"[{"name":"a","columns":["time","v"],"points":[[1,"x"],[2,"y"]]}]"#;
    // A name, two columns and four cells.
    for (limit, fits) in [(6, false), (7, true), (8, true)] {
        let dsn = format!("{DSN}?max_values={limit}");
        let client = replying(&dsn, [(200, BODY), (200, BODY)]);
        let query = || client.db().query("select v from a");
        let mut chunks = query().chunks().await.unwrap();
        let piece = chunks.next().await;
        for found in [query().all().await.map(drop), piece.map(drop)] {
            let Err(error) = found else {
                assert!(fits, "{limit}");
                continue;
            };
            assert!(!fits && error.to_string().contains("max_values"), "{error}");
        }
    }
}

#[tokio::test]
async fn an_answer_above_its_limit_is_one_error_however_it_is_collected() {
    const BODY: &str = r#"[{"name":"a","columns":["time","v"],"points":[[1,"x"],[2,"y"]]}]"#;
    for (limit, fits) in [(BODY.len() - 1, false), (BODY.len(), true), (BODY.len() + 1, true)] {
        let dsn = format!("{DSN}?max_response={limit}");
        let client = replying(&dsn, [(200, BODY), (200, BODY)]);
        let query = || client.db().query("select v from a");
        let rows = query().rows::<(i64, String)>().await.unwrap().collect().await;
        for found in [query().all().await.map(drop), rows.map(drop)] {
            let Err(error) = found else {
                assert!(fits, "{limit}");
                continue;
            };
            let ErrorKind::TooLarge { limit: named, .. } = error.kind() else {
                panic!("{error:?}")
            };
            assert_eq!((*named, fits), (limit, false));
            assert!(error.to_string().starts_with("h:8086: the answer is larger"), "{error}");
            assert!(error.hint().unwrap().contains("max_response"));
        }
    }
}

/// The batches of an answer, each as the name of its series, its columns and the values of `v`;
/// and how it ends.
async fn batches(body: &'static str, rows: usize) -> (Vec<String>, Option<Error>) {
    let client = replying(DSN, [(200, body)]);
    let mut columns = client.db().query("select v from /.*/").columns(rows).await.unwrap();
    assert_eq!(columns.series_name(), None);
    let mut found = Vec::new();
    loop {
        match columns.next().await {
            Ok(Some(batch)) => {
                let values = batch.column_by_name("v").unwrap();
                let values: Vec<_> = (0..batch.len())
                    .map(|row| match values.cell(row).unwrap() {
                        Cell::Int(value) => value,
                        other => panic!("{other:?}"),
                    })
                    .collect();
                let names = batch.names().join(",");
                assert_eq!(
                    columns.series_name(),
                    Some(if names.contains('b') { "b" } else { "a" })
                );
                found.push(format!("{names} {values:?}"));
            }
            Ok(None) => return (found, None),
            Err(error) => {
                assert!(columns.next().await.unwrap().is_none(), "there is one error at most");
                return (found, Some(error));
            }
        }
    }
}

#[tokio::test]
async fn a_batch_of_columns_has_rows_of_one_series_and_no_more_than_asked_for() {
    macro_rules! a {
        ($points:literal) => {
            concat!(r#"{"name":"a","columns":["time","v"],"points":"#, $points, "}")
        };
    }
    macro_rules! b {
        ($points:literal) => {
            concat!(r#"{"name":"b","columns":["v","b"],"points":"#, $points, "}")
        };
    }
    for (body, rows, expected) in [
        ("", 2, &[][..]),
        (a!("[]"), 2, &[]),
        (a!("[[1,1],[1,2]]"), 2, &["time,v [1, 2]"]),
        (a!("[[1,1],[1,2],[1,3]]"), 2, &["time,v [1, 2]", "time,v [3]"]),
        (a!("[[1,1],[1,2]]"), 0, &["time,v [1]", "time,v [2]"]),
        // A series in several pieces is one series.
        (concat!(a!("[[1,1]]"), a!("[]"), a!("[[1,2],[1,3]]")), 9, &["time,v [1, 2, 3]"]),
        (concat!(a!("[[1,1]]"), b!("[]"), a!("[[1,2]]")), 9, &["time,v [1]", "time,v [2]"]),
        (
            concat!(a!("[[1,1],[1,2]]"), b!("[[3,0]]"), a!("[[1,4]]")),
            2,
            &["time,v [1, 2]", "v,b [3]", "time,v [4]"],
        ),
        // Another series with the same columns, and the same series with others.
        (
            concat!(b!("[[1,0]]"), r#"{"name":"b","columns":["b","v"],"points":[[0,2],[0,3]]}"#),
            9,
            &["v,b [1]", "b,v [2, 3]"],
        ),
    ] {
        let (found, end) = batches(body, rows).await;
        assert!(end.is_none() && found == expected, "{body}: {found:?} {end:?}");
    }
    let (found, end) = batches(concat!(a!("[[1,1],[1,2],[1,3]]"), "late refusal"), 2).await;
    assert_eq!(found, ["time,v [1, 2]", "time,v [3]"]);
    assert!(end.is_some_and(|end| end.server().is_some()));
    let (found, end) = batches(concat!(a!("[[1,1]]"), r#"{"error":"of a newer server"}"#), 2).await;
    assert!(found == ["time,v [1]"] && end.is_some_and(|end| end.server().is_some()));
    let broken = r#"{"name":"a","columns":["time","v"],"points":[[1,1],[;"#;
    let (found, end) = batches(broken, 2).await;
    assert!(found == ["time,v [1]"] && end.is_some());

    let client = replying(
        DSN,
        [(
            200,
            concat!(
                r#"{"name":"a","columns":["v"],"points":[[1]]}"#,
                r#"{"name":"c","columns":["v"],"points":[[2]]}"#
            ),
        )],
    );
    let mut columns = client.db().query("q").columns(9).await.unwrap();
    for name in ["a", "c"] {
        assert_eq!(columns.next().await.unwrap().unwrap().len(), 1);
        assert_eq!(columns.series_name(), Some(name));
    }
}

/// Large rows of a series, and a client with this limit that gets them in pieces.
fn large_rows(max_response: usize) -> (usize, v08::Client) {
    let row = |v: i32| format!(r#"[{v},"{}"]"#, "x".repeat(100));
    let rows: Vec<_> = (0..8).map(row).collect();
    let head = r#"{"name":"a","columns":["v","text"],"points":["#;
    let body = format!("{head}{}]}}", rows.join(","));
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length";
    let head = format!("{head}: {}\r\n\r\n", body.len());
    let script = Script::new().read_request().send(head);
    let script = body
        .as_bytes()
        .chunks(100)
        .fold(script, |script, piece| script.send(piece.to_vec()).pause(Duration::from_millis(1)));
    let transport = HttpTransport::new(ScriptedConnector::new([script]));
    let dsn = format!("influxdb://h/db?max_response={max_response}");
    (body.len(), v08::Client::with_transport(dsn, transport).unwrap())
}

/// The number of rows is the caller's, but not the size of each.
#[tokio::test]
async fn a_batch_of_large_rows_ends_early() {
    let sizes = async |max_response| {
        let (_, client) = large_rows(max_response);
        let mut columns = client.database("db").query("q").columns(usize::MAX).await.unwrap();
        let mut sizes = Vec::new();
        while let Some(batch) = columns.next().await.unwrap() {
            sizes.push(batch.len());
        }
        sizes
    };
    assert_eq!(sizes(1_000_000).await, [8]);
    let found = sizes(300).await;
    assert!(found.len() >= 2 && found.iter().all(|len| (1..=4).contains(len)), "{found:?}");
    assert_eq!(found.iter().sum::<usize>(), 8);
}

/// All pieces count together.
#[tokio::test]
async fn collected_rows_have_a_limit_of_bytes() {
    let (length, _) = large_rows(1);
    for (limit, fits) in [(length, true), (length - 1, false)] {
        let (_, client) = large_rows(limit);
        let rows = client.database("db").query("q").rows::<(i64, String)>().await.unwrap();
        let found = rows.collect().await.map(|rows| rows.len());
        match found {
            Ok(rows) => assert!(fits && rows == 8),
            Err(error) => {
                let is_too_large = matches!(error.kind(), ErrorKind::TooLarge { .. });
                assert!(is_too_large && !fits, "{error:?}");
            }
        }
    }
}

/// Microseconds travel, the columns have nanoseconds.
#[tokio::test]
async fn times_in_columns_are_nanoseconds() {
    let body = r#"{"name":"a","columns":["time","v"],"points":[[7,1]]}"#;
    let client = replying(DSN, [(200, body), (200, body)]);
    let mut columns = client.db().query("q").columns(9).await.unwrap();
    let batch = columns.next().await.unwrap().unwrap();
    assert_eq!(batch.column(0).unwrap().values(), ColumnValues::Time(&[7_000]));
    let query = client.db().query("q").precision(v08::Precision::Seconds);
    let mut columns = query.columns(9).await.unwrap();
    let batch = columns.next().await.unwrap().unwrap();
    assert_eq!(batch.column(0).unwrap().values(), ColumnValues::Time(&[7_000_000_000]));
    let targets: Vec<_> = sent(&client).into_iter().map(|(_, target, _)| target).collect();
    assert!(targets[0].contains("time_precision=u") && targets[1].contains("time_precision=s"));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_wait_loses_nothing() {
    const PATIENCE: Duration = Duration::from_millis(300);
    let pieces = [
        r#"{"name":"a","columns":["time","v"],"points":[[1,1],[1,2],[1,"#,
        r#"3]]}{"name":"b","columns":["time","v"],"points":[[1,4],"#,
        "[1,5]]}",
    ];
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    let script = || {
        let head =
            format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        let script = Script::new().read_request().send(head);
        let pause = Duration::from_secs(1);
        pieces.iter().fold(script, |script, piece| script.send(*piece).pause(pause))
    };
    let transport = HttpTransport::new(ScriptedConnector::new([script(), script()]));
    let client = v08::Client::with_transport("influxdb://h/db", transport).unwrap();
    let db = client.default_database().unwrap();
    let mut columns = db.query("q").columns(9).await.unwrap();
    let (mut found, mut dropped) = (Vec::new(), 0);
    loop {
        match timeout(PATIENCE, columns.next()).await {
            Err(_) => dropped += 1,
            Ok(batch) => match batch.unwrap() {
                None => break,
                Some(batch) => match batch.column_by_name("v").unwrap().values() {
                    ColumnValues::Int(values) => found.push(values.to_vec()),
                    other => panic!("{other:?}"),
                },
            },
        }
    }
    assert_eq!(found, [vec![1, 2, 3], vec![4, 5]]);
    assert!(dropped >= 4, "{dropped}");

    let mut rows = db.query("q").rows::<(i64, i64)>().await.unwrap();
    let mut found = Vec::new();
    loop {
        match timeout(PATIENCE, rows.next()).await {
            Err(_) => {}
            Ok(row) => match row.unwrap() {
                None => break,
                Some((_, v)) => found.push(v),
            },
        }
    }
    assert_eq!(found, [1, 2, 3, 4, 5]);
}

#[cfg(feature = "stream")]
#[tokio::test]
async fn a_stream_gives_what_next_gives() {
    use std::future::poll_fn;
    use std::pin::Pin;

    use futures_core::Stream;

    async fn read<S: Stream<Item = Result<T, Error>> + Unpin, T>(mut stream: S) -> Vec<bool> {
        let mut found = Vec::new();
        while let Some(item) = poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await {
            found.push(item.is_ok());
        }
        found
    }
    let body = concat!(
        r#"{"name":"a","columns":["time","v"],"points":[[1,1],[1,"x"],[1,3]]}"#,
        "late refusal"
    );
    let client = replying(DSN, [(200, body), (200, body)]);
    let rows = client.db().query("q").rows::<(i64, i64)>().await.unwrap();
    assert_eq!(read(rows).await, [true, false, true, false]);
    let chunks = client.db().query("q").chunks().await.unwrap();
    assert_eq!(read(chunks).await, [true, false]);
}
