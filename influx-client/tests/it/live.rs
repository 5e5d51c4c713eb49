//! The client against the embedded server, over real sockets.

use std::time::Duration;

use influx_client::{Error, v08};
use influx_proto::v08::{Permissions, WriteSeries};
use influx_proto::{Credentials, Precision, Series, ServerErrorKind, Value};
use influx_testkit::{Face, Server};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

/// Runs a test against a server with a database `db`, within 20 seconds.
async fn with_server(test: impl AsyncFnOnce(Server, v08::Client)) {
    let limit = Duration::from_secs(20);
    let run = async {
        let server = Server::start(Face::V08).await.unwrap();
        let client = v08::Client::connect(&server.plain_dsn("db")).unwrap();
        client.create_database("db").await.unwrap();
        test(server, client).await;
    };
    timeout(limit, run).await.expect("the test hangs");
}

fn check_kind<T: std::fmt::Debug>(result: Result<T, Error>, expected: ServerErrorKind) {
    let error = result.unwrap_err();
    let kind = error.server().map(influx_proto::ServerError::kind);
    assert_eq!(kind, Some(expected), "{error:?}");
}

fn counter(name: &str, points: i64) -> Series {
    let mut series = Series::new(name, ["time", "v"]).unwrap();
    for point in 0..points {
        series.push([(1_400_000_000 + point).into(), point.into()]).unwrap();
    }
    series
}

async fn count(client: &v08::Client, series: &str) -> i64 {
    let query = format!("select count(v) from {series}");
    let answer = client.query(&query).all().await.unwrap();
    answer[0].points().next().unwrap()[1].as_i64().unwrap()
}

#[tokio::test]
async fn rows_come_back_as_they_were_written() {
    #[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
    struct Event {
        time: i64,
        kind: String,
        ok: bool,
        load: f64,
        bytes: i64,
        note: Option<String>,
    }
    with_server(async |_server, client| {
        let events: Vec<_> = (0..3_i64)
            .map(|n| Event {
                time: 1_400_000_000_000_000 + n,
                kind: format!("\"käse\" {{[<&>]}} \n{n}"),
                ok: n == 1,
                load: 0.1 + f64::from(i32::try_from(n).unwrap()),
                bytes: i64::MAX - n,
                note: (n == 2).then(String::new),
            })
            .collect();
        let series = Series::from_rows("events", &events).unwrap();
        client.write(&[series]).precision(Precision::Microseconds).await.unwrap();

        let query = client.query("select * from events order asc");
        let mut rows = query.precision(Precision::Microseconds).rows::<Event>().await.unwrap();
        let mut read = Vec::new();
        while let Some(event) = rows.next().await.unwrap() {
            assert_eq!(rows.series_name(), Some("events"));
            read.push(event);
        }
        assert_eq!(read, events);
    })
    .await;
}

#[tokio::test]
async fn a_float_stays_a_float_and_an_integer_an_integer() {
    with_server(async |_server, client| {
        let mut series = Series::new("s", ["time", "f", "i"]).unwrap();
        series.push([1.into(), 1.5e300.into(), i64::MIN.into()]).unwrap();
        client.write(&[series]).await.unwrap();
        let answer = client.query("select f, i from s").all().await.unwrap();
        let point = answer[0].points().next().unwrap();
        let column = |name| &point[answer[0].column_index(name).unwrap()];
        assert_eq!(column("f"), &Value::Float(1.5e300));
        assert_eq!(column("i"), &Value::Int(i64::MIN));
    })
    .await;
}

#[tokio::test]
async fn a_long_answer_comes_in_pieces() {
    with_server(async |_server, client| {
        let client_in_seconds = counter("s", 1_000);
        let write = client.write(std::slice::from_ref(&client_in_seconds));
        let written = write.precision(Precision::Seconds).batch_size(300).await.unwrap();
        assert_eq!((written.points, written.requests), (1_000, 4));

        let mut chunks = client.query("select v from s order asc").chunks().await.unwrap();
        let (mut pieces, mut next) = (0, 0);
        while let Some(series) = chunks.next().await.unwrap() {
            pieces += 1;
            for point in series.rows::<(i64, u64, i64)>() {
                assert_eq!(point.unwrap().2, next);
                next += 1;
            }
        }
        assert_eq!(next, 1_000);
        assert!(pieces >= 5, "{pieces} pieces");
    })
    .await;
}

#[tokio::test]
async fn a_refusal_after_data_comes_after_the_data() {
    with_server(async |_server, client| {
        client.write(&[counter("s", 2)]).precision(Precision::Seconds).await.unwrap();
        // The last statement runs first.
        let query = client.query("select * from nosuch; select v from s");
        let mut rows = query.rows::<(i64, u64, i64)>().await.unwrap();
        assert_eq!(rows.next().await.unwrap().unwrap().2, 1);
        assert_eq!(rows.next().await.unwrap().unwrap().2, 0);
        check_kind(rows.next().await, ServerErrorKind::SeriesNotFound);
        assert!(rows.next().await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_dropped_answer_hands_nothing_to_the_next_call() {
    with_server(async |_server, client| {
        client.write(&[counter("s", 5_000)]).precision(Precision::Seconds).await.unwrap();
        for _ in 0..3 {
            let mut rows = client.query("select v from s").rows::<(i64, u64, i64)>().await.unwrap();
            rows.next().await.unwrap().unwrap();
            drop(rows);
            assert_eq!(client.databases().await.unwrap(), ["db"]);
        }
    })
    .await;
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    with_server(async |server, client| {
        let stranger = client.with_credentials(Credentials::new("root", "wrong"));
        let error = stranger.databases().await.unwrap_err();
        assert!(error.hint().unwrap().contains("user and password"), "{error:?}");
        check_kind(stranger.databases().await, ServerErrorKind::InvalidCredentials);

        let elsewhere = client.with_database("nosuch");
        let error = elsewhere.write(&[counter("s", 1)]).await.unwrap_err();
        assert!(error.hint().unwrap().contains("create the database"), "{error:?}");

        check_kind(client.create_database("db").await, ServerErrorKind::DatabaseExists);
        check_kind(client.drop_database("nosuch").await, ServerErrorKind::DatabaseNotFound);
        check_kind(
            client.query("select * from nosuch").all().await,
            ServerErrorKind::SeriesNotFound,
        );
        check_kind(client.query("selekt").all().await, ServerErrorKind::Syntax);

        server.stop().await;
        let error = client.ping().await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        assert!(error.hint().unwrap().contains("start the server"));
    })
    .await;
}

#[tokio::test]
async fn users_have_their_rights_and_no_others() {
    with_server(async |_server, client| {
        let db = client.database("db");
        db.create_user("paul", "laup").await.unwrap();
        db.set_permissions("paul", Permissions { read_from: "^r", write_to: "^w" }).await.unwrap();
        let user = db.user("paul").await.unwrap();
        assert_eq!((user.read_from.as_deref(), user.write_to.as_deref()), (Some("^r"), Some("^w")));
        assert!(!user.is_admin);

        let as_paul = client.with_credentials(Credentials::new("paul", "laup"));
        as_paul.database("db").authenticate().await.unwrap();
        as_paul.write(&[counter("w1", 1)]).await.unwrap();
        let denied = as_paul.write(&[counter("x1", 1)]).await;
        check_kind(denied, ServerErrorKind::PermissionDenied);
        check_kind(as_paul.databases().await, ServerErrorKind::InvalidCredentials);

        db.set_admin("paul", true).await.unwrap();
        assert!(db.users().await.unwrap().iter().all(|user| user.is_admin));
        // A colon cannot travel in the header of a 0.8 server.
        db.set_password("paul", "la:up").await.unwrap();
        check_kind(
            as_paul.database("db").authenticate().await,
            ServerErrorKind::InvalidCredentials,
        );
        let as_paul = client.with_credentials(Credentials::new("paul", "la:up"));
        as_paul.database("db").authenticate().await.unwrap();

        db.drop_user("paul").await.unwrap();
        check_kind(db.drop_user("paul").await, ServerErrorKind::UserNotFound);
        assert_eq!(db.users().await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn cluster_administrators_come_and_go() {
    with_server(async |_server, client| {
        let cluster = client.cluster();
        cluster.create_admin("paul", "laup").await.unwrap();
        check_kind(cluster.create_admin("paul", "laup").await, ServerErrorKind::UserExists);
        check_kind(cluster.create_admin("p", "abc").await, ServerErrorKind::InvalidPassword);
        let mut admins = cluster.admins().await.unwrap();
        admins.sort();
        assert_eq!(admins, ["paul", "root"]);

        let as_paul = client.with_credentials(Credentials::new("paul", "laup")).cluster();
        as_paul.authenticate().await.unwrap();
        cluster.set_admin_password("paul", "other").await.unwrap();
        check_kind(as_paul.authenticate().await, ServerErrorKind::InvalidCredentials);
        cluster.drop_admin("paul").await.unwrap();
        assert_eq!(cluster.admins().await.unwrap(), ["root"]);
        assert!(cluster.is_in_sync().await.unwrap());
        cluster.force_compaction().await.unwrap();
        assert_eq!(cluster.servers().await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn series_and_continuous_queries_are_listed_and_dropped() {
    with_server(async |_server, client| {
        let db = client.database("db");
        assert_eq!(db.series_names().await.unwrap(), [""; 0]);
        db.write(&[counter("cpu", 1), counter("two words", 1)]).await.unwrap();
        assert_eq!(db.series_names().await.unwrap(), ["cpu", "two words"]);
        db.drop_series("two words").await.unwrap();
        assert_eq!(db.series_names().await.unwrap(), ["cpu"]);

        db.create_continuous_query("select * from cpu into cpu.copy").await.unwrap();
        let queries = db.continuous_queries().await.unwrap();
        assert_eq!(queries.len(), 1);
        db.drop_continuous_query(queries[0].id).await.unwrap();
        assert_eq!(db.continuous_queries().await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_repeatable_write_that_arrives_twice_is_stored_once() {
    with_server(async |_server, client| {
        let mut series = Series::new("s", ["time", "sequence_number", "v"]).unwrap();
        series.push([1.into(), 7.into(), 1.into()]).unwrap();
        let plain = counter("t", 1);
        for _ in 0..2 {
            client.execute(&WriteSeries::new("db", std::slice::from_ref(&series))).await.unwrap();
            client.execute(&WriteSeries::new("db", std::slice::from_ref(&plain))).await.unwrap();
        }
        assert_eq!(count(&client, "s").await, 1);
        assert_eq!(count(&client, "t").await, 2);

        let untimed =
            Series::from_rows("u", [[("v", 1)], [("v", 2)]].map(std::collections::BTreeMap::from));
        client.write(&[untimed.unwrap()]).repeatable().await.unwrap();
        assert_eq!(count(&client, "u").await, 2);
    })
    .await;
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn compressed_writes_are_understood() {
    with_server(async |server, _client| {
        let dsn = format!("{}?compression=gzip", server.plain_dsn("db"));
        let client = v08::Client::connect(&dsn).unwrap();
        client.write(&[counter("s", 1_000)]).precision(Precision::Seconds).await.unwrap();
        assert_eq!(count(&client, "s").await, 1_000);
    })
    .await;
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_server_without_encryption_is_told_nothing() {
    with_server(async |server, _client| {
        let seen = server.stats().calls;
        let dsn = server.plain_dsn("db").replace("influxdb://", "https+influxdb://");
        let client = v08::Client::connect(&dsn).unwrap();
        let error = client.databases().await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        assert_eq!(server.stats().calls, seen);
    })
    .await;
}
