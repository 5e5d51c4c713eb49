//! Random points of every type with hostile names: written, and read back bit for bit.

use std::collections::BTreeMap;
use std::time::Duration;

use influx_client::v1::{Client, Database, LineWriter, Param};
use influx_client::{Point, Series, Time, Value};
use tokio::time::sleep;

use crate::checks::{Checks, Result};

const POINTS: usize = 1_000;

/// A point as it must come back: measurement, time, and the cells that are not null.
#[derive(Debug, PartialEq)]
struct Expected {
    measurement: String,
    time: i64,
    cells: BTreeMap<String, Value>,
}

pub(crate) async fn round_trip(checks: &mut Checks, client: &Client) -> Result {
    let database = client.ensure_database("points").await?;
    let random = Random::new()?;
    // Sent twice, the points are stored once.
    let batch = database.encode(random.points)?;
    checks.equal("written", database.send(&batch).await?.points, POINTS)?;
    database.send(&batch).await?;

    let mut listed = database.measurements().await?;
    listed.sort_unstable();
    let mut sorted = random.names.clone();
    sorted.sort_unstable();
    checks.equal("measurements", listed, sorted)?;
    let found = read(&database, &random.names).await?;
    compare(checks, &found, &random.expected)?;
    for name in &random.names {
        database.drop_measurement(name).await?;
    }
    checks.equal("measurements", database.measurements().await?, Vec::new())?;
    Ok(client.drop_database("points").await?)
}

/// Writes points without answers, waits until the server has them all, and compares them.
pub(crate) async fn without_answers(
    checks: &mut Checks,
    database: &Database,
    writer: &LineWriter,
) -> Result {
    let random = Random::new()?;
    // The system's buffer must hold the datagrams that the server has not read yet.
    for points in random.points.chunks(100) {
        checks.equal("sent", writer.write(points).await?.points, points.len())?;
        sleep(Duration::from_millis(10)).await;
    }
    let mut found = Vec::new();
    for _ in 0..200 {
        found = read(database, &random.names).await?;
        if found.len() >= POINTS {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    compare(checks, &found, &random.expected)
}

/// Random points, their measurements, and the form in which they must come back.
struct Random {
    names: Vec<String>,
    points: Vec<Point>,
    expected: Vec<Expected>,
}

impl Random {
    fn new() -> Result<Self> {
        let mut random = fastrand::Rng::with_seed(12);
        let names: Vec<String> =
            (0..8).map(|number| format!("m{number}{}", name(&mut random))).collect();
        let (mut points, mut expected) = (Vec::new(), Vec::new());
        for number in 0..POINTS {
            let measurement = random.choice(&names).ok_or("no names")?;
            let (point, cells) = point(&mut random, measurement, number);
            points.push(point);
            expected.push(cells);
        }
        Ok(Self { names, points, expected })
    }
}

async fn read(database: &Database, names: &[String]) -> Result<Vec<Expected>> {
    let mut found = Vec::new();
    for name in names {
        let query = database.query("SELECT * FROM $m").bind("m", Param::identifier(name));
        found.extend(query.all().await?.iter().flat_map(points_of));
    }
    Ok(found)
}

fn compare(checks: &mut Checks, found: &[Expected], expected: &[Expected]) -> Result {
    checks.equal("points", found.len(), expected.len())?;
    for expected in expected {
        let number = expected.cells.get("t");
        let found = found.iter().find(|found| found.cells.get("t") == number);
        checks.equal("point", found, Some(expected))?;
        let floats = |point: &Expected| {
            point
                .cells
                .values()
                .filter_map(|cell| match cell {
                    Value::Float(value) => Some(value.to_bits()),
                    _ => None,
                })
                .collect::<Vec<_>>()
        };
        checks.equal("bits", found.map(floats), Some(floats(expected)))?;
    }
    Ok(())
}

/// A point with its number as the tag `t`. A field of one name has one type.
fn point(random: &mut fastrand::Rng, measurement: &str, number: usize) -> (Point, Expected) {
    let time = 1_500_000_000_000_000_000 + random.i64(0..20 * 24 * 3_600_000_000_000);
    let mut point = Point::new(measurement).time(Time::from_nanos(time));
    point = point.tag("t", number.to_string());
    let mut cells = BTreeMap::from([("t".to_owned(), Value::from(number.to_string()))]);
    for _ in 0..random.usize(0..4) {
        let (key, value) = (format!("tag{}", name(random)), name(random));
        if !cells.contains_key(&key) {
            cells.insert(key.clone(), Value::from(&*value));
            point = point.tag(key, value);
        }
    }
    for _ in 0..random.usize(1..5) {
        let (kind, value) = value(random);
        let key = format!("{kind}{}", name(random));
        if !cells.contains_key(&key) {
            cells.insert(key.clone(), value.clone());
            point = point.field(key, value);
        }
    }
    // Texts that a server must keep apart from its own syntax.
    let text = text(random);
    cells.insert("text".to_owned(), Value::from(&*text));
    point = point.field("text", text);
    (point, Expected { measurement: measurement.to_owned(), time, cells })
}

fn value(random: &mut fastrand::Rng) -> (&'static str, Value) {
    const FLOATS: [f64; 8] = [
        0.0,
        -0.0,
        1.0,
        5e-324,
        1.797_693_134_862_315_7e308,
        0.1 + 0.2,
        1e300,
        123_456_789_012_345_680.0,
    ];
    const INTS: [i64; 5] = [0, -1, i64::MIN, i64::MAX, 1 << 53];
    match random.u8(0..5) {
        0 => ("bool", Value::Bool(random.bool())),
        1 => ("int", Value::Int(*random.choice(&INTS).unwrap_or(&0))),
        2 => ("int", Value::Int(random.i64(..))),
        3 => ("float", Value::Float(*random.choice(&FLOATS).unwrap_or(&0.0))),
        _ => {
            let value = f64::from_bits(random.u64(..));
            ("float", Value::Float(if value.is_finite() { value } else { 1.5 }))
        }
    }
}

/// A name with characters that mean something in line protocol, InfluxQL, JSON or a URL.
///
/// Line protocol cannot have control characters in it, or a backslash before another of its own
/// characters.
fn name(random: &mut fastrand::Rng) -> String {
    const PIECES: &[&str] = &[
        "a",
        "Z",
        "0",
        " ",
        ",",
        "=",
        "\"",
        "'",
        "\\b",
        "#",
        "$",
        "/",
        "%",
        "&",
        ";",
        "{",
        "ä",
        "\u{1f600}",
    ];
    let pieces = (0..random.usize(0..6)).filter_map(|_| random.choice(PIECES).copied());
    pieces.chain(["."]).collect()
}

/// Any text, line breaks too.
fn text(random: &mut fastrand::Rng) -> String {
    const CHARACTERS: &[char] = &['a', '"', '\\', '\n', '\t', ' ', ',', '=', '\'', 'é', '\u{2028}'];
    (0..random.usize(0..20)).filter_map(|_| random.choice(CHARACTERS)).collect()
}

/// The points of a series as they came back.
fn points_of(series: &Series) -> impl Iterator<Item = Expected> {
    series.points().map(|point| {
        let mut cells: BTreeMap<String, Value> =
            series.columns().iter().cloned().zip(point.iter().cloned()).collect();
        cells.retain(|_, value| *value != Value::Null);
        let time = match cells.remove("time") {
            Some(Value::Time(time)) => time.nanos(),
            _ => 0,
        };
        Expected { measurement: series.name().to_owned(), time, cells }
    })
}
