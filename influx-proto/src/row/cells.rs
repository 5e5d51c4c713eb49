//! The cells of a row, wherever they are.

use super::cell::Cell;
use crate::Value;

/// The cells of one row.
pub(crate) trait Cells<'de>: Copy {
    /// The number of cells.
    fn len(self) -> usize;

    /// The cell at a position, null behind the last one.
    fn cell(self, index: usize) -> Cell<'de>;

    /// The cell at a position, if it is a signed integer.
    #[inline]
    fn int(self, index: usize) -> Option<i64> {
        match self.cell(index) {
            Cell::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The cell at a position, if it is a double.
    #[inline]
    fn float(self, index: usize) -> Option<f64> {
        match self.cell(index) {
            Cell::Float(value) => Some(value),
            _ => None,
        }
    }
}

impl<'de> Cells<'de> for &'de [Value] {
    fn len(self) -> usize {
        <[Value]>::len(self)
    }

    fn cell(self, index: usize) -> Cell<'de> {
        self.get(index).map(Cell::from).unwrap_or_default()
    }
}
