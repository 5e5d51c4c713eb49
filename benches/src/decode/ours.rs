//! `influx_proto`'s decoders, fed with the pieces as they come.

use influx_proto::json::ChunkDecoder;
use influx_proto::{Series, Value};

use super::input::Input;
use super::serde::TypedSeries;
use crate::generate::Row;
use crate::tally::Tally;

pub(super) fn chunks_cells(input: &Input, tally: &mut Tally) {
    let mut decoder = ChunkDecoder::new();
    for piece in input.pieces() {
        decoder.push(piece);
        while let Some(series) = decoder.next_value::<Series>().unwrap() {
            tally.take(series.len(), series.points().map(row));
        }
    }
}

pub(super) fn chunks_struct(input: &Input, tally: &mut Tally) {
    let mut decoder = ChunkDecoder::new();
    for piece in input.pieces() {
        decoder.push(piece);
        while let Some(series) = decoder.next_value::<TypedSeries<'_>>().unwrap() {
            series.count(tally);
        }
    }
}

fn row(cells: &[Value]) -> Row<'_> {
    Row {
        time: cells[0].as_i64().unwrap(),
        sequence_number: cells[1].as_u64().unwrap(),
        host: cells[2].as_str().unwrap(),
        value: cells[3].as_f64().unwrap(),
        idle: cells[4].as_f64().unwrap(),
    }
}
