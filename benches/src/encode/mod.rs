//! Encoding write requests, in bodies of 5,000 points, into memory that is used again.

mod json;
mod line;
mod points;

use std::hint::black_box;

use crate::harness::Kind::Limit;
use crate::harness::{Contender, Workload};

pub(crate) fn workloads() -> impl Iterator<Item = Workload> {
    [
        Workload { name: "proto/encode/json".to_owned(), build: Box::new(json::case) },
        Workload { name: "proto/encode/line".to_owned(), build: Box::new(line::case) },
        Workload { name: "proto/encode/points".to_owned(), build: Box::new(points::case) },
    ]
    .into_iter()
}

/// The points of one body.
const BATCH: usize = 5_000;

/// Writes the numbers of every point and nothing else.
fn numbers_limit<T: 'static>(
    points: Vec<T>,
    write: impl Fn(&T, &mut Vec<u8>) + 'static,
) -> Contender {
    let mut out = Vec::new();
    let pass = move |_| {
        for batch in points.chunks(BATCH) {
            out.clear();
            for point in batch {
                write(point, &mut out);
            }
            black_box(&out);
        }
    };
    Contender { kind: Limit, name: "formatting the numbers alone", pass: Box::new(pass) }
}

fn push_int(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

fn push_float(value: f64, out: &mut Vec<u8>) {
    out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
}
