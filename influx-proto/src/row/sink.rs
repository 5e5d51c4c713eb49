//! Where the cells of a row go.

use serde::ser;

use crate::{Cell, RowError, Value};

/// Where the cells of a row go.
pub(crate) trait RowSink {
    type Error: ser::Error + From<RowError>;

    /// Says how many columns will follow.
    fn begin(&mut self, _columns: usize) {}

    /// Begins the cell of a struct's field.
    fn column(&mut self, name: &'static str) -> Result<(), Self::Error>;

    /// Begins the cell of a map's key.
    fn map_column(&mut self, _name: String) -> Result<(), Self::Error> {
        Err(RowError::of_row("only a struct is a row").into())
    }

    /// A struct's field that serde leaves out.
    fn skip(&mut self, name: &'static str) -> Result<(), Self::Error> {
        self.column(name)?;
        self.cell(Cell::Null)
    }

    /// Writes the cell that was begun.
    fn cell(&mut self, cell: Cell<'_>) -> Result<(), Self::Error>;

    /// Names the column whose cell was begun, unless the error names one.
    fn locate(&self, error: Self::Error) -> Self::Error;
}

/// A cell as a value that keeps its text.
pub(super) fn owned(cell: Cell<'_>) -> Value {
    match cell {
        Cell::UInt(value) => value.into(),
        cell => cell.into(),
    }
}
