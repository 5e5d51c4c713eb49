//! One function for a database of any dialect: points and rows in, rows and columns out.

use std::time::SystemTime;

use influx_client::{Error, Lines, Point, Store, Table, v08};
use influx_testkit::{Face, Server};

#[derive(serde::Deserialize, serde::Serialize)]
struct Cpu {
    time: SystemTime,
    host: String,
    load: f64,
}

async fn tour(database: Store) -> Result<(), Error> {
    let rows = [Cpu { time: SystemTime::now(), host: "web-1".to_owned(), load: 0.5 }];
    database.write(Table::new("cpu").tag("host").rows(&rows)).await?;
    database.write(Lines(b"cpu,host=web-2 load=0.7 1700000000000000000")).await?;
    // Each point has an identity: sent twice, it is stored once.
    let batch = database.encode(Point::new("cpu").tag("host", "web-3").field("load", 0.9))?;
    database.send(&batch).await?;
    database.send(&batch).await?;

    let mut rows = database.query("select host, load from cpu").rows::<Cpu>().await?;
    while let Some(Cpu { time, host, load }) = rows.next().await? {
        println!("{time:?} {host} {load}");
    }
    let mut columns = database.query("select load from cpu").columns(10_000).await?;
    while let Some(batch) = columns.next().await? {
        println!("{} rows of {:?}", batch.len(), batch.names());
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start(Face::V08).await?;
    v08::Client::new(server.dsn("metrics"))?.ensure_database("metrics").await?;
    Ok(tour(Store::new(server.dsn("metrics"))?).await?)
}
