//! A password is in no error, no Debug and no Display, wherever it went.

use std::fmt::{Debug, Display};
use std::time::Duration;

use influx_client::{Auth, Config, Error, ErrorKind, Secret, Series, Value, v1, v08};
use influx_proto::{Operation, Target, v1 as operations_v1, v08 as operations};
use influx_transport::{CertificateFault, ErrorKind as TransportErrorKind, Phase};

use crate::memory::{Answer, client};

const CANARY: &str = "CANARY-7f3a";

fn check(what: &impl Debug) {
    for text in [format!("{what:?}"), format!("{what:#?}")] {
        assert!(!text.contains(CANARY), "{text}");
        // In the header it would be the base64 of `u:CANARY-7f3a`.
        assert!(!text.contains("dTpDQU5BUlk"), "{text}");
    }
}

fn check_error(error: &Error) {
    check(error);
    check(&error.hint());
    let mut level: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = level {
        let text = format!("{error} {error:?}");
        assert!(!text.contains(CANARY), "{text}");
        level = error.source();
    }
}

fn check_shown(what: &(impl Debug + Display)) {
    check(what);
    assert!(!what.to_string().contains(CANARY), "{what}");
}

/// A configuration for each place in which credentials travel.
fn configurations() -> impl Iterator<Item = Config> {
    ["auto", "header", "query"].into_iter().map(|place| {
        format!("influxdb://u:{CANARY}@127.0.0.1:9/db?attempts=1&credentials={place}")
            .parse()
            .unwrap()
    })
}

#[test]
fn configurations_and_targets() {
    for config in configurations() {
        check_shown(&config);
        check(&v08::Client::new(&config));
        check(&v08::Client::new(&config).map(|client| client.database("db")));
        check(&v08::Client::new(&config).map(|client| client.cluster()));
        check(&v1::Client::new(&config).map(|client| client.database("db")));
    }
    let credentials = Auth::basic("u", CANARY);
    check(&credentials);
    let target = Target::new("http://h:1".parse().unwrap()).unwrap().with_auth(credentials);
    check(&target);
    check(&operations::Ping.request(&target).unwrap().headers());
    check(&operations::ListDatabases.request(&target).unwrap().headers());
}

#[test]
fn operations_that_carry_a_password() {
    let password = Secret::new(CANARY);
    check(&operations::CreateDatabaseUser::new("db", "u", &password));
    check(&operations::UpdateDatabaseUser::new("db", "u").password(&password));
    check(&operations::CreateClusterAdmin::new("u", &password));
    check(&operations::UpdateClusterAdmin::new("u", &password));
    check(&operations_v1::CreateUser::new("u", &password, false));
    check(&operations_v1::SetPassword::new("u", &password));
    let target = Target::new("http://h:1".parse().unwrap()).unwrap();
    check(&operations_v1::CreateUser::new("u", &password, true).request(&target).unwrap());
    check(&operations_v1::SetPassword::new("u", &password).request(&target).unwrap());
}

#[tokio::test]
async fn errors_of_every_kind() {
    let mut bad = Series::new("s", ["v"]).unwrap();
    bad.push([Value::Float(f64::INFINITY)]).unwrap();
    for config in configurations() {
        let dsn = config.to_string().replace("***", CANARY);
        let answers = || {
            let kinds = [
                TransportErrorKind::Certificate(CertificateFault::Expired),
                TransportErrorKind::Closed,
                TransportErrorKind::Io,
                TransportErrorKind::Protocol,
                TransportErrorKind::Invalid("x"),
                TransportErrorKind::Timeout(Duration::from_secs(1)),
                TransportErrorKind::TooLarge { what: "x", limit: 1 },
            ];
            let phases = [
                Phase::Bind,
                Phase::Resolve,
                Phase::Connect,
                Phase::Handshake,
                Phase::Send,
                Phase::Response,
                Phase::Body,
            ];
            let failures = kinds.into_iter().zip(phases);
            let failures = failures.map(|(kind, phase)| Answer::Fail(kind, phase));
            let statuses = [301, 400, 401, 403, 404, 409, 413, 429, 500, 503, 200];
            failures.chain(statuses.map(|status| Answer::Reply(status, "not JSON")))
        };
        let client = client(&dsn, answers());
        for _ in answers() {
            check_error(&client.databases().await.unwrap_err());
        }
        check_error(&client.db().write(&bad).await.unwrap_err());
        check_error(&client.drop_database("a/b").await.unwrap_err());
        client.database("db").create_user("v", CANARY).await.unwrap_err();
        // The transport has recorded all these requests.
        check(&*client);
        check_error(&v08::Client::new(&config).unwrap().ping().await.unwrap_err());
    }
}

#[tokio::test(start_paused = true)]
async fn errors_about_several_requests() {
    let lost = || Answer::Fail(TransportErrorKind::Closed, Phase::Response);
    let mut two = Series::new("s", ["v"]).unwrap();
    two.push([1.into()]).unwrap();
    two.push([2.into()]).unwrap();
    let rows = r#"{"name":"s","columns":["time"],"points":[["x"]]}"#;
    let answers = [lost(), lost(), lost(), Answer::Reply(200, ""), Answer::Reply(400, "")];
    let answers = answers.into_iter().chain([Answer::Reply(200, rows)]);
    let client = client(&format!("influxdb://u:{CANARY}@h/db?max_points=1"), answers);
    let repeated = client.databases().await.unwrap_err();
    assert_eq!(repeated.attempts(), 3, "{repeated:?}");
    check_error(&repeated);
    let batch = client.db().write(two).await.unwrap_err();
    assert_eq!(batch.written().unwrap().points, 1, "{batch:?}");
    check_error(&batch);
    let query = client.db().query("select * from s");
    check(&query);
    let mut rows = query.rows::<(i64,)>().await.unwrap();
    check(&rows);
    let row = rows.next().await.unwrap_err();
    assert!(matches!(row.kind(), ErrorKind::Row { .. }), "{row:?}");
    check_error(&row);
    check(&client.db().write(Series::new("s", ["v"]).unwrap()));
}

/// A token is a secret as a password is.
#[tokio::test]
async fn tokens() {
    let config: Config = format!("influxdb://{CANARY}@h").parse().unwrap();
    check_shown(&config);
    check_shown(&Config::new("h").auth(Auth::Token(CANARY.into())));
    let source = || Some(Secret::new(CANARY));
    for auth in [Auth::Token(CANARY.into()), Auth::bearer(source), Auth::basic("u", CANARY)] {
        check(&auth);
        let memory = client("influxdb://h/db?attempts=1", (0..2).map(|_| Answer::Reply(401, "no")));
        let client = memory.with_auth(auth);
        let db = client.database("db");
        check(&client);
        check(&db);
        check(&client.cluster());
        let store = influx_client::Store::from(&db);
        check(&store);
        check(&store.query("q"));
        check(&store.write(influx_client::Point::new("s").field("v", 1)));
        check(&db.encode(influx_client::Point::new("s").field("v", 1)).unwrap());
        check_error(&db.query("q").all().await.unwrap_err());
        check_error(&db.query("q").rows::<(i64,)>().await.unwrap_err());
        check(&*memory);
    }
}

#[test]
fn dsns_that_are_refused() {
    for dsn in [
        format!("influxdb://u:{CANARY}@h:x/db"),
        format!("influxdb://u:{CANARY}@h/db?nosuch={CANARY}"),
        format!("influxdb://u:{CANARY}@h/db?call_timeout={CANARY}"),
        format!("influxdb://{CANARY}@h"),
        format!("influxdb://{CANARY}@h/db?nosuch=1"),
        format!("u:{CANARY}@h"),
    ] {
        check_error(&v08::Client::new(&dsn).unwrap_err());
    }
}
