//! The body of a 0.8 write request: an array of series.

use std::hint::black_box;
use std::rc::Rc;

use influx_proto::encode::{EncodeOptions, SeriesEncoder};
use influx_proto::{Points, Series, Table, TimeUnit};
use serde::{Deserialize, Serialize};

use super::{BATCH, numbers_limit, push_float, push_int};
use crate::generate::{COLUMNS, Point, Row, points};
use crate::harness::Kind::{self, Ours, Peer};
use crate::harness::{Case, Contender, Pass, Scale};
use crate::tally::Tally;

type Encode = fn(&Batch, &mut Vec<u8>);

/// Everybody who encodes. To add a contender, write its function and one line here.
const CONTENDERS: &[(Kind, &str, Encode)] = &[
    (Peer, "sonic-rs, typed rows", sonic_typed),
    (Peer, "serde_json, typed rows", serde_json_typed),
    (Ours, "SeriesEncoder, series", ours),
    (Ours, "SeriesEncoder, typed rows", ours_typed),
];

pub(super) fn case(scale: Scale) -> Case {
    let all = points(scale.points(), true);
    let expected = Rc::new(Tally::of(&all));
    let batches: Rc<[Batch]> = all.chunks(BATCH).map(Batch::new).collect();
    let mut bytes = 0;
    encode_all(serde_json_typed, &batches, &mut Vec::new(), |body| bytes += body.len());
    let points = all.len();
    let mut contenders = vec![numbers_limit(all, |point: &Point, out| {
        let row = point.row();
        push_int(row.time, out);
        push_int(row.sequence_number.cast_signed(), out);
        push_float(row.value, out);
        push_float(row.idle, out);
    })];
    contenders.extend(CONTENDERS.iter().map(|&(kind, name, encode)| {
        let (batches, expected) = (Rc::clone(&batches), Rc::clone(&expected));
        let mut out = Vec::new();
        let pass = move |pass| {
            let mut tally = Tally::new(pass);
            encode_all(encode, &batches, &mut out, |body| match pass {
                Pass::Checked => read_back(body, &mut tally),
                Pass::Timed => _ = black_box(body),
            });
            if pass == Pass::Checked {
                tally.verify(&expected);
            }
        };
        Contender { kind, name, pass: Box::new(pass) }
    }));
    Case { bytes, points, contenders }
}

fn sonic_typed(batch: &Batch, out: &mut Vec<u8>) {
    sonic_rs::to_writer(out, &[TypedSeries::new(batch)]).unwrap();
}

fn serde_json_typed(batch: &Batch, out: &mut Vec<u8>) {
    serde_json::to_writer(out, &[TypedSeries::new(batch)]).unwrap();
}

fn ours(batch: &Batch, out: &mut Vec<u8>) {
    let table = Table::new("cpu").time_unit(TimeUnit::Milliseconds);
    encode(&table.series(&batch.series), out);
}

fn ours_typed(batch: &Batch, out: &mut Vec<u8>) {
    let table = Table::new("cpu").time_unit(TimeUnit::Milliseconds);
    encode(&table.rows(&batch.named), out);
}

/// Times stay milliseconds.
fn encode(points: &impl Points, out: &mut Vec<u8>) {
    let mut options = EncodeOptions::default();
    options.time_unit = Some(TimeUnit::Milliseconds);
    let mut encoder = SeriesEncoder::with_options(options).reuse(std::mem::take(out));
    points.encode(&mut encoder).unwrap();
    *out = encoder.finish().remove(0).bytes.into();
}

/// Ours takes the columns from the names of the fields.
#[derive(Serialize)]
struct NamedRow {
    time: i64,
    sequence_number: u64,
    host: String,
    value: f64,
    idle: f64,
}

/// The same points in the form that each contender's user has them.
struct Batch {
    rows: Vec<OwnedRow>,
    named: Vec<NamedRow>,
    series: Series,
}

type OwnedRow = (i64, u64, String, f64, f64);

impl Batch {
    fn new(points: &[Point]) -> Self {
        let mut series = Series::new("cpu", COLUMNS).unwrap();
        let mut rows = Vec::with_capacity(points.len());
        let mut named = Vec::with_capacity(points.len());
        for point in points {
            let Row { time, sequence_number, host, value, idle } = point.row();
            let cells =
                [time.into(), sequence_number.into(), host.into(), value.into(), idle.into()];
            series.push(cells).unwrap();
            let host = host.to_owned();
            rows.push((time, sequence_number, host.clone(), value, idle));
            named.push(NamedRow { time, sequence_number, host, value, idle });
        }
        Self { rows, named, series }
    }
}

fn encode_all(encode: Encode, batches: &[Batch], out: &mut Vec<u8>, mut each: impl FnMut(&[u8])) {
    for batch in batches {
        out.clear();
        encode(batch, out);
        each(out);
    }
}

#[derive(Serialize)]
struct TypedSeries<'a> {
    name: &'static str,
    columns: &'static [&'static str],
    points: &'a [OwnedRow],
}

impl<'a> TypedSeries<'a> {
    fn new(batch: &'a Batch) -> Self {
        Self { name: "cpu", columns: &COLUMNS, points: &batch.rows }
    }
}

fn read_back(body: &[u8], tally: &mut Tally) {
    #[derive(Deserialize)]
    struct Series {
        points: Vec<OwnedRow>,
    }
    for Series { points } in serde_json::from_slice::<Vec<Series>>(body).unwrap() {
        let rows = points.iter().map(|&(time, sequence_number, ref host, value, idle)| Row {
            time,
            sequence_number,
            host,
            value,
            idle,
        });
        tally.take(points.len(), rows);
    }
}
