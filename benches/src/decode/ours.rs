//! `influx_proto`'s decoders, fed with the pieces as they come.

use std::array;
use std::iter;

use influx_proto::decode::{ChunkDecoder, Event, Row as EventRow, SeriesDecoder};
use influx_proto::{Cell, ColumnBatch, ColumnValues, Series, Value};

use super::input::Input;
use super::serde::TypedSeries;
use crate::generate::{COLUMNS, Row};
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

pub(super) fn rows_cells(input: &Input, tally: &mut Tally) {
    for_each_row(input, |row| {
        // A text is made when it is asked for, so all cells are asked for.
        let mut cells = row.cells();
        let cells: [Cell<'_>; 5] = array::from_fn(|_| cells.next().unwrap());
        tally.take(1, iter::once(cells).map(borrowed_row));
    });
}

pub(super) fn rows_struct(input: &Input, tally: &mut Tally) {
    for_each_row(input, |row| {
        let row: Row<'_> = row.deserialize().unwrap();
        tally.take(1, iter::once(row));
    });
}

pub(super) fn columns(input: &Input, tally: &mut Tally) {
    let mut decoder = SeriesDecoder::new();
    let mut batch = ColumnBatch::new(COLUMNS);
    for piece in input.pieces() {
        decoder.push(piece);
        while let Some(event) = decoder.next_event().unwrap() {
            match event {
                Event::Row(row) => batch.push(row.cells()).unwrap(),
                Event::End { .. } => {
                    tally.take(batch.len(), batch_rows(&batch));
                    batch.clear();
                }
                _ => {}
            }
        }
    }
}

fn for_each_row(input: &Input, mut take: impl FnMut(EventRow<'_>)) {
    let mut decoder = SeriesDecoder::new();
    for piece in input.pieces() {
        decoder.push(piece);
        while let Some(event) = decoder.next_event().unwrap() {
            if let Event::Row(row) = event {
                take(row);
            }
        }
    }
}

fn borrowed_row(cells: [Cell<'_>; 5]) -> Row<'_> {
    let [time, sequence_number, host, value, idle] = cells;
    let (Cell::Int(time), Cell::Int(sequence_number), Cell::Str(host)) =
        (time, sequence_number, host)
    else {
        panic!("not a row");
    };
    let [value, idle] = [value, idle].map(|cell| Value::from(cell).as_f64().unwrap());
    Row { time, sequence_number: sequence_number.cast_unsigned(), host, value, idle }
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

fn batch_rows(batch: &ColumnBatch) -> impl Iterator<Item = Row<'_>> {
    (0..batch.len()).map(|index| {
        let [time, sequence_number, host, value, idle] =
            array::from_fn(|column| batch.column(column).unwrap());
        let (ColumnValues::Int(time), ColumnValues::Int(sequence_number), ColumnValues::Text(host)) =
            (time.values(), sequence_number.values(), host.values())
        else {
            panic!("not these columns");
        };
        let (ColumnValues::Float(value), ColumnValues::Float(idle)) =
            (value.values(), idle.values())
        else {
            panic!("not these columns");
        };
        Row {
            time: time[index],
            sequence_number: sequence_number[index].cast_unsigned(),
            host: host.get(index).unwrap(),
            value: value[index],
            idle: idle[index],
        }
    })
}
