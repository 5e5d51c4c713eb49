//! The requests of the client of InfluxDB 1.x, and what becomes of their answers.

use std::sync::Mutex;
use std::time::Duration;

use influx_client::proto::TokenSource;
use influx_client::v1::{Consistency, Param, Privilege, Refusal, RetentionPolicy};
use influx_client::{
    Auth, Batch, Delivery, ErrorKind, Lines, Outcome, Point, Secret, Store, Time, v1,
};

use crate::v1_memory::{Answer, Client, MSGPACK, client, json};

const DSN: &str = "influxdb1://h/db?attempts=1";

fn done() -> Answer {
    json(200, r#"{"results":[{"statement_id":0}]}"#)
}

fn stored() -> Answer {
    json(204, "")
}

fn header(client: &Client, name: &str) -> Option<String> {
    let request = client.requests().pop().unwrap();
    request.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_write_is_line_protocol_in_nanoseconds() {
    let keys = "influxdb1://h/db?rp=weekly&consistency=quorum";
    for (dsn, target) in [
        (DSN, "/write?db=db&precision=ns"),
        (keys, "/write?db=db&precision=ns&rp=weekly&consistency=quorum"),
        (
            "http://vm:8480/insert/0/influx?database=a%20b",
            "/insert/0/influx/write?db=a%20b&precision=ns",
        ),
        ("influxdb://h/db", "/write?db=db&precision=ns"),
    ] {
        let client = client(dsn, [stored()]);
        let point = Point::new("cpu").tag("host", "a b").field("v", 1).time(Time::from_nanos(7));
        assert_eq!(client.db().write(point).await.unwrap().points, 1);
        assert_eq!(client.sent(), [format!("POST {target} cpu,host=a\\ b v=1i 7")], "{dsn}");
    }
    let client = client(keys, [stored(), stored()]);
    let other = client.db().retention_policy("daily").consistency(Consistency::All);
    other.write(Lines(b"m v=1")).await.unwrap();
    client.database("x").write(Lines(b"m v=1")).await.unwrap();
    assert_eq!(
        client.sent(),
        [
            "POST /write?db=db&precision=ns&rp=daily&consistency=all m v=1",
            "POST /write?db=x&precision=ns&rp=weekly&consistency=quorum m v=1"
        ]
    );
}

#[tokio::test]
async fn a_batch_may_be_sent_again() {
    let client = client("influxdb1://h/db?max_points=2", [stored(), stored(), stored(), stored()]);
    let points: Vec<_> = (0..3).map(|v| Point::new("m").field("v", v)).collect();
    let batch: Batch = client.db().encode(&points[..]).unwrap();
    assert_eq!(client.db().send(&batch).await.unwrap().requests, 2);
    let first = client.sent();
    client.db().send(&batch).await.unwrap();
    assert_eq!(client.sent(), first);
    assert!(first[0].lines().all(|line| line.split(' ').count() >= 3), "{first:?}");
    // A batch of another format is not for this database.
    let other = v1::Client::new("influxdb1://h").unwrap().database("db");
    let v08 = influx_client::v08::Client::new("influxdb://h").unwrap().database("db");
    let batch = v08.encode(Point::new("m").field("v", 1)).unwrap();
    assert!(matches!(other.send(&batch).await.unwrap_err().kind(), ErrorKind::Config(_)));
}

#[tokio::test]
async fn a_write_has_a_typed_outcome() {
    let conflict = "partial write: field type conflict: input field \\\"v\\\" dropped=1";
    for (status, body, kind, outcome) in [
        (400, format!(r#"{{"error":"{conflict}"}}"#), Refusal::PartialWrite, Outcome::Partial),
        (
            400,
            r#"{"error":"unable to parse 'x'"}"#.to_owned(),
            Refusal::Unparsable,
            Outcome::Refused,
        ),
        (
            404,
            r#"{"error":"database not found: \"db\""}"#.to_owned(),
            Refusal::DatabaseNotFound,
            Outcome::Hold,
        ),
        (
            413,
            r#"{"error":"Request Entity Too Large"}"#.to_owned(),
            Refusal::TooLarge,
            Outcome::Split,
        ),
        (503, "request throttled, queue full".to_owned(), Refusal::Throttled, Outcome::Later),
        // A proxy's page.
        (204, "<html>".to_owned(), Refusal::UnexpectedStatus, Outcome::Unknown),
        (200, r#"{"results":[]}"#.to_owned(), Refusal::BadRequest, Outcome::Refused),
    ] {
        let client = client(DSN, [json(status, body)]);
        let error = client.db().write(Lines(b"m v=1 1")).await.unwrap_err();
        let refusal = error.server().unwrap();
        assert_eq!((Refusal::of(refusal), error.outcome()), (kind, outcome), "{error}");
        assert_eq!(error.delivery(), Delivery::Answered);
        if kind == Refusal::PartialWrite {
            assert!(error.to_string().contains("input field \"v\""), "{error}");
        }
    }
    // Only points with a time may be sent again.
    for (line, calls) in [(&b"m v=1 1"[..], 2), (b"m v=1", 1)] {
        let busy = json(503, "request throttled, queue full");
        let answers = [busy, stored()].into_iter().take(calls);
        let client = client("influxdb1://h/db?attempts=2", answers);
        assert_eq!(client.db().write(Lines(line)).await.is_ok(), calls == 2);
        assert_eq!(client.sent().len(), calls);
    }
}

#[tokio::test]
async fn a_query_is_chunked_with_typed_parameters() {
    let client = client("influxdb1://h/db?rp=weekly", [done(), done()]);
    let query = client.db().query("SELECT v FROM $m WHERE host = $h AND time > now() - $d");
    let query = query
        .bind("m", Param::identifier("a \"b\""))
        .bind("h", "it's")
        .bind("d", Duration::from_secs(60));
    query.all().await.unwrap();
    let request = client.requests().pop().unwrap();
    assert_eq!(request.headers()["accept"], MSGPACK);
    let address = request.uri().path_and_query().unwrap().as_str();
    let start = "/query?db=db&rp=weekly&epoch=ns&chunked=true&q=SELECT%20v%20FROM%20%24m";
    assert!(address.starts_with(start), "{address}");
    let params = address.split_once("&params=").unwrap().1;
    let params = percent_encoding::percent_decode_str(params).decode_utf8().unwrap();
    let params: serde_json::Value = serde_json::from_str(&params).unwrap();
    let expected = serde_json::json!({
        "m": {"identifier": "a \"b\""}, "h": {"string": "it's"}, "d": {"duration": "60000000000ns"}
    });
    assert_eq!(params, expected);
    // A statement that changes something travels in the body.
    client.db().query("DROP MEASUREMENT m").rows::<(i64,)>().await.unwrap();
    let address = "POST /query?db=db&rp=weekly&epoch=ns&chunked=true";
    assert_eq!(client.sent(), [format!("{address} q=DROP%20MEASUREMENT%20m")]);
    // A name with a space cannot be bound, and nothing is sent.
    let error = client.db().query("q").bind("a b", 1).all().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Request(_)), "{error}");
    assert_eq!(client.sent(), [""; 0]);
}

#[tokio::test]
async fn every_time_travels_in_nanoseconds() {
    let client = client(DSN, std::iter::repeat_n(done(), 31));
    let db = client.db();
    let mut policy = RetentionPolicy::new("p");
    policy.is_default = true;
    policy.duration = Duration::from_secs(3600);
    client.databases().await.unwrap();
    client.create_database("d").await.unwrap();
    client.ensure_database("d").await.unwrap();
    client.drop_database("d").await.unwrap();
    client.users().await.unwrap();
    client.create_user("u", "p").await.unwrap();
    client.create_admin("u", "p").await.unwrap();
    client.set_password("u", "p").await.unwrap();
    client.drop_user("u").await.unwrap();
    client.grant(Privilege::All, "d", "u").await.unwrap();
    client.revoke(Privilege::Read, "d", "u").await.unwrap();
    client.grants("u").await.unwrap();
    client.continuous_queries().await.unwrap();
    client.subscriptions().await.unwrap();
    client.running_queries().await.unwrap();
    client.kill_query(7).await.unwrap();
    db.measurements().await.unwrap();
    db.series_keys().await.unwrap();
    db.tag_keys("m").await.unwrap();
    db.tag_values("t").await.unwrap();
    db.field_keys().await.unwrap();
    db.drop_measurement("m").await.unwrap();
    db.drop_series("m", "t", "v").await.unwrap();
    db.retention_policies().await.unwrap();
    db.create_retention_policy(&policy).await.unwrap();
    db.drop_retention_policy("p").await.unwrap();
    db.drop_continuous_query("c").await.unwrap();
    db.create_subscription("p", "s", &["udp://h:1"]).await.unwrap();
    db.drop_subscription("p", "s").await.unwrap();
    db.query("SELECT v FROM m").chunks().await.unwrap();
    Store::from(&db).query("SELECT v FROM m").columns(1).await.unwrap();
    let sent = client.sent();
    assert_eq!(sent.len(), 31);
    for request in sent {
        let target = request.split(' ').nth(1).unwrap();
        let pairs: Vec<_> = target.split(['?', '&']).skip(1).collect();
        assert!(target.starts_with("/query?") && pairs.contains(&"epoch=ns"), "{request}");
        assert!(!pairs.iter().any(|pair| pair.starts_with("precision=")), "{request}");
    }
}

#[tokio::test]
async fn credentials_are_sent_only_if_there_are_some() {
    for (dsn, auth, address, expected) in [
        ("influxdb1://h", None, "/ping", None),
        ("influxdb1://@h", None, "/ping", None),
        ("influxdb1://u:p@h", None, "/ping", Some("Basic dTpw")),
        ("influxdb1://a%3Ab:p@h", None, "/ping?u=a%3Ab&p=p", None),
        ("influxdb1://u:p@h?credentials=query", None, "/ping?u=u&p=p", None),
        ("influxdb1://u%3Ap@h", None, "/ping", Some("Token u:p")),
        ("influxdb1://h", Some(Auth::Token("u:p".into())), "/ping", Some("Token u:p")),
        ("influxdb1://h", Some(Auth::bearer(|| Some("a.b".into()))), "/ping", Some("Bearer a.b")),
    ] {
        let client = client(dsn, [stored()]);
        match auth {
            Some(auth) => client.with_auth(auth).ping().await.unwrap(),
            None => client.ping().await.unwrap(),
        }
        let request = client.requests().pop().unwrap();
        assert_eq!(request.uri().path_and_query().unwrap(), address, "{dsn}");
        let found = request.headers().get("authorization").map(|value| value.to_str().unwrap());
        assert_eq!(found, expected, "{dsn}");
    }
    let client = client("influxdb1://h:1", [stored()]);
    client.ping().await.unwrap();
    assert_eq!(header(&client, "authorization"), None);
}

/// Hands out the first token until it is refused, then the next one.
struct Expiring(Mutex<Vec<&'static str>>);

impl TokenSource for Expiring {
    fn token(&self) -> Option<Secret> {
        self.0.lock().unwrap().first().copied().map(Secret::from)
    }

    fn refused(&self, token: &Secret) {
        self.0.lock().unwrap().retain(|other| *other != token.expose());
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let expired = || json(401, r#"{"error":"Token is expired"}"#);
    let plain = client(DSN, [expired(), done()]);
    let client = plain.with_auth(Auth::bearer(Expiring(Mutex::new(vec!["a", "b"]))));
    client.database("db").query("SELECT v FROM m").rows::<(i64,)>().await.unwrap();
    let tokens: Vec<_> =
        plain.requests().iter().map(|request| request.headers()["authorization"].clone()).collect();
    assert_eq!(tokens, ["Bearer a", "Bearer b"]);
}

#[test]
fn a_dsn_names_its_dialect() {
    for (dsn, expected) in [
        ("influxdb08://h", "InfluxDB 0.8"),
        ("influxdb1://h?precision=s", "precision"),
        ("influxdb1://h?rp=", "must not be empty"),
        ("influxdb1://h?consistency=two", "must be any, one, quorum or all"),
        ("influxdb1://a,b", "several servers"),
        ("udp+influxdb1://h", "writing only"),
    ] {
        let error = v1::Client::new(dsn).expect_err(dsn);
        assert!(error.to_string().contains(expected), "{dsn}: {error}");
        assert!(error.hint().is_some(), "{dsn}");
    }
    Store::new("influxdb1://h/db?rp=weekly").unwrap();
    assert!(matches!(Store::new("influxdb1://h").unwrap_err().kind(), ErrorKind::NoDatabase));
}

#[tokio::test]
async fn an_empty_answer_to_a_ping_is_the_only_good_one() {
    for (answer, is_good) in [
        (stored(), true),
        (json(204, "x"), false),
        (json(200, ""), false),
        (json(200, r#"{"status":"ok"}"#), false),
        (json(404, "404 page not found"), false),
    ] {
        assert_eq!(client(DSN, [answer.clone()]).ping().await.is_ok(), is_good, "{answer:?}");
    }
}
