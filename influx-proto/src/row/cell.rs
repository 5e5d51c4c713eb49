//! One cell, borrowed.

use crate::{Time, Value};

/// One cell of a row, borrowed from where it was read: a [`Value`] without memory of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Cell<'a> {
    /// No value.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An unsigned integer above [`i64::MAX`].
    UInt(u64),
    /// A double.
    Float(f64),
    /// A moment.
    Time(Time),
    /// A text.
    Str(&'a str),
}

impl<'a> From<&'a Value> for Cell<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(value) => Self::Int(*value),
            Value::UInt(value) => Self::UInt(*value),
            Value::Float(value) => Self::Float(*value),
            Value::String(value) => Self::Str(value),
            Value::Time(time) => Self::Time(*time),
        }
    }
}

impl From<Cell<'_>> for Value {
    fn from(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Bool(value) => Self::Bool(value),
            Cell::Int(value) => Self::Int(value),
            Cell::UInt(value) => Self::UInt(value),
            Cell::Float(value) => Self::Float(value),
            Cell::Str(value) => Self::String(value.to_owned()),
            Cell::Time(time) => Self::Time(time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_and_values_are_the_same() {
        for value in [
            Value::Null,
            Value::Bool(true),
            Value::Int(-1),
            Value::UInt(u64::MAX),
            Value::Float(0.5),
            Value::from("text"),
            Value::Time(Time::from_nanos(1)),
        ] {
            assert_eq!(Value::from(Cell::from(&value)), value);
        }
    }
}
