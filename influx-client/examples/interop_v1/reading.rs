//! The ways to read an answer: groups, many rows, texts that are not UTF-8, and a reader that stops.

use std::collections::BTreeMap;
use std::time::Duration;

use influx_client::proto::v1::WriteLines;
use influx_client::v1::{Client, Refusal};
use influx_client::{ErrorKind, Lines, Outcome, Point, Series, Table, Time};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::checks::{Checks, Result};

/// A query that takes the server minutes, row after row.
const ENDLESS: &str = "SELECT mean(v) FROM slow WHERE time >= 0 AND time <= 1600000000s \
                       GROUP BY time(1s)";

#[derive(Debug, Deserialize, PartialEq)]
struct Mean {
    #[serde(rename = "mean")]
    load: f64,
    host: String,
    #[serde(rename = "zone")]
    place: String,
}

pub(crate) async fn groups(checks: &mut Checks, client: &Client) -> Result {
    let database = client.ensure_database("groups").await?;
    let point = |host: &str, zone: &str, load: f64| {
        Point::new("cpu").tag("host", host).tag("zone", zone).field("load", load)
    };
    let points = [
        point("a", "x", 1.0).time(Time::from_nanos(1)),
        point("a", "x", 3.0).time(Time::from_nanos(2)),
        point("b", "y", 5.0),
    ];
    database.write(&points[..]).await?;
    let text = "SELECT mean(load) FROM cpu GROUP BY host, zone";
    let rows: Vec<Mean> = database.query(text).rows().await?.collect().await?;
    let mean =
        |load, host: &str, place: &str| Mean { load, host: host.into(), place: place.into() };
    checks.equal("groups", rows, vec![mean(2.0, "a", "x"), mean(5.0, "b", "y")])?;
    let tuples: Vec<(i64, f64, String, String)> =
        database.query(text).rows().await?.collect().await?;
    checks.equal("tuples", tuples.len(), 2)?;
    let mut chunks = database.query(text).chunks().await?;
    while let Some(series) = chunks.next().await? {
        let tags: Vec<_> = series.tags().keys().map(String::as_str).collect();
        checks.equal("tags", tags, vec!["host", "zone"])?;
    }
    let mut columns = database.query(text).columns(10).await?;
    let mut batches = 0;
    while let Some(batch) = columns.next().await? {
        batches += batch.len();
        checks.equal("columns", columns.tags().map(BTreeMap::len), Some(2))?;
    }
    checks.equal("batches", batches, 2)?;
    database.drop_series("cpu", "host", "a").await?;
    checks.equal("series", database.series_keys().await?, vec!["cpu,host=b,zone=y".to_owned()])?;
    checks.equal("tag keys", database.tag_keys("cpu").await?.len(), 2)?;
    let values = database.tag_values("zone").await?;
    checks.equal("tag values", values.iter().map(|found| &*found.value).collect(), vec!["y"])?;
    let fields = database.field_keys().await?;
    let fields = fields.iter().map(|found| (&*found.field, &*found.kind)).collect::<Vec<_>>();
    checks.equal("field keys", fields, vec![("load", "float")])?;
    Ok(client.drop_database("groups").await?)
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Row {
    time: Time,
    number: i64,
    half: f64,
}

pub(crate) async fn many_rows(checks: &mut Checks, client: &Client) -> Result {
    let database = client.ensure_database("rows").await?;
    let rows: Vec<Row> = (0..25_000_i32)
        .map(|number| Row {
            time: Time::from_nanos(1_500_000_000_000_000_000 + i64::from(number)),
            number: number.into(),
            half: f64::from(number) / 2.0,
        })
        .collect();
    let written = database.write(Table::new("many").rows(&rows)).await?;
    checks.equal("written", written.points, rows.len())?;
    let text = "SELECT number, half FROM many";
    let mut cursor = database.query(text).rows::<Row>().await?;
    let mut found = Vec::new();
    while let Some(row) = cursor.next().await? {
        found.push(row);
    }
    checks.equal("rows", found == rows, true)?;
    let mut columns = database.query(text).columns(7_000).await?;
    let mut count = 0;
    while let Some(batch) = columns.next().await? {
        count += batch.len();
    }
    checks.equal("columns", count, rows.len())?;
    let mut chunks = database.query(text).chunks().await?;
    let mut lengths = Vec::new();
    while let Some(series) = chunks.next().await? {
        lengths.push(series.len());
    }
    checks.equal("chunks", lengths, vec![10_000, 10_000, 5_000])?;
    let all = database.query(text).all().await?;
    checks.equal("all", all.iter().map(Series::len).collect(), vec![25_000])?;
    Ok(client.drop_database("rows").await?)
}

pub(crate) async fn texts(checks: &mut Checks, client: &Client) -> Result {
    let database = client.ensure_database("texts").await?;
    client
        .execute(&WriteLines::new("texts", &b"m t=\"a\" 1\nm t=\"\xff\" 2\nm t=\"c\" 3\n"[..]))
        .await?;
    let mut rows = database.query("SELECT t FROM m").rows::<(i64, String)>().await?;
    let mut found = Vec::new();
    loop {
        match rows.next().await {
            Ok(None) => break,
            Ok(Some((_, text))) => found.push(text),
            Err(error) if matches!(error.kind(), ErrorKind::Row { .. }) => {
                found.push("-".to_owned());
            }
            Err(error) => return Err(error.into()),
        }
    }
    checks.equal("texts", found, ["a", "-", "c"].map(str::to_owned).to_vec())?;
    let all = database.query("SELECT t FROM m").all().await?;
    let texts: Vec<_> = all
        .iter()
        .flat_map(Series::rows::<(i64, String)>)
        .collect::<std::result::Result<_, _>>()?;
    checks.equal("replaced", texts.get(1).map(|row| &*row.1), Some("\u{fffd}"))?;
    Ok(client.drop_database("texts").await?)
}

pub(crate) async fn cancelled(checks: &mut Checks, client: &Client) -> Result {
    let database = client.ensure_database("slow").await?;
    database.write(Lines(b"slow v=1 0")).await?;
    // A reader that stops ends the query on the server.
    let mut rows = database.query(ENDLESS).rows::<(i64, Option<f64>)>().await?;
    checks.equal("rows come", rows.next().await?.is_some(), true)?;
    checks.equal("it runs", running(client).await?.len(), 1)?;
    drop(rows);
    for _ in 0..100 {
        if running(client).await?.is_empty() {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    checks.equal("it stopped", running(client).await?, Vec::new())?;
    // A query that is killed has an error at its end.
    let mut rows = database.query(ENDLESS).rows::<(i64, Option<f64>)>().await?;
    checks.equal("rows come", rows.next().await?.is_some(), true)?;
    for id in running(client).await? {
        client.kill_query(id).await?;
    }
    let end = loop {
        match rows.next().await {
            Ok(Some(_)) => {}
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    checks.refused("killed", end, (Refusal::QueryKilled, Outcome::Refused))?;
    Ok(client.drop_database("slow").await?)
}

async fn running(client: &Client) -> Result<Vec<u64>> {
    let queries = client.running_queries().await?.into_iter();
    Ok(queries.filter(|query| query.text.contains("slow")).map(|query| query.id).collect())
}
