//! The client against the embedded server, over real sockets.

use std::time::{Duration, SystemTime};

use influx_client::v08::{Client, Database, Precision, Refusal};
use influx_client::{Error, Point, Series, Store, Table, Time, Value};
use influx_testkit::{Face, Server};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

/// Runs a test against a server with a database `db`, within 20 seconds.
pub(crate) async fn with_server(test: impl AsyncFnOnce(Server, Client, Database)) {
    let limit = Duration::from_secs(20);
    let run = async {
        let server = Server::start(Face::V08).await.unwrap();
        let client = Client::new(server.dsn("db")).unwrap();
        let db = client.ensure_database("db").await.unwrap();
        test(server, client, db).await;
    };
    timeout(limit, run).await.expect("the test hangs");
}

#[track_caller]
pub(crate) fn check_refusal<T: std::fmt::Debug>(result: Result<T, Error>, expected: Refusal) {
    let error = result.unwrap_err();
    assert_eq!(error.server().map(Refusal::of), Some(expected), "{error:?}");
}

pub(crate) fn counter(name: &str, points: i64) -> Series {
    let mut series = Series::new(name, ["time", "v"]).unwrap();
    for point in 0..points {
        let time = Time::from_seconds(1_400_000_000 + point).unwrap();
        series.push([time.into(), point.into()]).unwrap();
    }
    series
}

async fn count(db: &Database, series: &str) -> i64 {
    let answer = db.query(format!("select count(v) from {series}")).all().await.unwrap();
    answer[0].points().next().unwrap()[1].as_i64().unwrap()
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Event {
    time: SystemTime,
    kind: String,
    ok: bool,
    load: f64,
    bytes: i64,
    note: Option<String>,
}

fn events() -> Vec<Event> {
    let event = |n: u32| Event {
        time: SystemTime::UNIX_EPOCH + Duration::from_micros(1_400_000_000_000_000 + u64::from(n)),
        kind: format!("\"käse\" {{[<&>]}} \n{n}"),
        ok: n == 1,
        load: 0.1 + f64::from(n),
        bytes: i64::MAX - i64::from(n),
        note: (n == 2).then(String::new),
    };
    (0..3).map(event).collect()
}

#[tokio::test]
async fn rows_come_back_as_they_were_written() {
    with_server(async |_server, _client, db| {
        let written = db.write(Table::new("events").tag("kind").rows(&events())).await.unwrap();
        assert_eq!((written.points, written.requests), (3, 1));
        let query = || db.query("select * from events order asc");
        let mut rows = query().rows::<Event>().await.unwrap();
        let mut read = Vec::new();
        while let Some(event) = rows.next().await.unwrap() {
            assert_eq!(rows.series_name(), Some("events"));
            read.push(event);
        }
        assert_eq!(read, events());
        assert_eq!(query().rows::<Event>().await.unwrap().collect().await.unwrap(), events());
    })
    .await;
}

#[tokio::test]
async fn times_are_nanoseconds_whatever_travels() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Row<T> {
        time: T,
    }
    with_server(async |_server, _client, db| {
        let time = Time::from_nanos(1_400_000_000_123_456_789);
        for (precision, read) in [
            (Precision::Seconds, 1_400_000_000_000_000_000),
            (Precision::Milliseconds, 1_400_000_000_123_000_000),
            (Precision::Microseconds, 1_400_000_000_123_456_000),
        ] {
            let db = db.precision(precision);
            let name = format!("t{read}");
            db.write(Point::new(&name).field("v", 1).time(time)).await.unwrap();
            let query = || db.query(format!("select v from {name}"));
            let expected = Time::from_nanos(read);
            let rows = query().rows::<Row<i64>>().await.unwrap().collect().await.unwrap();
            assert_eq!(rows, [Row { time: read }], "{precision}");
            let rows = query().rows::<Row<Time>>().await.unwrap().collect().await.unwrap();
            assert_eq!(rows, [Row { time: expected }], "{precision}");
            let rows = query().rows::<Row<String>>().await.unwrap().collect().await.unwrap();
            assert_eq!(rows, [Row { time: expected.to_string() }], "{precision}");
            let all = query().all().await.unwrap();
            assert_eq!(all[0].points().next().unwrap()[0], Value::Time(expected), "{precision}");
            let chunk = query().chunks().await.unwrap().next().await.unwrap().unwrap();
            assert_eq!(chunk.points().next().unwrap()[0], Value::Time(expected), "{precision}");
        }
    })
    .await;
}

#[tokio::test]
async fn everything_that_is_points_can_be_written() {
    async fn check(db: Store, server: &Server) {
        let point = || Point::new("p").tag("host", "a").field("v", 1);
        db.write(point()).await.unwrap();
        let lent = point();
        db.write(&lent).await.unwrap();
        db.write([point(), point()]).await.unwrap();
        db.write(vec![point(); 3]).await.unwrap();
        db.write(Some(point())).await.unwrap();
        db.write(None::<Point>).await.unwrap();
        db.write(counter("s", 2)).await.unwrap();
        db.write(&[counter("s", 3), counter("t", 4)]).await.unwrap();
        let table = Table::new("s").tag("v");
        db.write(table.series(&counter("u", 5))).await.unwrap();
        db.write(Table::new("e").tag("kind").rows(&events())).await.unwrap();
        db.write(influx_client::Lines(b"l,host=a v=1 1\nl v=2 2\n")).await.unwrap();
        let batch = db.encode([point(), point()]).unwrap();
        db.send(&batch).await.unwrap();
        db.send(&batch).await.unwrap();
        assert_eq!(server.count("db"), 8 + 2 + 3 + 4 + 5 + 3 + 2 + 2);
    }
    with_server(async |server, _client, db| {
        check(db.into(), &server).await;
    })
    .await;
}

/// Times at both ends, before 1970, and none at all.
#[tokio::test]
async fn every_time_comes_back() {
    #[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
    struct Row {
        time: Option<Time>,
        v: i64,
    }
    with_server(async |server, _client, db| {
        // The server reads a number as a double: microseconds are exact up to 2^53.
        const FAR: i64 = 9_007_199_254_740_000_000;
        let times = [-FAR, -1_000, 0, 1_000, FAR];
        let row = |(v, time): (i64, &i64)| Row { time: Some(Time::from_nanos(*time)), v };
        let rows: Vec<_> = (0..).zip(&times).map(row).collect();
        db.write(Table::new("t").rows(&rows)).await.unwrap();
        let read =
            db.query("select v from t where time > -9100000000s and time < 9100000000s order asc");
        let read = read.rows::<Row>().await.unwrap().collect().await.unwrap();
        assert_eq!(read, rows);

        // A null among the times does not harm the others: the point gets the server's time.
        let before = Time::from(SystemTime::now());
        let none = Row { time: None, v: 7 };
        let mixed = [rows[1].clone(), none.clone(), rows[3].clone(), none];
        db.write(Table::new("m").rows(&mixed)).await.unwrap();
        let stored = server.points("db", "m");
        assert_eq!(stored.len(), 4);
        let recent = stored.iter().filter(|point| point.time >= before.nanos() - 1_000_000_000);
        assert_eq!(recent.count(), 2);
    })
    .await;
}

/// The README's program survives its second run.
#[tokio::test]
async fn a_database_is_ensured_twice() {
    with_server(async |server, client, _db| {
        for _ in 0..2 {
            let db = client.ensure_database("again").await.unwrap();
            db.write(Point::new("s").field("v", 1)).await.unwrap();
        }
        assert_eq!(server.count("again"), 2);
    })
    .await;
}

#[tokio::test]
async fn a_hundred_thousand_rows_are_one_request() {
    #[derive(Serialize)]
    struct Row {
        time: i64,
        v: i64,
    }
    with_server(async |server, _client, db| {
        let rows: Vec<_> = (0..100_000).map(|v| Row { time: v * 1_000, v }).collect();
        let written = db.write(Table::new("r").rows(&rows)).await.unwrap();
        assert_eq!((written.points, written.requests), (100_000, 1));
        assert_eq!(server.count("db"), 100_000);
    })
    .await;
}

#[tokio::test]
async fn a_store_is_a_database_of_any_dialect() {
    with_server(async |server, _client, _db| {
        let named = Store::new(server.dsn("db")).unwrap();
        named.write(Point::new("s").field("v", 1)).await.unwrap();
        let probed = Store::connect(server.plain_dsn("db")).await.unwrap();
        let all = probed.query("select v from s").all().await.unwrap();
        assert_eq!(all[0].len(), 1);
        let error = Store::new(server.plain_dsn("db")).unwrap_err();
        assert!(error.to_string().contains("must name the dialect"), "{error}");
        let error = Store::new("influxdb2://T@h/db").unwrap_err();
        assert!(error.to_string().contains("lacks"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn columns_come_in_batches_of_one_series() {
    with_server(async |_server, _client, db| {
        db.write(&[counter("s", 25), counter("t", 3)]).await.unwrap();
        let mut columns = db.query("select v from /^[st]$/ order asc").columns(10).await.unwrap();
        let mut found = Vec::new();
        let mut sum = 0;
        while let Some(batch) = columns.next().await.unwrap() {
            let values = batch.column_by_name("v").unwrap().values();
            let influx_client::proto::ColumnValues::Int(values) = values else { panic!() };
            sum += values.iter().sum::<i64>();
            let len = batch.len();
            found.push((columns.series_name().unwrap().to_owned(), len));
        }
        found.sort();
        let expected = [("s", 5), ("s", 10), ("s", 10), ("t", 3)];
        assert_eq!(found, expected.map(|(name, len)| (name.to_owned(), len)));
        assert_eq!(sum, 24 * 25 / 2 + 3);
        assert!(columns.next().await.unwrap().is_none());
    })
    .await;
}

#[cfg(feature = "stream")]
#[tokio::test]
async fn rows_and_chunks_are_streams() {
    use std::future::poll_fn;
    use std::pin::Pin;

    use futures_core::Stream;

    async fn count<S: Stream<Item = Result<T, Error>> + Unpin, T>(mut stream: S) -> usize {
        let mut items = 0;
        while let Some(item) = poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await {
            item.unwrap();
            items += 1;
        }
        items
    }
    with_server(async |_server, _client, db| {
        db.write(counter("s", 1_000)).await.unwrap();
        let query = || db.query("select v from s");
        assert_eq!(count(query().rows::<(i64, u64, i64)>().await.unwrap()).await, 1_000);
        assert!(count(query().chunks().await.unwrap()).await > 1);
    })
    .await;
}

#[tokio::test]
async fn a_float_stays_a_float_and_an_integer_an_integer() {
    with_server(async |_server, _client, db| {
        let mut series = Series::new("s", ["time", "f", "i"]).unwrap();
        series.push([1_000.into(), 1.5e300.into(), i64::MIN.into()]).unwrap();
        db.write(series).await.unwrap();
        let answer = db.query("select f, i from s").all().await.unwrap();
        let point = answer[0].points().next().unwrap();
        let column = |name| &point[answer[0].column_index(name).unwrap()];
        assert_eq!(column("f"), &Value::Float(1.5e300));
        assert_eq!(column("i"), &Value::Int(i64::MIN));
    })
    .await;
}

#[tokio::test]
async fn a_long_answer_comes_in_pieces() {
    with_server(async |server, _client, db| {
        let config = format!("{}?max_points=300", server.dsn("db"));
        let several = Client::new(config).unwrap().default_database().unwrap();
        let written = several.write(counter("s", 1_000)).await.unwrap();
        assert_eq!((written.points, written.requests), (1_000, 4));

        let mut chunks = db.query("select v from s order asc").chunks().await.unwrap();
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
    with_server(async |_server, _client, db| {
        db.write(counter("s", 2)).await.unwrap();
        // The last statement runs first.
        let query = db.query("select * from nosuch; select v from s");
        let mut rows = query.rows::<(i64, u64, i64)>().await.unwrap();
        assert_eq!(rows.next().await.unwrap().unwrap().2, 1);
        assert_eq!(rows.next().await.unwrap().unwrap().2, 0);
        check_refusal(rows.next().await, Refusal::SeriesNotFound);
        assert!(rows.next().await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_dropped_answer_hands_nothing_to_the_next_call() {
    with_server(async |_server, client, db| {
        db.write(counter("s", 5_000)).await.unwrap();
        for _ in 0..3 {
            let mut rows = db.query("select v from s").rows::<(i64, u64, i64)>().await.unwrap();
            rows.next().await.unwrap().unwrap();
            drop(rows);
            assert_eq!(client.databases().await.unwrap(), ["db"]);
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_outlives_its_client() {
    with_server(async |server, _client, db| {
        db.write(counter("s", 50_000)).await.unwrap();
        let client = Client::new(server.dsn("db")).unwrap();
        let query = client.default_database().unwrap().query("select v from s");
        let mut rows = query.rows::<(i64, u64, i64)>().await.unwrap();
        drop(client);
        let mut count = 0;
        while rows.next().await.unwrap().is_some() {
            count += 1;
        }
        assert_eq!(count, 50_000);
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_arrives_twice_is_stored_once() {
    with_server(async |_server, _client, db| {
        let identified = db.encode(counter("s", 3)).unwrap();
        for _ in 0..2 {
            db.send(&identified).await.unwrap();
            db.write(counter("t", 1)).await.unwrap();
        }
        assert_eq!(count(&db, "s").await, 3);
        assert_eq!(count(&db, "t").await, 2);
        let untimed = [Point::new("u").field("v", 1), Point::new("u").field("v", 2)];
        let batch = db.encode(&untimed).unwrap();
        db.send(&batch).await.unwrap();
        db.send(&batch).await.unwrap();
        assert_eq!(count(&db, "u").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_is_made_good_for_points_with_an_identity_only() {
    with_server(async |server, client, db| {
        // The answer to the second of three requests is lost; the caller repeats the whole batch.
        let several = format!("{}?max_points=2&attempts=1", server.dsn("db"));
        let several = Client::new(several).unwrap().default_database().unwrap();
        server.inject(influx_testkit::Fault::lose_answer().skip(1));
        let points: Vec<_> = (0..5).map(|v| Point::new("w").field("v", v)).collect();
        let batch = several.encode(&points).unwrap();
        assert_eq!(several.send(&batch).await.unwrap_err().written().unwrap().points, 2);
        assert_eq!(server.count("db"), 4);
        several.send(&batch).await.unwrap();
        assert_eq!(server.count("db"), 5);
        client.drop_database("db").await.unwrap();
        client.create_database("db").await.unwrap();

        let lost = server.inject(influx_testkit::Fault::lose_answer());
        let error = db.write(counter("s", 3)).await.unwrap_err();
        assert_eq!(error.delivery(), influx_client::Delivery::MaybeSent);
        assert_eq!((error.attempts(), lost.calls(), server.count("db")), (1, 1, 3));

        let lost = server.inject(influx_testkit::Fault::lose_answer());
        db.send(&db.encode(counter("t", 3)).unwrap()).await.unwrap();
        assert_eq!((lost.calls(), server.count("db")), (1, 6));
    })
    .await;
}

/// While the server fails, the repetitions of many calls fade.
#[tokio::test]
async fn an_outage_is_not_multiplied_by_repetitions() {
    with_server(async |server, _client, _db| {
        let busy = influx_testkit::Fault::status(http::StatusCode::SERVICE_UNAVAILABLE, "busy");
        let busy = server.inject(busy.times(usize::MAX));
        let mut config: influx_client::Config = server.dsn("db").parse().unwrap();
        config.retry.first_pause = Duration::ZERO;
        let db = Client::new(config).unwrap().default_database().unwrap();
        for _ in 0..200 {
            db.query("select v from s").all().await.unwrap_err();
        }
        assert_eq!(busy.calls(), 200 + 10 + 20 - 1, "the budget, and a tenth of the calls");
    })
    .await;
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn compressed_writes_are_understood() {
    with_server(async |server, _client, _db| {
        let dsn = format!("{}?gzip=true", server.dsn("db"));
        let db = Client::new(dsn).unwrap().default_database().unwrap();
        db.write(counter("s", 1_000)).await.unwrap();
        assert_eq!(count(&db, "s").await, 1_000);
    })
    .await;
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_server_without_encryption_is_told_nothing() {
    with_server(async |server, _client, _db| {
        let seen = server.stats().calls;
        let client = Client::new(format!("https+{}", server.dsn("db"))).unwrap();
        let error = client.databases().await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        assert_eq!(server.stats().calls, seen);
    })
    .await;
}
