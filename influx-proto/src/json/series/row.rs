//! One row, lent by the decoder.

use serde::de::Deserialize;

use super::cells::RowCells;
use super::event::SeriesHead;
use crate::row::Plan;
use crate::{Cell, RowError};

/// One row of a series, which has as many cells as the series has columns.
#[derive(Debug)]
pub struct Row<'a> {
    pub(super) head: &'a SeriesHead,
    pub(super) cells: RowCells<'a>,
    pub(super) plan: &'a mut Plan,
}

impl<'a> Row<'a> {
    /// The names of the columns.
    pub fn columns(&self) -> &'a [String] {
        self.head.columns()
    }

    /// The cells, in the order of the columns. A [`ColumnBatch`](crate::ColumnBatch) makes arrays
    /// of them.
    #[inline]
    pub fn cells(&self) -> impl ExactSizeIterator<Item = Cell<'a>> + use<'a> {
        self.cells.iter()
    }

    /// The row as a Rust value: a struct or map by column name, a tuple or sequence by position.
    /// See [`from_row`](crate::from_row) for what fits what. Texts may be borrowed, with or
    /// without escapes.
    ///
    /// The place of a struct's fields is found once for all rows with the same columns.
    ///
    /// # Errors
    ///
    /// [`RowError`] with the column whose cell does not fit, or without one if the number of
    /// cells is wrong. The decoder goes on with the next row.
    #[inline]
    pub fn deserialize<T: Deserialize<'a>>(self) -> Result<T, RowError> {
        self.plan.read(self.head.columns(), self.cells)
    }
}
