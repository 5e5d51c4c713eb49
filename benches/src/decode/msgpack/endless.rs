//! One document of 100 MB, never in memory as a whole: it is written and decoded in pieces of
//! 16 KiB. No peer takes part: each of them needs the whole document at once.

use std::array;
use std::hint::black_box;

use influx_proto::decode::{Event, MsgpackDecoder};
use rmp::encode::{write_f64, write_str};

use super::answer;
use super::ours::borrowed_row;
use crate::alloc;
use crate::generate::{COLUMNS, Row};
use crate::harness::Kind::{Limit, Ours};
use crate::harness::{Case, Contender, Pass, Scale, Workload};

const PIECE_LEN: usize = 16 << 10;
/// Of every row.
const ROW_LEN: usize = 1 + 9 + 9 + 9 + 9 + 9;
const HOSTS: [&str; 4] = ["server00", "server01", "server02", "sérver3"];

pub(super) fn workload() -> Workload {
    Workload { name: "proto/decode/msgpack/cells/100MB".to_owned(), build: Box::new(case) }
}

fn case(scale: Scale) -> Case {
    let bytes: usize = match scale {
        Scale::Full => 100_000_000,
        Scale::Small => 10_000_000,
    };
    let rows = bytes / ROW_LEN;
    let writing = move |_| {
        let mut document = Document::new(rows);
        while let Some(piece) = document.next_piece() {
            black_box(piece);
        }
    };
    let decoding = move |pass| match pass {
        Pass::Timed => assert_eq!(decode(rows, |_, _| ()), rows),
        Pass::Checked => {
            let peak = alloc::count(|| assert_eq!(decode(rows, check), rows)).peak;
            // The first piece and row are the document's own.
            let most = 2 * (PIECE_LEN + ROW_LEN) + (64 << 10);
            assert!(peak <= most, "{peak} bytes were held, more than {most}");
        }
    };
    let contenders = vec![
        Contender { kind: Limit, name: "writing the document", pass: Box::new(writing) },
        Contender {
            kind: Ours,
            name: "MsgpackDecoder, Cell, and writing",
            pass: Box::new(decoding),
        },
    ];
    Case { bytes, points: rows, contenders }
}

fn decode(rows: usize, take: fn(usize, Row<'_>)) -> usize {
    let mut document = Document::new(rows);
    let mut decoder = MsgpackDecoder::new();
    let mut found = 0;
    while let Some(piece) = document.next_piece() {
        decoder.push(piece);
        while let Some(event) = decoder.next_event().unwrap() {
            if let Event::Row(row) = event {
                let mut cells = row.cells();
                take(found, black_box(borrowed_row(array::from_fn(|_| cells.next().unwrap()))));
                found += 1;
            }
        }
    }
    decoder.finish();
    assert!(decoder.next_event().unwrap().is_none());
    found
}

/// The row of this index.
fn row(index: usize) -> Row<'static> {
    let number = index as u64;
    Row {
        time: 1_400_000_000_000_000_000 + number.cast_signed(),
        sequence_number: (1 << 40) + number,
        host: HOSTS[index % HOSTS.len()],
        value: index as f64 / 4.0,
        idle: -0.0,
    }
}

fn check(index: usize, found: Row<'_>) {
    let bits =
        |row: Row<'_>| (row.time, row.sequence_number, row.value.to_bits(), row.idle.to_bits());
    let expected = row(index);
    assert_eq!((found.host, bits(found)), (expected.host, bits(expected)));
}

/// Writes the document piece by piece.
struct Document {
    rows: usize,
    written: usize,
    /// The piece that was handed out last, and the beginning of the next one.
    bytes: Vec<u8>,
    handed_out: usize,
}

impl Document {
    fn new(rows: usize) -> Self {
        let mut bytes = Vec::with_capacity(PIECE_LEN + ROW_LEN);
        answer::begin(&mut bytes, rows, false);
        Self { rows, written: 0, bytes, handed_out: 0 }
    }

    fn next_piece(&mut self) -> Option<&[u8]> {
        self.bytes.drain(..self.handed_out);
        while self.bytes.len() < PIECE_LEN && self.written < self.rows {
            let row = row(self.written);
            answer::array(&mut self.bytes, COLUMNS.len());
            answer::int(&mut self.bytes, row.time);
            answer::int(&mut self.bytes, row.sequence_number.cast_signed());
            write_str(&mut self.bytes, row.host).unwrap();
            write_f64(&mut self.bytes, row.value).unwrap();
            write_f64(&mut self.bytes, row.idle).unwrap();
            self.written += 1;
        }
        self.handed_out = self.bytes.len().min(PIECE_LEN);
        (self.handed_out > 0).then(|| &self.bytes[..self.handed_out])
    }
}
