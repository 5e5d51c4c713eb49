//! simd-json. It has no stream and parses in place, so each document is copied first.

use simd_json::Buffers;
use simd_json::prelude::{ValueAsScalar as _, ValueIntoString as _};
use simd_json::tape;

use super::input::Input;
use super::serde::TypedSeries;
use crate::generate::Row;
use crate::tally::Tally;

pub(super) fn tape(input: &Input, tally: &mut Tally) {
    each_document(input, |document, buffers| {
        let tape = simd_json::to_tape_with_buffers(document, buffers).unwrap();
        let series = tape.as_value().as_object().unwrap();
        let points = series.get("points").unwrap().as_array().unwrap();
        tally.take(points.len(), points.iter().map(row));
    });
}

pub(super) fn rows(input: &Input, tally: &mut Tally) {
    each_document(input, |document, buffers| {
        let series: TypedSeries<'_> =
            simd_json::serde::from_slice_with_buffers(document, buffers).unwrap();
        series.count(tally);
    });
}

fn each_document(input: &Input, mut decode: impl FnMut(&mut [u8], &mut Buffers)) {
    let body = input.collect();
    let mut buffers = Buffers::default();
    let mut scratch = Vec::new();
    for document in input.documents(&body) {
        scratch.clear();
        scratch.extend_from_slice(document);
        decode(&mut scratch, &mut buffers);
    }
}

fn row<'a>(row: tape::Value<'a, 'a>) -> Row<'a> {
    let row = row.as_array().unwrap();
    let cell = |index| row.get(index).unwrap();
    Row {
        time: cell(0).as_i64().unwrap(),
        sequence_number: cell(1).as_u64().unwrap(),
        host: cell(2).into_string().unwrap(),
        value: cell(3).cast_f64().unwrap(),
        idle: cell(4).cast_f64().unwrap(),
    }
}
