//! Connections that break or drip: the caller gets all that came, and then one error.

use std::time::Duration;

use influx_client::{Error, ErrorKind, v08};
use influx_proto::ResponseError;
use influx_proto::decode::DecodeError;
use influx_transport::Delivery;
use influx_transport::http::HttpTransport;
use influx_transport::test_util::{Script, ScriptedConnector};
use tokio::time::Instant;

const PIECES: [&str; 3] = [
    r#"{"name":"a","columns":["time","v"],"points":[[1,10],[2,20]]}"#,
    r#"{"name":"b","columns":["time","v"],"points":[[3,30],"#,
    "[4,40]]}",
];

/// How a server says where its answer ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Framing {
    Chunks,
    Length,
    /// By closing the connection.
    Close,
}

/// An answer of status 200, and what of its body each byte is.
fn answer(framing: Framing) -> (String, Vec<bool>) {
    let whole = PIECES.concat();
    let mut parts = vec![("HTTP/1.1 200 OK\r\n".to_owned(), false)];
    match framing {
        Framing::Chunks => {
            parts.push(("Transfer-Encoding: chunked\r\n\r\n".to_owned(), false));
            for piece in PIECES.into_iter().chain([""]) {
                parts.push((format!("{:x}\r\n", piece.len()), false));
                parts.push((piece.to_owned(), true));
                parts.push(("\r\n".to_owned(), false));
            }
        }
        Framing::Length => {
            parts.push((format!("Content-Length: {}\r\n\r\n", whole.len()), false));
            parts.push((whole, true));
        }
        Framing::Close => parts.extend([("\r\n".to_owned(), false), (whole, true)]),
    }
    let is_data = parts.iter().flat_map(|(text, is_data)| vec![*is_data; text.len()]).collect();
    (parts.into_iter().map(|(text, _)| text).collect(), is_data)
}

/// A database whose server plays this script, and is asked once.
fn database(script: Script) -> v08::Database {
    client(script).default_database().unwrap()
}

fn client(script: Script) -> v08::Client {
    let transport = HttpTransport::new(ScriptedConnector::new([script]));
    v08::Client::with_transport("influxdb://h/db?attempts=1", transport).unwrap()
}

async fn rows(database: &v08::Database) -> (Vec<(i64, i64)>, Result<(), Error>) {
    let mut rows = database.query("select v from /./").rows().await.unwrap();
    let mut found = Vec::new();
    let end = loop {
        match rows.next().await {
            Ok(Some(row)) => found.push(row),
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    assert_eq!(rows.next().await.unwrap(), None, "the end is final");
    (found, end)
}

/// How many series come, and the end.
async fn chunks(database: &v08::Database) -> (usize, Result<(), Error>) {
    let mut chunks = database.query("select v from /./").chunks().await.unwrap();
    let mut found = 0;
    let end = loop {
        match chunks.next().await {
            Ok(Some(_)) => found += 1,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    assert_eq!(chunks.next().await.unwrap(), None, "the end is final");
    (found, end)
}

#[tokio::test]
async fn an_answer_cut_at_any_byte_gives_what_was_whole_and_then_one_error() {
    for framing in [Framing::Chunks, Framing::Length, Framing::Close] {
        let (bytes, is_data) = answer(framing);
        let head = bytes.find("\r\n\r\n").unwrap() + 4;
        for cut in head..=bytes.len() {
            let name = format!("{framing:?} cut at {cut}");
            let data: String =
                (0..cut).filter(|&at| is_data[at]).map(|at| &bytes[at..=at]).collect();
            let script = Script::new().read_request().send(bytes[..cut].to_owned());
            // A server that closes the connection at the end of a document has ended the answer, if
            // that is how answers end.
            let ended = match framing {
                Framing::Close => data.is_empty() || data == PIECES[0] || cut == bytes.len(),
                Framing::Chunks | Framing::Length => cut == bytes.len(),
            };
            let check = |end: Result<(), Error>| match end {
                Ok(()) => assert!(ended, "{name}: no error"),
                Err(error) => {
                    assert!(!ended, "{name}: {error:?}");
                    assert_eq!(error.delivery(), Delivery::Answered, "{name}");
                    let truncated = matches!(
                        error.kind(),
                        ErrorKind::Response(ResponseError::Decode(DecodeError::Truncated { .. }))
                    );
                    // Only the content shows that something is missing then.
                    assert_eq!(truncated, framing == Framing::Close, "{name}: {error:?}");
                }
            };

            let whole = [(1, 10), (2, 20), (3, 30), (4, 40)]
                .into_iter()
                .filter(|(time, v)| data.contains(&format!("[{time},{v}]")))
                // Microseconds travel, the program sees nanoseconds.
                .map(|(time, v)| (time * 1_000, v));
            let (found, end) = rows(&database(script.clone())).await;
            assert_eq!(found, whole.collect::<Vec<_>>(), "{name}");
            check(end);

            let (found, end) = chunks(&database(script.clone())).await;
            assert_eq!(found, data.matches("]]}").count(), "{name}");
            check(end);

            check(database(script).query("select v from /./").all().await.map(drop));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_drips_ends_at_the_limit_of_its_call() {
    let head = Script::new().read_request().send("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n");
    let drip = (0..90).fold(head, |script, _| script.pause(Duration::from_secs(1)).send(" "));
    let start = Instant::now();
    let error = client(drip).databases().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
    assert_eq!(error.attempts(), 1);
    assert_eq!(start.elapsed(), Duration::from_secs(30));
}
