//! The measured defects of the Python client for InfluxDB 0.8, which this client does not have.
//!
//! Some have their tests elsewhere: those in reading a DSN in `dsn.rs`; certificates that are not
//! verified in `tls.rs`; datagrams that are too large in `udp.rs`; a parser whose work grows with
//! the square of its input in influx-proto, where each byte is counted; an answer that reaches
//! another caller in influx-transport. Some cannot exist here:
//!
//! - parameters of the caller changed by a request: operations are values that do not change;
//! - `chunked=1` meaning false to the server and true to the client: it is a `bool`;
//! - misspelt and positional arguments ignored: the compiler refuses them;
//! - permissions taken from a text of two letters: `Permissions` names both;
//! - an attribute that is missing unless UDP was chosen: `UdpWriter` is a type of its own;
//! - 204 from `/write` taken for an error: no 0.8 server has that route, so there is no such call;
//! - data frames changed, refused or written with the wrong precision: there are none;
//! - cookies of one client sent by another: no cookie is kept.

use std::time::SystemTime;

use influx_client::v08::{self, Permissions};
use influx_client::{
    Auth, Error, ErrorKind, Lines, Outcome, Point, Series, Table, Time, TimeUnit, Value,
};
use influx_proto::ResponseError;
use influx_proto::decode::DecodeError;
use influx_transport::test_util::{Gate, Script, ScriptedServer};
use influx_transport::{Delivery, ErrorKind as TransportErrorKind, Phase};

use crate::memory::{Answer, client, replying, sent};

const DSN: &str = "influxdb://u:p@h/db";

pub(crate) fn series(points: i64) -> Series {
    let mut series = Series::new("s", ["v"]).unwrap();
    for point in 0..points {
        series.push([point.into()]).unwrap();
    }
    series
}

/// Whether the request could not be built.
fn is_refused(result: &Result<(), Error>) -> bool {
    matches!(result, Err(error) if matches!(error.kind(), ErrorKind::Request(_)))
}

fn decode_error(error: &Error) -> &DecodeError {
    match error.kind() {
        ErrorKind::Response(ResponseError::Decode(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_name_cannot_reach_another_path() {
    let client = replying(DSN, []);
    let cluster = client.cluster();
    for name in ["../../victim", "..", "x/../../../cluster_admins/root", "", "a/b", "x/users/root"]
    {
        let results = [
            client.drop_database(name).await,
            client.database("db").drop_user(name).await,
            cluster.drop_admin(name).await,
            client.database(name).drop_series("s").await,
        ];
        for result in results {
            assert!(is_refused(&result), "{name:?}: {result:?}");
        }
    }
    for name in ["../../victim", "x/../../../cluster_admins/root", "", "a/b", "a\" ; drop series b"]
    {
        let result = client.database("db").drop_series(name).await;
        assert!(is_refused(&result), "{name:?}: {result:?}");
    }
    assert_eq!(sent(&client), []);
}

#[tokio::test]
async fn a_series_is_dropped_by_its_quoted_name() {
    // The server pastes the name into `drop series …`, where only quotes keep it one name.
    let client = replying(DSN, [(204, ""), (204, ""), (204, "")]);
    for name in ["cpu.load", "..", "a b-c"] {
        client.database("db").drop_series(name).await.unwrap();
    }
    let targets: Vec<_> = sent(&client).into_iter().map(|(_, target, _)| target).collect();
    let path = |segment| format!("/db/db/series/{segment}");
    let expected = ["cpu.load", "%22..%22", "%22a%20b-c%22"].map(path);
    assert_eq!(targets, expected);
}

#[tokio::test]
async fn what_a_path_reserves_is_escaped() {
    let client = replying(DSN, [(204, "")]);
    client.drop_database("a?b#c&d").await.unwrap();
    assert_eq!(sent(&client)[0].1, "/db/a%3Fb%23c%26d");
}

#[tokio::test]
async fn many_small_documents_are_read() {
    // That each byte is looked at once is shown where it is done, by the tests of influx-proto.
    const DOCUMENTS: usize = 100_000;
    let body = r#"{"name":"s","columns":["time","v"],"points":[[1,2]]}"#.repeat(DOCUMENTS);
    let client = replying(DSN, [(200, body.leak())]);
    let mut rows = client.db().query("select v from s").rows::<(i64, i64)>().await.unwrap();
    let mut count = 0;
    while let Some(row) = rows.next().await.unwrap() {
        assert_eq!(row, (1_000, 2));
        count += 1;
    }
    assert_eq!(count, DOCUMENTS);
}

#[tokio::test]
async fn what_came_before_a_break_is_kept() {
    let body = r#"{"name":"s","columns":["time","v"],"points":[[1,2]]}{"name":"s","col"#;
    let client = replying(DSN, [(200, body)]);
    let mut rows = client.db().query("select v from s").rows::<(i64, i64)>().await.unwrap();
    assert_eq!(rows.next().await.unwrap(), Some((1_000, 2)));
    let error = rows.next().await.unwrap_err();
    assert!(matches!(decode_error(&error), DecodeError::Truncated { .. }), "{error:?}");
    assert_eq!(rows.next().await.unwrap(), None);
}

#[tokio::test]
async fn a_point_is_there_before_the_answer_is_complete() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let [first, second] = [r#"{"name":"s","columns":["time","v"],"points":[[1,2],"#, "[3,4]]}"]
        .map(|piece| format!("{:x}\r\n{piece}\r\n", piece.len()));
    let gate = Gate::new();
    let script = Script::new().read_request().send(format!("{head}{first}"));
    let script = script.pass(&gate).send(format!("{second}0\r\n\r\n"));
    let server = ScriptedServer::start([script]).await.unwrap();
    let dsn = format!("influxdb://{}/db", server.local_addr());
    let db = v08::Client::new(&dsn).unwrap().default_database().unwrap();
    let mut rows = db.query("select v from s").rows::<(i64, i64)>().await.unwrap();
    assert_eq!(rows.next().await.unwrap(), Some((1_000, 2)));
    gate.open();
    assert_eq!(rows.next().await.unwrap(), Some((3_000, 4)));
    assert_eq!(rows.next().await.unwrap(), None);
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_answer_is_an_error_of_ours() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let rows = r#"{"name":"s","columns":["time","v"],"points":[[1,2]"#;
    let chunk = format!("{:x}\r\n{rows}", rows.len() + 1);
    let script = Script::new().read_request().send(format!("{head}{chunk}"));
    let server = ScriptedServer::start([script]).await.unwrap();
    let dsn = format!("influxdb://{}/db", server.local_addr());
    let db = v08::Client::new(&dsn).unwrap().default_database().unwrap();
    let mut rows = db.query("select v from s").rows::<(i64, i64)>().await.unwrap();
    assert_eq!(rows.next().await.unwrap(), Some((1_000, 2)));
    let error = rows.next().await.unwrap_err();
    let transport = error.transport().unwrap();
    assert_eq!((transport.phase(), error.delivery()), (Phase::Body, Delivery::Answered));
    assert_eq!(rows.next().await.unwrap(), None);
}

#[tokio::test]
async fn changing_ones_own_permissions_keeps_the_password() {
    let client = replying(DSN, [(200, ""), (200, "[]")]);
    let database = client.database("db");
    let permissions = Permissions { read_from: "a", write_to: "b" };
    database.set_permissions("u", permissions).await.unwrap();
    database.query("list series").all().await.unwrap();
    let authorizations: Vec<_> = client
        .requests()
        .iter()
        .map(|request| request.headers()["authorization"].clone())
        .collect();
    assert_eq!(authorizations, ["Basic dTpw"; 2]);
}

#[tokio::test]
async fn another_user_is_another_handle() {
    let client = replying(DSN, [(200, "[]"), (200, "[]")]);
    let other = client.with_auth(Auth::basic("v", "q"));
    other.databases().await.unwrap();
    client.databases().await.unwrap();
    let requests = client.requests();
    assert_eq!(requests[0].headers()["authorization"], "Basic djpx");
    assert_eq!(requests[1].headers()["authorization"], "Basic dTpw");
}

/// Credentials travel where the key `credentials` says, those of another handle as well.
#[tokio::test]
async fn credentials_have_one_place() {
    for (place, in_query) in [("query", true), ("header", false), ("auto", false)] {
        let dsn = format!("{DSN}?credentials={place}");
        let client = replying(&dsn, [(200, "[]"), (200, "[]")]);
        client.databases().await.unwrap();
        client.with_auth(Auth::basic("v", "q")).databases().await.unwrap();
        for (request, query) in client.requests().iter().zip(["u=u&p=p", "u=v&p=q"]) {
            let found = request.uri().query().is_some_and(|found| found.contains(query));
            let header = request.headers().contains_key("authorization");
            assert_eq!((found, header), (in_query, !in_query), "{place}");
        }
    }
}

#[tokio::test]
async fn an_ipv6_address_makes_a_valid_request() {
    let client = replying("influxdb://[::1]:8087", [(200, r#"{"status":"ok"}"#)]);
    client.ping().await.unwrap();
    assert_eq!(client.requests()[0].uri(), "http://[::1]:8087/ping");
}

#[tokio::test]
async fn only_a_streamed_query_asks_for_chunks() {
    let client = replying(DSN, [(200, "[]"), (200, "")]);
    client.db().query("q").all().await.unwrap();
    client.db().query("q").chunks().await.unwrap();
    let targets: Vec<_> = sent(&client).into_iter().map(|(_, target, _)| target).collect();
    assert!(!targets[0].contains("chunked=true"), "{targets:?}");
    assert!(targets[1].contains("chunked=true"), "{targets:?}");
}

#[tokio::test]
async fn a_batch_of_several_requests_may_be_sent_again_from_its_beginning() {
    let lost = Answer::Fail(TransportErrorKind::Closed, Phase::Response);
    let ok = Answer::Reply(200, "");
    let client = client("influxdb://h/db?attempts=1&max_points=2", [ok, lost, ok, ok, ok]);
    let batch = client.db().encode(series(5)).unwrap();
    assert_eq!(batch.len(), 5);
    let error = client.db().send(&batch).await.unwrap_err();
    assert_eq!((error.delivery(), error.outcome()), (Delivery::MaybeSent, Outcome::Unknown));
    assert_eq!(error.written().map(|written| (written.points, written.requests)), Some((2, 1)));
    let written = client.db().send(&batch).await.unwrap();
    assert_eq!((written.points, written.requests), (5, 3));
    let requests = sent(&client);
    assert_eq!((&requests[0], &requests[1]), (&requests[2], &requests[3]));
    let bytes: usize = requests[2..].iter().map(|(_, _, body)| body.len()).sum();
    assert_eq!(batch.bytes(), bytes);
}

/// A batch keeps the unit of its times, whatever the handle that sends it.
#[tokio::test]
async fn a_batch_keeps_its_unit() {
    let client = replying(DSN, [(200, "")]);
    let seconds = client.db().precision(v08::Precision::Seconds);
    let batch = seconds.encode(Point::new("s").field("v", 1)).unwrap();
    client.db().send(&batch).await.unwrap();
    let (_, target, _) = &sent(&client)[0];
    assert!(target.contains("time_precision=s"), "{target}");
}

/// A point without a time gets that of the server, unless it gets its identity.
#[tokio::test]
async fn a_plain_write_adds_nothing() {
    let client = replying(DSN, [(200, ""), (200, "")]);
    client.db().write(Point::new("s").field("v", 1)).await.unwrap();
    let before = Time::from(SystemTime::now()).in_unit(TimeUnit::Microseconds);
    let batch = client.db().encode(Point::new("s").field("v", 1)).unwrap();
    client.db().send(&batch).await.unwrap();
    let requests = sent(&client);
    assert_eq!(requests[0].2, r#"[{"name":"s","columns":["v"],"points":[[1]]}]"#);
    let columns = r#"[{"name":"s","columns":["v","time","sequence_number"],"points":[[1,"#;
    let rest = requests[1].2.strip_prefix(columns).unwrap();
    let time: i64 = rest.split(',').next().unwrap().parse().unwrap();
    assert!((before..before + 60_000_000).contains(&time), "{rest}");
}

#[tokio::test]
async fn no_points_are_no_request() {
    let client = replying(DSN, []);
    for written in [
        client.db().write(None::<Point>).await.unwrap(),
        client.db().write(Vec::<Point>::new()).await.unwrap(),
        client.db().write(series(0)).await.unwrap(),
        client.db().write(Table::new("t").rows::<()>(&[])).await.unwrap(),
        client.db().write(Lines(b"# none\n")).await.unwrap(),
        client.db().send(&client.db().encode(series(0)).unwrap()).await.unwrap(),
    ] {
        assert_eq!((written.points, written.requests), (0, 0));
    }
}

/// A database that exists is there, and so is one whose creation was answered only once.
#[tokio::test(start_paused = true)]
async fn a_database_is_ensured() {
    let lost = Answer::Fail(TransportErrorKind::Closed, Phase::Response);
    let exists = Answer::Reply(409, "database db exists");
    for answers in [vec![Answer::Reply(201, "")], vec![exists], vec![lost, exists]] {
        let client = client(DSN, answers);
        assert_eq!(client.ensure_database("db").await.unwrap().name(), "db");
    }
    let client = client(DSN, [Answer::Reply(401, "no"), Answer::Reply(400, "no")]);
    for _ in 0..2 {
        client.ensure_database("db").await.unwrap_err();
    }
}

#[test]
fn without_a_database_there_is_no_handle() {
    let client = replying("influxdb://h", []);
    let error = client.default_database().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NoDatabase), "{error:?}");
    assert!(error.hint().unwrap().contains("influxdb://host/DATABASE"));
}

#[tokio::test]
async fn requests_are_as_large_as_asked_for() {
    let body = |points: &str| format!(r#"[{{"name":"s","columns":["v"],"points":[{points}]}}]"#);
    let three = [body("[0],[1]"), body("[2],[3]"), body("[4]")];
    for limit in ["max_points=2", "max_request=50"] {
        let dsn = format!("influxdb://u:p@h/db?{limit}");
        let client = replying(&dsn, [(200, ""), (200, ""), (200, "")]);
        let written = client.db().write(series(5)).await.unwrap();
        assert_eq!((written.points, written.requests), (5, 3), "{limit}");
        let bodies: Vec<_> = sent(&client).into_iter().map(|(_, _, body)| body).collect();
        assert_eq!(bodies, three, "{limit}");
    }
}

#[tokio::test]
async fn a_failed_request_says_what_was_written_before() {
    let dsn = "influxdb://u:p@h/db?max_points=2";
    let client = replying(dsn, [(200, ""), (400, "invalid payload")]);
    let error = client.db().write(series(5)).await.unwrap_err();
    let written = error.written().unwrap();
    assert_eq!((written.points, written.requests), (2, 1));
    assert_eq!(error.server().unwrap().message, "invalid payload");
    let text = "h:8086: the server answered 400 Bad Request: invalid payload; \
                2 points before it are stored";
    assert_eq!(error.to_string(), text);
    assert_eq!(sent(&client).len(), 2, "the rest was not sent");
    let first = replying(dsn, [(400, "")]).db().write(series(5)).await.unwrap_err();
    assert_eq!(first.written(), None);
}

#[tokio::test]
async fn empty_lists_are_empty() {
    let series = r#"[{"name":"list_series_result","columns":["time","sequence_number","name"],"points":[]}]"#;
    let queries = r#"[{"name":"continuous queries","columns":["time","sequence_number","id","query"],"points":[]}]"#;
    for (series, queries) in [("[]", "[]"), (series, queries)] {
        let client = replying(DSN, [(200, series), (200, queries)]);
        assert_eq!(client.database("db").series_names().await.unwrap(), [""; 0]);
        assert_eq!(client.database("db").continuous_queries().await.unwrap(), []);
    }
}

#[test]
fn datagrams_and_requests_have_types_of_their_own() {
    let error = v08::UdpWriter::new("influxdb://h").unwrap_err();
    assert!(format!("{error:?}").contains("udp+influxdb"), "{error:?}");
    let error = v08::Client::new("udp+influxdb://h").unwrap_err();
    assert!(format!("{error:?}").contains("UdpWriter"), "{error:?}");
}

#[tokio::test]
async fn the_servers_words_are_kept() {
    let client = replying(DSN, [(400, "bad é body")]);
    let error = client.db().query("q").all().await.unwrap_err();
    assert_eq!(error.server().unwrap().message, "bad é body");
    assert!(error.to_string().contains("bad é body"), "{error}");
}

#[tokio::test]
async fn a_number_after_the_answer_is_not_taken_for_one() {
    let body = r#"{"name":"s","columns":["time"],"points":[[1]]}12"#;
    let client = replying(DSN, [(200, body)]);
    let mut chunks = client.db().query("q").chunks().await.unwrap();
    assert_eq!(chunks.next().await.unwrap().unwrap().len(), 1);
    let error = chunks.next().await.unwrap_err();
    assert_eq!(error.server().unwrap().message, "12");
}

#[tokio::test]
async fn blanks_are_no_documents() {
    for body in ["", " ", "\r\n\t \n"] {
        let client = replying(DSN, [(200, body)]);
        let mut chunks = client.db().query("q").chunks().await.unwrap();
        assert_eq!(chunks.next().await.unwrap(), None, "{body:?}");
    }
}

#[tokio::test]
async fn a_position_counts_from_the_answers_beginning() {
    let body = concat!(
        r#"{"name":"a","columns":["v"],"points":[]}"#,
        r#"{"name":"b","columns":["v"],"points":[]}"#,
        r#"{"name":!}"#
    );
    let client = replying(DSN, [(200, body)]);
    let mut chunks = client.db().query("q").chunks().await.unwrap();
    for _ in 0..2 {
        chunks.next().await.unwrap().unwrap();
    }
    let error = chunks.next().await.unwrap_err();
    let DecodeError::Json { offset, .. } = decode_error(&error) else { panic!("{error:?}") };
    assert_eq!(*offset, 88);
}

#[tokio::test]
async fn deep_nesting_is_refused() {
    let body = (r#"{"x":"#.to_owned() + &"[".repeat(1_000_000)).leak();
    for client in [replying(DSN, [(200, body)]), replying(DSN, [(200, body)])] {
        let error = client.db().query("q").chunks().await.unwrap().next().await.unwrap_err();
        assert!(matches!(decode_error(&error), DecodeError::TooLarge { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_failed_connection_is_named_with_its_cause() {
    // No program listens at port 9 of the loopback interface.
    let client = v08::Client::new("influxdb://127.0.0.1:9?attempts=1").unwrap();
    let error = client.ping().await.unwrap_err();
    assert!(error.is_connect());
    assert!(error.to_string().starts_with("could not connect to 127.0.0.1:9"), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(error.hint().unwrap().contains("start the server"));
}

#[tokio::test]
async fn infinities_are_an_error_or_null_by_choice() {
    let mut bad = Series::new("s", ["v"]).unwrap();
    bad.push([Value::Float(f64::NAN)]).unwrap();
    let client = replying(DSN, []);
    let error = client.db().write(&bad).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Encode(_)), "{error:?}");
    assert_eq!(sent(&client), []);
    let client = replying("influxdb://u:p@h/db?non_finite=omit", [(200, "")]);
    client.db().write(bad).await.unwrap();
    assert_eq!(sent(&client)[0].2, r#"[{"name":"s","columns":["v"],"points":[[null]]}]"#);
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn requests_can_be_compressed() {
    let client = replying("influxdb://h/db?gzip=true", [(200, "")]);
    client.db().write(series(1_000)).await.unwrap();
    let requests = client.requests();
    assert_eq!(requests[0].headers()["content-encoding"], "gzip");
    assert_eq!(requests[0].body()[..2], [0x1f, 0x8b]);
}

#[cfg(not(feature = "tls"))]
#[test]
fn an_encrypted_connection_is_never_made_plain() {
    let error = v08::Client::new("https+influxdb://h").unwrap_err();
    assert!(error.to_string().contains("needs influx-client with its feature `tls`"), "{error}");
}
