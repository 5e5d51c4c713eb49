//! The vector behind a column.

use super::column::ColumnValues;
use super::texts::TextBuffer;
use crate::{Cell, Value};

/// Values of one type. See [`ColumnValues`], which is a view of it.
#[derive(Clone, Debug)]
pub(super) enum Values {
    Null(usize),
    Bool(Vec<bool>),
    Int(Vec<i64>),
    UInt(Vec<u64>),
    Float(Vec<f64>),
    Text(TextBuffer),
    Time(Vec<i64>),
    Mixed(Vec<Value>),
}

impl Values {
    /// One of each type, empty, in the order in which they are preferred.
    /// The last one takes every cell.
    pub(super) fn all_types() -> [Self; 7] {
        [
            Self::Bool(Vec::new()),
            Self::Int(Vec::new()),
            Self::UInt(Vec::new()),
            Self::Float(Vec::new()),
            Self::Text(TextBuffer::default()),
            Self::Time(Vec::new()),
            Self::Mixed(Vec::new()),
        ]
    }

    /// Appends a cell, if the type can hold it.
    #[inline]
    pub(super) fn push(&mut self, cell: Cell<'_>) -> bool {
        match (self, cell) {
            (Self::Int(values), Cell::Int(value)) => values.push(value),
            (Self::Float(values), Cell::Float(value)) => values.push(value),
            (Self::Text(texts), Cell::Str(text)) => texts.push(text),
            (Self::Bool(values), Cell::Bool(value)) => values.push(value),
            (Self::UInt(values), Cell::UInt(value)) => values.push(value),
            (Self::Time(values), Cell::Time(time)) => values.push(time.nanos()),
            (values, cell) => return values.push_other(cell),
        }
        true
    }

    /// Appends a null or a cell of another type, if the type can hold it.
    fn push_other(&mut self, cell: Cell<'_>) -> bool {
        match (self, cell) {
            (Self::Null(count), Cell::Null) => *count += 1,
            (Self::Bool(values), Cell::Null) => values.push(false),
            (Self::Int(values) | Self::Time(values), Cell::Null) => values.push(0),
            (Self::UInt(values), Cell::Null) => values.push(0),
            (Self::Float(values), Cell::Null) => values.push(f64::NAN),
            (Self::Text(texts), Cell::Null) => texts.push(""),
            (Self::Mixed(values), cell) => values.push(cell.into()),
            (Self::UInt(values), Cell::Int(value)) => match u64::try_from(value) {
                Ok(value) => values.push(value),
                Err(_) => return false,
            },
            (Self::Float(values), Cell::Int(value)) => return push_exact(values, value.into()),
            (Self::Float(values), Cell::UInt(value)) => return push_exact(values, value.into()),
            _ => return false,
        }
        true
    }

    pub(super) fn clear(&mut self) {
        match self {
            Self::Null(count) => *count = 0,
            Self::Bool(values) => values.clear(),
            Self::Int(values) | Self::Time(values) => values.clear(),
            Self::UInt(values) => values.clear(),
            Self::Float(values) => values.clear(),
            Self::Text(texts) => texts.clear(),
            Self::Mixed(values) => values.clear(),
        }
    }

    pub(super) fn view(&self) -> ColumnValues<'_> {
        match self {
            Self::Null(count) => ColumnValues::Null(*count),
            Self::Bool(values) => ColumnValues::Bool(values),
            Self::Int(values) => ColumnValues::Int(values),
            Self::UInt(values) => ColumnValues::UInt(values),
            Self::Float(values) => ColumnValues::Float(values),
            Self::Text(texts) => ColumnValues::Text(texts.view()),
            Self::Time(values) => ColumnValues::Time(values),
            Self::Mixed(values) => ColumnValues::Mixed(values),
        }
    }
}

impl Default for Values {
    fn default() -> Self {
        Self::Null(0)
    }
}

/// Appends an integer, if it is exact as a double.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "checked by casting back"
)]
fn push_exact(values: &mut Vec<f64>, integer: i128) -> bool {
    let value = integer as f64;
    let is_exact = value as i128 == integer;
    if is_exact {
        values.push(value);
    }
    is_exact
}
