//! One column of a batch.

use super::texts::Texts;
use crate::{Cell, Time, Value};

/// One column of a batch: its values and which of them are null.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column<'a> {
    pub(super) values: ColumnValues<'a>,
    pub(super) validity: Option<&'a [bool]>,
}

/// The values of a column, one for each row.
///
/// A null has a value, too: `false`, zero, an empty text or, among doubles, not a number.
/// [`Column::validity`] tells it from others.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ColumnValues<'a> {
    /// Nulls only, by their number.
    Null(usize),
    /// Truth values.
    Bool(&'a [bool]),
    /// Signed integers.
    Int(&'a [i64]),
    /// Integers of which one is above [`i64::MAX`] and none is negative.
    UInt(&'a [u64]),
    /// Doubles, and integers that are exact as doubles.
    Float(&'a [f64]),
    /// Texts.
    Text(Texts<'a>),
    /// Times, in nanoseconds since 1970.
    Time(&'a [i64]),
    /// Values without a common type: texts beside numbers, times beside integers, or doubles
    /// beside integers of more than 53 bits.
    Mixed(&'a [Value]),
}

impl<'a> Column<'a> {
    /// The values.
    pub fn values(&self) -> ColumnValues<'a> {
        self.values
    }

    /// For each row whether it has a value, `false` for a null. `None` if there are no nulls.
    pub fn validity(&self) -> Option<&'a [bool]> {
        self.validity
    }

    /// The cell of a row, in the type of the column.
    pub fn cell(&self, row: usize) -> Option<Cell<'a>> {
        if self.validity.and_then(|validity| validity.get(row)) == Some(&false) {
            return Some(Cell::Null);
        }
        match self.values {
            ColumnValues::Null(count) => (row < count).then_some(Cell::Null),
            ColumnValues::Bool(values) => values.get(row).copied().map(Cell::Bool),
            ColumnValues::Int(values) => values.get(row).copied().map(Cell::Int),
            // An integer that fits into a signed one is one everywhere else.
            ColumnValues::UInt(values) => values
                .get(row)
                .map(|value| i64::try_from(*value).map_or(Cell::UInt(*value), Cell::Int)),
            ColumnValues::Float(values) => values.get(row).copied().map(Cell::Float),
            ColumnValues::Text(texts) => texts.get(row).map(Cell::Str),
            ColumnValues::Time(nanos) => {
                nanos.get(row).map(|nanos| Cell::Time(Time::from_nanos(*nanos)))
            }
            ColumnValues::Mixed(values) => values.get(row).map(Cell::from),
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        match self.values {
            ColumnValues::Null(count) => count,
            ColumnValues::Bool(values) => values.len(),
            ColumnValues::Int(values) | ColumnValues::Time(values) => values.len(),
            ColumnValues::UInt(values) => values.len(),
            ColumnValues::Float(values) => values.len(),
            ColumnValues::Text(texts) => texts.len(),
            ColumnValues::Mixed(values) => values.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
