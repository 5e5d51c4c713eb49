//! The words of errors: host and cause in the first level, a hint that fits, no credential.

use std::error::Error as _;
use std::time::Duration;

use influx_client::transport::test_util::{Script, ScriptedServer};
use influx_client::transport::{CertificateFault, ErrorKind as Io, Phase};
use influx_client::{Auth, Config, Error, ErrorKind, Point, Store, v08};
use tokio::time::timeout;

use crate::memory::{Answer, client, replying};

const CANARY: &str = "CANARY-7f3a";
const DSN: &str = "influxdb://u:CANARY-7f3a@h/db?attempts=1";

/// The error's first level begins with the host, has the cause, and shows no secret.
#[track_caller]
fn check(error: &Error, cause: &str, hint: &str) {
    let text = error.to_string();
    assert!(text.starts_with("h:") || text.contains(" h:"), "no host: {text}");
    assert!(text.contains(cause), "no `{cause}`: {text}");
    assert_eq!(text.matches("h:8086").count(), 1, "{text}");
    check_safe(error);
    let found = error.hint().unwrap_or_default();
    assert!(found.contains(hint), "no `{hint}`: {found:?} of {text}");
    assert_eq!(found.is_empty(), hint.is_empty(), "{found:?} of {text}");
}

/// No level shows a secret, or a character that could disturb a terminal.
#[track_caller]
fn check_safe(error: &Error) {
    let mut texts = vec![format!("{error:?}"), error.hint().unwrap_or_default().to_owned()];
    let mut level: Option<&dyn std::error::Error> = Some(error);
    texts.push(error.to_string());
    while let Some(error) = level {
        texts.push(format!("{error:?}"));
        level = error.source();
    }
    for text in texts {
        assert!(!text.contains(CANARY), "{text}");
        let odd = |c: char| c.is_control() || "\u{202e}\u{2066}\u{2028}\u{2029}".contains(c);
        assert!(!text.contains(odd), "{text:?}");
        assert!(text.len() < 10_000, "{} bytes", text.len());
    }
}

#[tokio::test(start_paused = true)]
async fn transport_errors() {
    let second = Io::Timeout(Duration::from_secs(1));
    for (kind, phase, cause, hint) in [
        (second, Phase::Resolve, "found no address", "resolve_timeout"),
        (second, Phase::Connect, "did not accept a connection within 1 s", "connect_timeout"),
        (second, Phase::Handshake, "the handshake within 1 s", "handshake_timeout"),
        (second, Phase::Send, "stopped reading the request for 1 s", "max_points"),
        (second, Phase::Response, "did not answer within 1 s", "response_timeout"),
        (second, Phase::Body, "stopped sending its answer for 1 s", "body_timeout"),
        (Io::TooSlow { min_rate: 100 }, Phase::Body, "100 bytes", "min_body_rate"),
        (Io::Io, Phase::Resolve, "could not find the address", "correct host and port"),
        (Io::Io, Phase::Connect, "could not connect", "start the server"),
        (Io::Io, Phase::Send, "could not send", ""),
        (Io::Closed, Phase::Response, "closed the connection without an answer", ""),
        (Io::Closed, Phase::Body, "before the end of its answer", ""),
        (Io::Protocol, Phase::Response, "violated the protocol", ""),
        (Io::Certificate(CertificateFault::Expired), Phase::Handshake, "it has expired", "renew"),
        (Io::TooLarge { what: "answer", limit: 9 }, Phase::Body, "67108864 bytes", "max_response"),
        (Io::Ended, Phase::Response, "or its runtime, has ended", ""),
    ] {
        // The limit of the client is shown, if it is the one that was passed.
        let cause = if cause.starts_with('6') { "larger than the limit of 9 bytes" } else { cause };
        let error = client(DSN, [Answer::Fail(kind, phase)]).databases().await.unwrap_err();
        check(&error, cause, hint);
    }
}

#[tokio::test]
async fn a_cause_is_said_once() {
    let server = ScriptedServer::start([Script::new().reset()]).await.unwrap();
    let address = server.local_addr();
    drop(server);
    let dsn = format!("influxdb://u:{CANARY}@{address}?attempts=1");
    let error = v08::Client::new(dsn).unwrap().databases().await.unwrap_err();
    assert_eq!(error.to_string(), format!("could not connect to {address}: connection refused"));
    check_safe(&error);
}

#[tokio::test]
async fn refusals() {
    let admin = "needs a cluster administrator";
    for (status, text, cause, hint) in [
        (301, "", "301 Moved Permanently", "redirects are not followed"),
        (400, "no", "400 Bad Request: no", ""),
        (400, "Rat.Scan: invalid syntax", "Rat.Scan", "such as 7d"),
        (400, "Unable to write no data. Series was nil or had no points.", "no data", "2 MiB"),
        (400, "Couldn't find series: cpu", "find series: cpu", "if the database does not exist"),
        (400, "Database db doesn't exist", "Database db", "create the database"),
        (401, "Invalid username/password", "401 Unauthorized: Invalid", admin),
        (403, "Insufficient permissions", "403 Forbidden: Insufficient", "needed rights"),
        (404, "404 page not found\n", "404 page not found", "no such route"),
        (404, r#"{"code":"not found","message":"path not found"}"#, "404", "like InfluxDB 2"),
        (404, "<html><center>nginx/1.22.1</center>", "nginx/1.22.1", "such as nginx"),
        (413, "", "413 Payload Too Large", "max_points"),
        (413, "<html><center>nginx/1.22.1</center>", "nginx/1.22.1", "max_points"),
        (503, "busy", "503 Service Unavailable: busy", ""),
        (200, "[", "EOF while parsing a list", ""),
        (200, r#"[{"nom":"a"}]"#, "missing field `name`", ""),
        (500, "\u{1b}[31m\u{202e}a\nb\u{2028}c", r"\u{1b}[31m\u{202e}a\nb\u{2028}c", ""),
        (200, "[{\"name\":\u{1b}\u{202e}}]", r"\u{1b}", ""),
    ] {
        let error = replying(DSN, [(status, text)]).databases().await.unwrap_err();
        check(&error, cause, hint);
    }
    let long: &'static str = "\u{202e}".repeat(100_000).leak();
    let error = replying(DSN, [(500, long)]).databases().await.unwrap_err();
    assert!(error.to_string().len() < 4 * 8192 && !error.to_string().contains('\u{202e}'));
    let user = replying(DSN, [(401, "no")]).db().authenticate().await.unwrap_err();
    check(&user, "401 Unauthorized", "needs a user of the database");
    let query = replying(DSN, [(401, "no")]).db().query("q").all().await.unwrap_err();
    check(&query, "401 Unauthorized", "correct user and password");
    let query = replying(DSN, [(401, "no")]).db().query("q").rows::<(i64,)>().await.unwrap_err();
    check(&query, "401 Unauthorized", "correct user and password");
}

/// A route that a real 0.8.9 lacks has no version; that of a registered route, and of other
/// servers, is shown.
#[tokio::test]
async fn a_missing_route_shows_which_server_answered() {
    for (head, cause, hint) in [
        ("404 Not Found\r\nContent-Length: 0", "404 Not Found", "another version of InfluxDB 0.8"),
        (
            "404 Not Found\r\nX-Influxdb-Version: InfluxDB v0.8.3 (git: a)\r\nContent-Length: 0",
            "404 Not Found (its version: InfluxDB v0.8.3)",
            "another version of InfluxDB 0.8",
        ),
        (
            "404 Not Found\r\nX-Influxdb-Version: 1.6.7~rc0\r\nContent-Length: 0",
            "404 Not Found (its version: 1.6.7~rc0)",
            "looks like InfluxDB 1",
        ),
        (
            "404 Not Found\r\nX-Influxdb-Version: v2.7.1\r\nContent-Length: 0",
            "404 Not Found (its version: v2.7.1)",
            "looks like InfluxDB 2",
        ),
        (
            "405 Method Not Allowed\r\nX-Influxdb-Version: 3.1.0\r\nContent-Length: 0",
            "405 Method Not Allowed (its version: 3.1.0)",
            "looks like InfluxDB 3",
        ),
    ] {
        let script = Script::new().read_request().send(format!("HTTP/1.1 {head}\r\n\r\n"));
        let server = ScriptedServer::start([script]).await.unwrap();
        let dsn = format!("influxdb://u:{CANARY}@{}?attempts=1", server.local_addr());
        let error = v08::Client::new(dsn).unwrap().databases().await.unwrap_err();
        let expected = format!("{}: the server answered {cause}", server.local_addr());
        assert_eq!(error.to_string(), expected);
        assert!(error.hint().unwrap().contains(hint), "{:?}", error.hint());
        check_safe(&error);
    }
}

#[tokio::test(start_paused = true)]
async fn errors_of_several_attempts_and_requests() {
    let lost = || Answer::Fail(Io::Closed, Phase::Response);
    let memory = client(&DSN.replace("attempts=1", "attempts=3"), [lost(), lost(), lost()]);
    let repeated = memory.databases().await.unwrap_err();
    check(&repeated, "closed the connection without an answer; gave up after 3 attempts", "");
    let memory =
        client(&format!("{DSN}&max_points=1"), [Answer::Reply(200, ""), Answer::Reply(400, "no")]);
    let two = vec![Point::new("s").field("v", 1), Point::new("s").field("v", 2)];
    let batch = memory.db().write(two).await.unwrap_err();
    check(&batch, "400 Bad Request: no; 1 points before it are stored", "");
}

#[tokio::test(start_paused = true)]
async fn a_large_write_that_times_out_names_key_and_method() {
    for key in ["call_timeout", "response_timeout"] {
        let server = ScriptedServer::start([Script::new().read_request().stall()]).await.unwrap();
        let dsn = format!("influxdb://{}/db?attempts=1&{key}=50ms", server.local_addr());
        let db = v08::Client::new(dsn).unwrap().default_database().unwrap();
        let points: Vec<_> = (0..10_000).map(|v| Point::new("s").field("v", v)).collect();
        let write = timeout(Duration::from_secs(60), db.write(points));
        let error = write.await.expect("it hangs").unwrap_err();
        assert!(error.is_timeout(), "{error}");
        let hint = error.hint().unwrap();
        for part in [key, "max_points"] {
            assert!(hint.contains(part), "{hint}");
        }
        assert!(key != "call_timeout" || hint.contains("`timeout` of this call"), "{hint}");
    }
}

#[tokio::test]
async fn rows_and_requests() {
    let rows = "[{\"name\":\"s\",\"columns\":[\"v\"],\"points\":[[\"\\u001b\\u202e\"]]}]";
    let mut read = replying(DSN, [(200, rows)]).db().query("q").rows::<(Unit,)>().await.unwrap();
    check(&read.next().await.unwrap_err(), r"unknown variant `\u{1b}\u{202e}`", "");

    let memory = client(DSN, []);
    for (name, cause, hint) in [
        ("a/b", r#"series name: "a/b" contains '/' at byte 1"#, r#"drop series "a/b""#),
        ("a;b", r#""a;b" contains ';' at byte 1"#, r#"drop series "a;b""#),
        ("ü\"b", r#""ü\"b" contains '"' at byte 2"#, r#"drop series "ü\"b""#),
        ("a\nb", r#""a\nb" contains '\n' at byte 1"#, r#"drop series "a\nb""#),
        ("a\\b", r#""a\\b" contains '\\' at byte 1"#, "choose another series name"),
        ("", "the text is empty", "choose another series name"),
    ] {
        let error = memory.db().drop_series(name).await.unwrap_err();
        check(&error, cause, hint);
    }
    let error = memory.create_database("a/b").await.unwrap_err();
    check(&error, "the database name cannot be sent: \"a/b\"", "another database name");
    let error = memory.db().query("q".repeat(100_000)).all().await.unwrap_err();
    check(&error, "the address is longer than the limit of", "shorten the query");
    let token = memory.with_auth(Auth::bearer(|| None)).databases().await.unwrap_err();
    check(&token, "the token source has no token", "token source");
    let space = influx_client::proto::v08::ShardSpace::new("raw", "/./").split(0);
    let update = influx_client::proto::v08::UpdateShardSpace::new("db", &space);
    let error = memory.execute(&update).await.unwrap_err();
    check(&error, "the update lacks retention_policy", "set retention_policy");
    let none = client("influxdb://h", []).default_database().unwrap_err();
    check(&none, "no database is chosen", "influxdb://host/DATABASE");
}

#[derive(Debug, serde::Deserialize)]
enum Unit {
    S,
}

#[tokio::test]
async fn a_server_of_another_generation() {
    let script = Script::new().read_request().send("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    let server = ScriptedServer::start([script]).await.unwrap();
    let dsn = format!("influxdb://u:{CANARY}@{}/db?attempts=1", server.local_addr());
    let error = Store::connect(dsn).await.unwrap_err();
    let expected = format!("{}: the server is of another generation: ", server.local_addr());
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(error.hint().unwrap().contains("use a DSN whose scheme"), "{:?}", error.hint());
    check_safe(&error);
}

#[test]
fn features_that_are_missing() {
    for (dsn, feature, has_feature) in [
        ("https+influxdb://h:8086?tls_server_name=h", "tls", cfg!(feature = "tls")),
        ("influxdb://h:8086?gzip=true", "gzip", cfg!(feature = "gzip")),
    ] {
        match v08::Client::new(dsn) {
            Ok(_) => assert!(has_feature, "{dsn}"),
            Err(error) if has_feature => panic!("{error}"),
            Err(error) => {
                let cause = format!("needs influx-client with its feature `{feature}`");
                check(&error, &cause, &format!("add features = [\"{feature}\"]"));
            }
        }
    }
}

#[tokio::test]
async fn clients_that_cannot_be_made() {
    for (dsn, cause, hint) in [
        ("influxdb://h:8086,b", "several servers", "name one host"),
        ("influxdb1://u:CANARY-7f3a@h", "client is for InfluxDB 0.8", "correct the digits"),
        ("influxdb://h?attemps=3", "unknown key `attemps`", "write `attempts`"),
        ("influxdb://h?precison=s", "unknown key `precison`", "write `precision`"),
        ("influxdb://h?tls_ca=/ca", "`tls_ca` needs an encrypted", "write https+influxdb://"),
        ("tcp+influxdb://h", "for writing only", "influxdb:// for HTTP"),
        ("https+influxdb://h?tls_ca=/no/ca.pem", "/no/ca.pem: cannot be read", "tls_ca"),
        ("https+influxdb://h?tls_key=/k", "needs `tls_key`", "both"),
    ] {
        #[cfg(not(feature = "tls"))]
        if dsn.starts_with("https") && !dsn.contains("tls_key") {
            continue;
        }
        check(&v08::Client::new(dsn).unwrap_err(), cause, hint);
        check_safe(&Store::connect(dsn).await.unwrap_err());
    }
    for (dsn, cause, hint) in [
        ("influxdb://h:8086", "must be udp+influxdb", "udp+influxdb:// for a UdpWriter"),
        ("udp+influxdb://h:8086/db", "`database` is decided by the server", "leave `database`"),
        ("udp+influxdb://u:CANARY-7f3a@h:8086", "`user` is not sent", "leave `user` out"),
        ("udp+influxdb://h:8086?attempts=2", "no effect on datagrams", "leave `attempts` out"),
    ] {
        check(&v08::UdpWriter::new(dsn).unwrap_err(), cause, hint);
    }
    // A text that cannot be a host may be a password.
    let error = v08::Client::new(Config::new(format!("u:{CANARY}@h"))).unwrap_err();
    check_safe(&error);
    assert!(error.to_string().starts_with("the host of the DSN must be"), "{error}");
    assert!(matches!(error.kind(), ErrorKind::Config(_)) && error.source().is_none());
}
