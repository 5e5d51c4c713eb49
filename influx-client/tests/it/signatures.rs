//! Promises of the signatures, which the compiler tests.

use std::future::IntoFuture as _;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::SystemTime;

use influx_client::transport::memory::MemoryTransport;
use influx_client::{Config, Lines, NonFinite, Point, Series, Store, Table, v08};
use serde::Serialize;

#[derive(Serialize)]
struct Row {
    v: f32,
    #[serde(skip)]
    not_send: PhantomData<*const ()>,
}

fn check<T: Send + 'static>(value: T) {
    drop(value);
}

/// A write neither borrows its points nor depends on their type.
#[test]
fn a_write_can_move_to_another_task() {
    let client = v08::Client::new("influxdb://h").unwrap();
    let db = client.database("db");
    let rows = vec![Row { v: 1.0, not_send: PhantomData }];
    let table = Table::new("cpu");
    let write = db.write(table.rows(&rows));
    drop((table, rows));
    check(write.into_future());
    let point = Point::new("cpu").field("v", Some(0.5)).field("n", None::<u8>);
    let points = vec![point.time(SystemTime::now())];
    let series = Series::new("cpu", ["v"]).unwrap();
    check(db.write(&points[0]).into_future());
    check(db.write(&points[..1]).into_future());
    check(db.write([&points[0], &points[0]]).into_future());
    check(db.write(Table::new("cpu").tag("v").series(&series)).into_future());
    check(db.write(Lines(b"cpu v=1")).into_future());
    let store = Store::from(db);
    check(async move {
        let mut rows = store.query("q").rows::<(i64, f64)>().await?;
        while rows.next().await?.is_some() {}
        let mut columns = store.query("q").columns(10).await?;
        while columns.next().await?.is_some() {}
        store.send(&store.encode(points)?).await
    });
}

#[test]
fn a_client_takes_all_forms_of_a_configuration_and_of_a_transport() {
    let dsn = "influxdb://h".to_owned();
    let mut config: Config = dsn.parse().unwrap();
    config.write.non_finite = NonFinite::Omit;
    v08::Client::new("influxdb://h").unwrap();
    v08::Client::new(&dsn).unwrap();
    v08::Client::new(dsn).unwrap();
    v08::Client::new(&config).unwrap();
    let transport = Arc::new(MemoryTransport::new([]));
    v08::Client::with_transport(&config, Arc::clone(&transport)).unwrap();
    v08::Client::with_transport(config, transport).unwrap();
}
