//! Counts decoded rows; in a checked pass it also sums up what they hold.

use std::hint::black_box;

use crate::generate::{Point, Row};
use crate::harness::Pass;

pub(crate) struct Tally {
    pass: Pass,
    rows: usize,
    checksum: u64,
}

impl Tally {
    pub(crate) fn new(pass: Pass) -> Self {
        Self { pass, rows: 0, checksum: 0 }
    }

    /// The rows that a decoder must find.
    pub(crate) fn of(points: &[Point]) -> Self {
        let mut tally = Self::new(Pass::Checked);
        tally.take(points.len(), points.iter().map(Point::row));
        tally
    }

    /// Takes `count` decoded rows. In a timed pass the iterator is not run: the rows were made,
    /// and their use costs all contenders the same.
    pub(crate) fn take<'a>(&mut self, count: usize, rows: impl Iterator<Item = Row<'a>>) {
        let rows = black_box(rows);
        self.rows += count;
        if self.pass == Pass::Checked {
            let before = self.checksum;
            let found = rows.map(|row| self.add(&row)).count();
            assert_eq!(found, count, "rows, after the checksum {before}");
        }
    }

    /// Panics if the rows are not the expected ones, bit by bit in a checked pass.
    pub(crate) fn verify(&self, expected: &Self) {
        assert_eq!(self.rows, expected.rows, "rows");
        if self.pass == Pass::Checked {
            assert_eq!(self.checksum, expected.checksum, "the checksum of the rows");
        }
    }

    fn add(&mut self, row: &Row<'_>) {
        let numbers = [
            row.time.cast_unsigned(),
            row.sequence_number,
            row.value.to_bits(),
            row.idle.to_bits(),
            row.host.len() as u64,
        ];
        let words = numbers.into_iter().chain(row.host.bytes().map(u64::from));
        for word in words {
            // An odd factor keeps every bit, the rotation lets the order matter.
            self.checksum =
                (self.checksum.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
    }
}
