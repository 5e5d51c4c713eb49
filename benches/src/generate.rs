//! The data: made-up, but of the shape and size of real monitoring data, and the same in every run.

use std::fmt::Write as _;

use fastrand::Rng;
use serde::Deserialize;

/// One point as a user's struct; it borrows its text.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Row<'a> {
    pub(crate) time: i64,
    pub(crate) sequence_number: u64,
    pub(crate) host: &'a str,
    pub(crate) value: f64,
    pub(crate) idle: f64,
}

/// The names of a row's columns, in the order of the answers and requests.
pub(crate) const COLUMNS: [&str; 5] = ["time", "sequence_number", "host", "value", "idle"];

/// A point that owns its text.
pub(crate) struct Point {
    time: i64,
    sequence_number: u64,
    host: String,
    value: f64,
    idle: f64,
}

impl Point {
    pub(crate) fn row(&self) -> Row<'_> {
        let Self { time, sequence_number, ref host, value, idle } = *self;
        Row { time, sequence_number, host, value, idle }
    }
}

/// Points of 64 hosts; with `escapes`, some names need escaping in JSON or are not ASCII.
pub(crate) fn points(count: usize, escapes: bool) -> Vec<Point> {
    let mut rng = Rng::with_seed(1);
    let (mut time, mut sequence_number) = (1_400_425_947_368, 1);
    let point = |_| {
        time += rng.i64(1..2_000);
        sequence_number += rng.u64(1..30);
        let mut host = format!("server{:02}", rng.u8(..64));
        if escapes && rng.u8(..50) == 0 {
            host.push_str(["\"a\"", "\\b\n", "-zürich"][rng.usize(..3)]);
        }
        let idle = f64::from(rng.u16(..1_001)) / 10.0;
        Point { time, sequence_number, host, value: measurement(&mut rng), idle }
    };
    (0..count).map(point).collect()
}

/// Mostly two decimals, some with all digits, some whole, some tiny.
fn measurement(rng: &mut Rng) -> f64 {
    match rng.u8(..20) {
        0..14 => f64::from(rng.u16(..10_000)) / 100.0,
        14..18 => rng.f64() * 100.0,
        18 => f64::from(rng.u8(..101)),
        _ => rng.f64() * 1e-7,
    }
}

/// An InfluxDB 0.8 answer with `chunked=true`: objects one after the other.
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    /// The end of each document in the body.
    pub(crate) ends: Vec<usize>,
}

impl Answer {
    pub(crate) fn new(points: &[Point], rows: usize) -> Self {
        let columns = COLUMNS.map(json).join(",");
        let (mut body, mut ends) = (String::new(), Vec::new());
        for points in points.chunks(rows) {
            write!(body, r#"{{"name":"cpu","columns":[{columns}],"points":["#).unwrap();
            for (index, point) in points.iter().enumerate() {
                body.push_str(if index == 0 { "[" } else { ",[" });
                let Row { time, sequence_number, host, .. } = point.row();
                write!(body, "{time},{sequence_number},{},", json(host)).unwrap();
                write!(body, "{},{}]", number(point.value), number(point.idle)).unwrap();
            }
            body.push_str("]}");
            ends.push(body.len());
        }
        Self { body: body.into_bytes(), ends }
    }
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// As the server writes it: whole numbers without a fraction, an exponent only for tiny ones.
fn number(value: f64) -> String {
    if value != 0.0 && value < 1e-6 { format!("{value:e}") } else { value.to_string() }
}

/// One point for the line protocol: two tags, three fields, nanoseconds.
pub(crate) struct LinePoint {
    pub(crate) measurement: &'static str,
    pub(crate) host: String,
    pub(crate) region: &'static str,
    pub(crate) value: f64,
    pub(crate) count: i64,
    pub(crate) message: String,
    pub(crate) time: i64,
}

/// Points of which a tenth needs escaping in a tag, and a fifth in a text.
pub(crate) fn line_points(count: usize) -> Vec<LinePoint> {
    let mut rng = Rng::with_seed(2);
    let mut time = 1_400_425_947_368_000_000;
    let point = |_| {
        time += rng.i64(1..2_000_000_000);
        let plain = rng.u8(..10) != 0;
        let regions = if plain {
            ["eu-west", "eu-north", "us-east"]
        } else {
            ["us west", "ap,south", "sa=1"]
        };
        let path =
            ["/", "/index.html", "/api/v1/items", "/static/app.js", "/login"][rng.usize(..5)];
        let message = match rng.u8(..10) {
            0 => format!("GET \"{path}\" 200"),
            1 => format!("C:\\logs{path}"),
            _ => format!("GET {path} {}", rng.u16(200..500)),
        };
        LinePoint {
            measurement: if rng.u8(..20) == 0 { "http requests" } else { "http_requests" },
            host: format!("server{:02}", rng.u8(..64)),
            region: regions[rng.usize(..3)],
            value: measurement(&mut rng),
            count: rng.i64(-1_000..1_000_000),
            message,
            time,
        }
    };
    (0..count).map(point).collect()
}
