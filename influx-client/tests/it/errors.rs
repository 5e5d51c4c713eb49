//! Each error names its cause and the host, and says how to go on.

use std::error::Error as _;
use std::time::Duration;

use influx_client::transport::http::HttpTransport;
use influx_client::transport::test_util::{Script, ScriptedConnector, ScriptedServer};
use influx_client::transport::{CertificateFault, Delivery, ErrorKind as Io, Phase};
use influx_client::{Error, ErrorKind, Outcome, Point, Store, v1, v08};
use tokio::time::Instant;

use crate::memory::{Answer, client, replying, sent};

const DSN: &str = "influxdb://u:p@h/db";

#[track_caller]
fn check(error: &Error, outcome: Outcome, delivery: Delivery, hint: &str, text: &str) {
    assert_eq!((error.outcome(), error.delivery()), (outcome, delivery), "{error:?}");
    assert!(error.hint().unwrap_or_default().contains(hint), "{:?}", error.hint());
    assert_eq!(error.hint().is_some(), !hint.is_empty(), "{:?}", error.hint());
    assert!(error.to_string().starts_with(text), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_error_says_how_to_go_on() {
    use Delivery::{Answered, MaybeSent, NotSent};
    let reply = Answer::Reply;
    let expired = Io::Certificate(CertificateFault::Expired);
    let second = Duration::from_secs(1);
    for (attempts, answer, outcome, delivery, hint, text) in [
        (
            1,
            reply(301, ""),
            Outcome::Hold,
            Answered,
            "redirects are not followed",
            "h:8086: the server answered 301",
        ),
        (1, reply(400, "no"), Outcome::Refused, Answered, "", "h:8086: the server answered 400"),
        (1, reply(401, ""), Outcome::Hold, Answered, "user and password", "h:8086: the server"),
        (
            1,
            reply(413, ""),
            Outcome::Split,
            Answered,
            "max_points",
            "h:8086: the server answered 413",
        ),
        (3, reply(503, ""), Outcome::Later, Answered, "", "h:8086: the server answered 503"),
        (1, reply(200, "{"), Outcome::Unknown, Answered, "", "h:8086: the server's reply cannot"),
        (
            3,
            Answer::Fail(Io::Io, Phase::Connect),
            Outcome::Later,
            NotSent,
            "start the server",
            "h:8086: could not connect",
        ),
        (
            3,
            Answer::Fail(Io::Closed, Phase::Response),
            Outcome::Unknown,
            MaybeSent,
            "",
            "h:8086: the peer closed the connection",
        ),
        (
            1,
            Answer::Fail(expired, Phase::Handshake),
            Outcome::Hold,
            NotSent,
            "renew",
            "h:8086: the certificate",
        ),
        (
            1,
            Answer::Fail(Io::Closed, Phase::Handshake),
            Outcome::Hold,
            NotSent,
            "start",
            "h:8086: ",
        ),
        (
            3,
            Answer::Fail(Io::Timeout(second), Phase::Handshake),
            Outcome::Later,
            NotSent,
            "start the server",
            "h:8086: the peer did not finish",
        ),
        (
            3,
            Answer::Fail(Io::Timeout(second), Phase::Response),
            Outcome::Unknown,
            MaybeSent,
            "response_timeout",
            "h:8086: the peer did not answer within 1 s",
        ),
        (
            1,
            Answer::Fail(Io::Protocol, Phase::Response),
            Outcome::Unknown,
            MaybeSent,
            "",
            "h:8086: the peer violated",
        ),
    ] {
        let client = client(DSN, vec![answer; attempts as usize]);
        let error = client.databases().await.unwrap_err();
        check(&error, outcome, delivery, hint, text);
        assert_eq!((error.attempts(), sent(&client).len()), (attempts, attempts as usize));
        assert_eq!(error.to_string().contains("gave up after"), attempts > 1, "{error}");
    }
    let error = replying(DSN, []).db().write(Point::new("s")).await.unwrap_err();
    check(&error, Outcome::Refused, NotSent, "", "point 0 of \"s\" has no field");
    let error = replying(DSN, [(200, r#"{"name":"s","columns":["v"],"points":[["x"]]}"#)])
        .db()
        .query("q")
        .rows::<(i64,)>()
        .await
        .unwrap()
        .next()
        .await
        .unwrap_err();
    check(&error, Outcome::Refused, Answered, "", "h:8086: a row of series \"s\" does not fit");
}

/// Each fault of a certificate has advice of its own.
#[tokio::test]
async fn each_fault_of_a_certificate_has_its_own_advice() {
    use CertificateFault as Fault;
    let mut hints = Vec::new();
    for (kind, hint) in [
        (Io::Certificate(Fault::Authority), "CA:FALSE"),
        (Io::Certificate(Fault::BadSignature), "another key"),
        (Io::Certificate(Fault::ChainTooLong), "6 at most"),
        (Io::Certificate(Fault::Demanded), "tls_certificate and tls_key"),
        (Io::Certificate(Fault::Expired), "renew"),
        (Io::Certificate(Fault::Missing), "configure a certificate on the server"),
        (Io::Certificate(Fault::NotYetValid), "clock"),
        (Io::Certificate(Fault::OtherName), "tls_server_name"),
        (Io::Certificate(Fault::Refused), "that the server trusts"),
        (Io::Certificate(Fault::Revoked), "withdrew"),
        (Io::Certificate(Fault::UnknownIssuer), "tls_ca"),
        (Io::Certificate(Fault::Unsuitable), "serverAuth"),
        (Io::Invalid("is empty"), "readable PEM file"),
        (Io::Protocol, "does not encrypt"),
    ] {
        let client = client(DSN, vec![Answer::Fail(kind, Phase::Handshake)]);
        let error = client.databases().await.unwrap_err();
        check(&error, error.outcome(), Delivery::NotSent, hint, "");
        hints.push(error.hint().map(str::to_owned));
    }
    hints.sort_unstable();
    hints.dedup();
    assert_eq!(hints.len(), 14);
}

/// The same limit is the same error, whichever way an answer is collected.
#[tokio::test]
async fn an_answer_above_the_limit_is_too_large() {
    let rows = r#"[{"name":"s","columns":["v"],"points":[[1],[2],[3]]}]"#;
    let dsn = |limit: usize| format!("influxdb://h/db?max_response={limit}");
    let (text, hint) = ("h:8086: the answer is larger than the limit of 52 bytes", "max_response");
    let db = replying(&dsn(rows.len() - 1), [(200, rows), (200, rows), (200, rows)]).db();
    let collected = db.query("q").rows::<(i64,)>().await.unwrap().collect().await;
    for error in [db.query("q").all().await.unwrap_err(), collected.unwrap_err()] {
        check(&error, Outcome::Refused, Delivery::Answered, hint, text);
        assert!(matches!(error.kind(), ErrorKind::TooLarge { limit: 52, .. }), "{error:?}");
    }
    // Read row by row, an answer may have any length.
    let mut read = db.query("q").rows::<(i64,)>().await.unwrap();
    while read.next().await.unwrap().is_some() {}
    let db = replying(&dsn(rows.len()), [(200, rows), (200, rows)]).db();
    assert_eq!(db.query("q").all().await.unwrap()[0].len(), 3);
    assert_eq!(db.query("q").rows::<(i64,)>().await.unwrap().collect().await.unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_at_its_own_limit() {
    let client = |scripts: Vec<Script>| {
        let transport = HttpTransport::new(ScriptedConnector::new(scripts));
        v08::Client::with_transport("influxdb://h/db", transport).unwrap()
    };
    let silent = || Script::new().read_request().stall();
    let db = || client(vec![Script::new().reset(), silent()]).default_database().unwrap();
    let limit = Duration::from_secs(7);
    let started = Instant::now();
    for error in [
        db().query("q").timeout(limit).all().await.unwrap_err(),
        db().query("q").timeout(limit).rows::<(i64,)>().await.unwrap_err(),
        db().query("q").timeout(limit).columns(1).await.unwrap_err(),
    ] {
        assert!(matches!(error.kind(), ErrorKind::Timeout { limit: found, .. } if *found == limit));
        check(&error, Outcome::Unknown, Delivery::MaybeSent, "call_timeout", "h:8086: the call");
        assert!(error.is_timeout() && error.attempts() == 2, "{error:?}");
        // The text has the attempt before, so that its cause is the next level.
        let text = error.to_string();
        assert!(text.contains("; the attempt before had failed: 127.0.0.1:1 closed"), "{text}");
        let ErrorKind::Timeout { last: Some(last), .. } = error.kind() else { panic!("{text}") };
        assert_eq!(error.source().map(ToString::to_string), last.source().map(ToString::to_string));
    }
    assert_eq!(started.elapsed(), 3 * limit);
    let write = client(vec![silent()]).default_database().unwrap();
    let write = write.write(Point::new("s").field("v", 1));
    let started = Instant::now();
    let error = write.timeout(limit).await.unwrap_err();
    assert_eq!((started.elapsed(), error.is_timeout()), (limit, true), "{error:?}");
}

/// Each limit of a connection reaches it.
#[tokio::test]
async fn a_passed_limit_names_its_phase() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
    let read = || Script::new().read_request();
    for (key, script, phase) in [
        ("send_timeout", Script::new().stall(), Phase::Send),
        ("response_timeout", read().stall(), Phase::Response),
        ("body_timeout", read().send(head).stall(), Phase::Body),
        #[cfg(feature = "tls")]
        ("handshake_timeout", Script::new().stall(), Phase::Handshake),
    ] {
        let server = ScriptedServer::start([script]).await.unwrap();
        let tls = if phase == Phase::Handshake { "https+" } else { "" };
        let dsn = format!("{tls}influxdb://{}/db?attempts=1&{key}=50ms", server.local_addr());
        let db = v08::Client::new(dsn).unwrap().default_database().unwrap();
        let text = "x".repeat(if phase == Phase::Send { 8_000_000 } else { 1 });
        let error = db.write(Point::new("s").field("text", text)).await.unwrap_err();
        let transport = error.transport().unwrap();
        assert_eq!((transport.phase(), transport.is_timeout()), (phase, true), "{key}: {error:?}");
        let text = error.to_string();
        assert!(text.contains(&server.local_addr().to_string()), "{text}");
        assert!(text.contains("50 ms"), "the limit is the configured one: {text}");
    }
}

/// Only an answer of another server tells that it is one.
#[tokio::test]
async fn a_server_of_another_generation_is_recognized() {
    for (answer, wrong) in [
        ("204 No Content\r\nX-Influxdb-Version: 2.7.1", true),
        ("204 No Content", true),
        ("404 Not Found\r\nContent-Length: 0", true),
        ("503 Busy\r\nContent-Length: 0", false),
        ("401 Unauthorized\r\nContent-Length: 0", false),
    ] {
        let script = Script::new().read_request().send(format!("HTTP/1.1 {answer}\r\n\r\n"));
        let server = ScriptedServer::start([script]).await.unwrap();
        let dsn = format!("influxdb://{}/db?attempts=1", server.local_addr());
        let error = Store::connect(dsn).await.unwrap_err();
        let found = matches!(error.kind(), ErrorKind::WrongDialect { .. });
        assert_eq!(found, wrong, "{answer}: {error}");
        let version = error.to_string().contains("2.7.1");
        assert_eq!(version, answer.contains("2.7.1"), "{error}");
    }
    for version in ["1.6.7~rc0", "v1.12.0"] {
        let answer = format!("HTTP/1.1 204 No Content\r\nX-Influxdb-Version: {version}\r\n\r\n");
        let server = ScriptedServer::start([Script::new().read_request().send(answer)]).await;
        let address = server.as_ref().unwrap().local_addr();
        let store = Store::connect(format!("influxdb://{address}/db")).await.unwrap();
        // The batch of a database of InfluxDB 1.x fits.
        let v1 = v1::Client::new("influxdb1://h").unwrap().database("db");
        let batch = v1.encode(&[][..] as &[Point]).unwrap();
        assert_eq!(store.send(&batch).await.unwrap().requests, 0, "{version}");
    }
    // A DSN that names its dialect asks nothing.
    Store::connect("influxdb08://127.0.0.1:9/db").await.unwrap();
}
