//! Refusals whose text is cut, late, long or unreadable: the head decides.

use std::time::Duration;

use http::StatusCode;
use influx_client::{Error, Outcome, v08};
use influx_transport::Delivery;
use influx_transport::http::HttpTransport;
use influx_transport::test_util::{Script, ScriptedConnector};
use tokio::time::Instant;

use crate::defects::series;

const SECOND: Duration = Duration::from_secs(1);

/// The ways to make a call, each with its error.
async fn errors(scripts: impl Fn() -> Vec<Script>) -> Vec<(&'static str, Error, usize)> {
    let client = || {
        let connector = ScriptedConnector::new(scripts());
        let transport = std::sync::Arc::new(HttpTransport::new(connector));
        v08::Client::with_transport("influxdb://u:p@h/db", transport).unwrap()
    };
    let mut errors = Vec::new();
    let found = client().databases().await.unwrap_err();
    errors.push(("a call", found));
    let found =
        client().database("db").query("select v from c").rows::<(i64,)>().await.unwrap_err();
    errors.push(("rows", found));
    let found = client().database("db").query("select v from c").chunks().await.unwrap_err();
    errors.push(("chunks", found));
    let found = client().database("db").query("select v from c").all().await.unwrap_err();
    errors.push(("all", found));
    let found = client().database("db").write(series(1)).await.unwrap_err();
    errors.push(("a write", found));
    let database = client().database("db");
    let batch = database.encode(series(1)).unwrap();
    errors.push(("a batch, as of a relay", database.send(&batch).await.unwrap_err()));
    let count = |error: &Error| usize::try_from(error.attempts()).unwrap();
    errors
        .into_iter()
        .map(|(way, error)| {
            let made = count(&error);
            (way, error, made)
        })
        .collect()
}

/// The ends of a refusal's text, with the text that is known then and the time that it takes.
fn ends(status: u16) -> Vec<(&'static str, Script, String, Duration)> {
    let head = |more: &str| {
        let head = format!("HTTP/1.1 {status} No\r\n{more}\r\n\r\n");
        Script::new().read_request().send(head)
    };
    let cut = |length: usize| head(&format!("Content-Length: {length}"));
    let chunked = || head("Transfer-Encoding: chunked");
    let text = "Invalid user".to_owned();
    let drip =
        |script: Script| (0..100).fold(script, |script, _| script.pause(SECOND / 2).send("x"));
    let endless = (0..100)
        .fold(chunked(), |script, _| script.send(format!("400\r\n{}\r\n", "y".repeat(0x400))));
    vec![
        ("whole", cut(12).send("Invalid user"), text.clone(), Duration::ZERO),
        ("cut", cut(25).send("Invalid user"), text.clone(), Duration::ZERO),
        ("reset", cut(25).send("Invalid user").reset(), text.clone(), Duration::ZERO),
        ("cut in a chunk", chunked().send("19\r\nInvalid user"), text.clone(), Duration::ZERO),
        (
            "cut between chunks",
            chunked().send("c\r\nInvalid user\r\n"),
            text.clone(),
            Duration::ZERO,
        ),
        ("a bad chunk", chunked().send("c\r\nInvalid user\r\nzz"), text.clone(), Duration::ZERO),
        ("none of it", cut(25), String::new(), Duration::ZERO),
        ("late", cut(12).pause(2 * SECOND).send("Invalid user"), text.clone(), 2 * SECOND),
        ("stalled", cut(25).send("Invalid user").stall(), text, 5 * SECOND),
        ("too late", cut(25).stall(), String::new(), 5 * SECOND),
        ("dripping", drip(cut(500)), "x".repeat(9), 5 * SECOND),
        ("long", endless, "y".repeat(8192), Duration::ZERO),
        (
            "encoded",
            head("Content-Encoding: gzip\r\nContent-Length: 2").send("\x1f\x08"),
            String::new(),
            Duration::ZERO,
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn the_status_counts_whatever_becomes_of_the_text() {
    for (status, outcome) in
        [(400, Outcome::Refused), (401, Outcome::Hold), (403, Outcome::Hold), (413, Outcome::Split)]
    {
        for (end, script, text, takes) in ends(status) {
            let start = Instant::now();
            let errors = errors(|| vec![script.clone(); 3]).await;
            assert_eq!(start.elapsed(), takes * 6, "{status} {end}");
            for (way, error, attempts) in errors {
                let name = format!("{status} {end} {way}: {error:?}");
                let refusal = error.server().unwrap_or_else(|| panic!("{name}"));
                assert_eq!(refusal.status.as_u16(), status, "{name}");
                assert_eq!(refusal.message, text, "{name}");
                assert_eq!(error.delivery(), Delivery::Answered, "{name}");
                assert_eq!(attempts, 1, "{name}");
                if !text.starts_with('I') {
                    // A text can tell more than the status does.
                    assert_eq!(error.outcome(), outcome, "{name}");
                }
                assert!(status != 401 || error.hint().is_some(), "{name}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_busy_is_asked_again_whatever_becomes_of_the_text() {
    for (end, script, text, _) in ends(503) {
        for (way, error, attempts) in errors(|| vec![script.clone(); 3]).await {
            let name = format!("{end} {way}: {error:?}");
            let refusal = error.server().unwrap_or_else(|| panic!("{name}"));
            assert_eq!((refusal.status.as_u16(), &refusal.message), (503, &text), "{name}");
            // A write without identities is not repeated once the server has answered.
            assert_eq!(attempts, if way == "a write" { 1 } else { 3 }, "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_known_before_the_limit_of_the_call() {
    let script = Script::new()
        .read_request()
        .pause(7 * SECOND)
        .send("HTTP/1.1 401 No\r\nContent-Length: 25\r\n\r\nInvalid user")
        .stall();
    let transport = HttpTransport::new(ScriptedConnector::new([script]));
    let client = v08::Client::with_transport("influxdb://h/db?call_timeout=8s", transport).unwrap();
    let start = Instant::now();
    let error = client.databases().await.unwrap_err();
    assert_eq!(start.elapsed(), 8 * SECOND);
    let refusal = error.server().unwrap_or_else(|| panic!("{error:?}"));
    assert_eq!((refusal.status, &*refusal.message), (StatusCode::UNAUTHORIZED, "Invalid user"));
}

#[tokio::test(start_paused = true)]
async fn an_encoded_answer_is_named() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x08";
    let script = Script::new().read_request().send(answer);
    let transport = || HttpTransport::new(ScriptedConnector::new([script.clone()]));
    let client = || v08::Client::with_transport("influxdb://h/db", transport()).unwrap();
    let check = |error: Error| {
        assert!(error.to_string().contains("unexpected Content-Encoding gzip"), "{error}");
        assert_eq!(error.delivery(), Delivery::Answered, "{error:?}");
        assert_eq!((error.attempts(), error.outcome()), (1, Outcome::Unknown), "{error:?}");
    };
    check(client().databases().await.unwrap_err());
    check(client().database("db").write(series(1)).await.unwrap_err());
    let mut rows = client().database("db").query("select v from c").rows::<(i64,)>().await.unwrap();
    check(rows.next().await.unwrap_err());
    assert_eq!(rows.next().await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_behind_an_answer_is_known_when_its_beginning_is_there() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let text = format!("2000\r\n{}\r\n", "x".repeat(0x2000));
    let script = Script::new().read_request().send(head).send(text).stall();
    let transport = HttpTransport::new(ScriptedConnector::new([script]));
    let client = v08::Client::with_transport("influxdb://h/db", transport).unwrap();
    let start = Instant::now();
    let mut rows = client.database("db").query("select v from c").rows::<(i64,)>().await.unwrap();
    let error = rows.next().await.unwrap_err();
    assert_eq!(error.server().unwrap().message, "x".repeat(8192));
    assert_eq!(start.elapsed(), Duration::ZERO);
}
