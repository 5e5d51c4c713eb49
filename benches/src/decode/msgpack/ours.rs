//! `influx_proto`'s decoder, fed with the pieces as they come.

use std::{array, iter};

use influx_proto::Cell;
use influx_proto::decode::{Event, MsgpackDecoder, Row as EventRow};

use crate::decode::input::Input;
use crate::generate::Row;
use crate::tally::Tally;

pub(super) fn cells(input: &Input, tally: &mut Tally) {
    for_each_row(input, |row| {
        // A text is made when it is asked for, so all cells are asked for.
        let mut cells = row.cells();
        let cells: [Cell<'_>; 5] = array::from_fn(|_| cells.next().unwrap());
        tally.take(1, iter::once(cells).map(borrowed_row));
    });
}

pub(super) fn structs(input: &Input, tally: &mut Tally) {
    for_each_row(input, |row| {
        let row: Row<'_> = row.deserialize().unwrap();
        tally.take(1, iter::once(row));
    });
}

fn for_each_row(input: &Input, mut take: impl FnMut(EventRow<'_>)) {
    let mut decoder = MsgpackDecoder::new();
    for piece in input.pieces() {
        decoder.push(piece);
        while let Some(event) = decoder.next_event().unwrap() {
            if let Event::Row(row) = event {
                take(row);
            }
        }
    }
    decoder.finish();
    assert!(decoder.next_event().unwrap().is_none());
}

pub(super) fn borrowed_row(cells: [Cell<'_>; 5]) -> Row<'_> {
    let [time, number, host, value, idle] = cells;
    let time = match time {
        Cell::Time(time) => time.nanos(),
        Cell::Int(time) => time,
        other => panic!("{other:?} is not a time"),
    };
    let (Cell::Int(number), Cell::Str(host)) = (number, host) else { panic!("not a row") };
    let (Cell::Float(value), Cell::Float(idle)) = (value, idle) else { panic!("not a row") };
    Row { time, sequence_number: number.cast_unsigned(), host, value, idle }
}
