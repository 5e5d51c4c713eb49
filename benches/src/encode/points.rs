//! A table of structs with the call that a program makes, beside the encoder alone.

use std::hint::black_box;
use std::rc::Rc;

use influx_proto::encode::EncodeOptions;
use influx_proto::line::LineEncoder;
use influx_proto::{Format, Points as _, Table, Time};
use serde::Serialize;

use crate::alloc;
use crate::generate::{LinePoint, line_points};
use crate::harness::Kind::{Limit, Ours};
use crate::harness::{Case, Contender, Pass, Scale};

/// The points of the one body.
const POINTS: usize = 100_000;

/// The most allocations of one call.
const MAX_ALLOCATIONS: u64 = 20;

#[derive(Serialize)]
struct Row {
    time: i64,
    host: String,
    region: &'static str,
    value: f64,
    count: i64,
    message: String,
}

impl Row {
    fn new(point: LinePoint) -> Self {
        let LinePoint { host, region, value, count, message, time, .. } = point;
        Self { time, host, region, value, count, message }
    }
}

pub(super) fn case(scale: Scale) -> Case {
    let points = scale.points().min(POINTS);
    let rows: Rc<[Row]> = line_points(points).into_iter().map(Row::new).collect();
    let lines = by_hand(&rows, &mut LineEncoder::new()).to_vec();
    let (table, limit_rows, mut encoder) = (table(), Rc::clone(&rows), LineEncoder::new());
    let limit = move |_| {
        encoder.clear();
        table.rows(&limit_rows).encode(&mut encoder).unwrap();
        black_box(encoder.as_bytes());
    };
    let contenders = vec![
        Contender {
            kind: Limit,
            name: "rows into a LineEncoder that is used again",
            pass: Box::new(limit),
        },
        call("rows as lines", Format::Lines, &rows, Some(lines.clone())),
        call("rows as series JSON", Format::SeriesJson, &rows, None),
    ];
    Case { bytes: lines.len(), points, contenders }
}

fn table() -> Table {
    Table::new("http_requests").tags(["host", "region"])
}

fn call(
    name: &'static str,
    format: Format,
    rows: &Rc<[Row]>,
    expected: Option<Vec<u8>>,
) -> Contender {
    let rows = Rc::clone(rows);
    let table = table();
    let mut options = EncodeOptions::default();
    options.time = Some(Time::from_nanos(1));
    let pass = move |pass| {
        let mut number = 0;
        let mut next = || {
            number += 1;
            number
        };
        let mut encode = || {
            let bodies = format.encode(&table.rows(&rows), &options, Some(&mut next)).unwrap();
            black_box(bodies)
        };
        if pass == Pass::Timed {
            drop(encode());
            return;
        }
        let mut bodies = Vec::new();
        let allocations = alloc::count(|| bodies = encode());
        assert!(allocations.count <= MAX_ALLOCATIONS, "{} allocations", allocations.count);
        assert_eq!((bodies.len(), bodies[0].points, bodies[0].identified), (1, rows.len(), true));
        if let Some(expected) = &expected {
            assert!(bodies[0].bytes == *expected, "other lines than by hand");
        }
    };
    Contender { kind: Ours, name, pass: Box::new(pass) }
}

fn by_hand<'e>(rows: &[Row], encoder: &'e mut LineEncoder) -> &'e [u8] {
    for row in rows {
        let point = encoder.point("http_requests").unwrap();
        let point = point.tag("host", &row.host).unwrap().tag("region", row.region).unwrap();
        let point = point.field("value", row.value).unwrap().field("count", row.count).unwrap();
        point.field("message", row.message.as_str()).unwrap().timestamp(row.time).unwrap();
    }
    encoder.as_bytes()
}
