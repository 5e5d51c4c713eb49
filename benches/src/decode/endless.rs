//! One document of 2 GiB, never in memory as a whole: it is written and decoded in pieces of 16 KiB.
//!
//! No peer takes part: each of them needs the whole document at once.

use std::hint::black_box;

use influx_proto::Cell;
use influx_proto::decode::{Event, Row, SeriesDecoder};

use crate::alloc;
use crate::harness::Kind::{Limit, Ours};
use crate::harness::{Case, Contender, Pass, Scale, Workload};

pub(super) fn workload() -> Workload {
    Workload { name: "proto/decode/cells/2GiB".to_owned(), build: Box::new(case) }
}

fn case(scale: Scale) -> Case {
    let bytes: usize = match scale {
        Scale::Full => 2 << 30,
        Scale::Small => 64 << 20,
    };
    let rows = (bytes / ROW_LEN) as u64;
    let writing = move |_| {
        let mut document = Document::new(rows);
        while let Some(piece) = document.next_piece() {
            black_box(piece);
        }
    };
    let decoding = move |pass| match pass {
        Pass::Timed => assert_eq!(decode(rows).rows, rows),
        Pass::Checked => {
            let peak = alloc::count(|| assert_eq!(decode(rows), Sums::of(rows))).peak;
            // The first piece and row are the document's own.
            let most = 2 * (PIECE_LEN + ROW_LEN) + (64 << 10);
            assert!(peak <= most, "{peak} bytes were held, more than {most}");
        }
    };
    let contenders = vec![
        Contender { kind: Limit, name: "writing the document", pass: Box::new(writing) },
        Contender {
            kind: Ours,
            name: "SeriesDecoder, Cell, and writing",
            pass: Box::new(decoding),
        },
    ];
    Case { bytes, points: bytes / ROW_LEN, contenders }
}

fn decode(rows: u64) -> Sums {
    let mut document = Document::new(rows);
    let mut decoder = SeriesDecoder::new();
    let mut sums = Sums::default();
    while let Some(piece) = document.next_piece() {
        decoder.push(piece);
        while let Some(event) = decoder.next_event().unwrap() {
            if let Event::Row(row) = event {
                sums.add(&row);
            }
        }
    }
    decoder.finish();
    assert!(decoder.next_event().unwrap().is_none());
    sums
}

/// The sums over the cells of all rows.
#[derive(Debug, Default, PartialEq)]
struct Sums {
    rows: u64,
    times: u64,
    numbers: u64,
    hosts: u64,
    /// Exact, since every value is a number of quarters.
    values: f64,
}

impl Sums {
    /// The expected sums.
    fn of(rows: u64) -> Self {
        // The sum of the rows' indices modulo `count`.
        let modulo = |count: u64| {
            let (rounds, rest) = (rows / count, rows % count);
            rounds * (count * (count - 1) / 2) + rest * rest.saturating_sub(1) / 2
        };
        Self {
            rows,
            times: rows.wrapping_mul(FIRST_TIME).wrapping_add(modulo(rows)),
            numbers: rows.wrapping_mul(FIRST_NUMBER).wrapping_add(modulo(rows)),
            hosts: modulo(HOSTS),
            values: (rows * FIRST_QUARTER + modulo(QUARTERS)) as f64 / 4.0,
        }
    }

    fn add(&mut self, row: &Row<'_>) {
        let mut cells = row.cells();
        let mut next = || cells.next().unwrap();
        let (Cell::Int(time), Cell::Int(number)) = (next(), next()) else { panic!("no integers") };
        let (Cell::Str(host), Cell::Float(value)) = (next(), next()) else { panic!("no text") };
        let digits = host.strip_prefix("server").unwrap().bytes();
        self.rows += 1;
        self.times = self.times.wrapping_add(time.cast_unsigned());
        self.numbers = self.numbers.wrapping_add(number.cast_unsigned());
        self.hosts += digits.fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
        self.values += value;
    }
}

/// Writes the document piece by piece.
struct Document {
    rows: u64,
    written: u64,
    is_closed: bool,
    /// The piece that was handed out last, and the beginning of the next one.
    text: Vec<u8>,
    handed_out: usize,
}

impl Document {
    fn new(rows: u64) -> Self {
        let mut text = Vec::with_capacity(PIECE_LEN + ROW_LEN);
        text.extend_from_slice(
            br#"{"name":"cpu","columns":["time","sequence_number","host","value"],"points":["#,
        );
        Self { rows, written: 0, is_closed: false, text, handed_out: 0 }
    }

    fn next_piece(&mut self) -> Option<&[u8]> {
        self.text.drain(..self.handed_out);
        while self.text.len() < PIECE_LEN && self.written < self.rows {
            self.write_row();
        }
        if self.written == self.rows && !self.is_closed {
            self.text.extend_from_slice(b"]}");
            self.is_closed = true;
        }
        self.handed_out = self.text.len().min(PIECE_LEN);
        (self.handed_out > 0).then(|| &self.text[..self.handed_out])
    }

    fn write_row(&mut self) {
        let index = self.written;
        let quarter = FIRST_QUARTER + index % QUARTERS;
        let host = index % HOSTS;
        self.text.extend_from_slice(if index == 0 { b"[" } else { b",[" });
        let mut write = |number: u64, behind: &str| {
            self.text.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            self.text.extend_from_slice(behind.as_bytes());
        };
        write(FIRST_TIME + index, ",");
        write(FIRST_NUMBER + index, if host < 10 { ",\"server0" } else { ",\"server" });
        write(host, "\",");
        write(quarter / 4, [".00]", ".25]", ".50]", ".75]"][usize::try_from(quarter % 4).unwrap()]);
        self.written += 1;
    }
}

const PIECE_LEN: usize = 16 << 10;

/// Every row is as long as this one.
const ROW_LEN: usize = br#",[1400000000000,1000000000,"server00",1000.00]"#.len();
const FIRST_TIME: u64 = 1_400_000_000_000;
const FIRST_NUMBER: u64 = 1_000_000_000;
const HOSTS: u64 = 64;
const FIRST_QUARTER: u64 = 4_000;
const QUARTERS: u64 = 36_000;
