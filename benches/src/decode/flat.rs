//! Dynamic cells with borrowed strings, one vector a document: the best there is on top of serde.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};

use super::msgpack::{Nanos, TimeVisitor};
use crate::generate::Row;

#[derive(Deserialize)]
pub(super) struct FlatSeries<'a> {
    #[serde(borrow)]
    columns: Vec<&'a str>,
    #[serde(borrow, rename = "points", alias = "values", deserialize_with = "flatten")]
    cells: Vec<Cell<'a>>,
}

impl FlatSeries<'_> {
    pub(super) fn len(&self) -> usize {
        self.cells.len() / self.columns.len()
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.cells.chunks_exact(self.columns.len()).map(|cells| Row {
            time: cells[0].as_u64().cast_signed(),
            sequence_number: cells[1].as_u64(),
            host: cells[2].as_str(),
            value: cells[3].as_f64(),
            idle: cells[4].as_f64(),
        })
    }
}

#[derive(Debug)]
enum Cell<'a> {
    Null,
    #[expect(dead_code, reason = "no column here holds truth values, but a cell must be able to")]
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    String(Cow<'a, str>),
}

impl Cell<'_> {
    fn as_u64(&self) -> u64 {
        match *self {
            Self::UInt(value) => value,
            Self::Int(value) => value.cast_unsigned(),
            _ => panic!("{self:?} is not an integer"),
        }
    }

    fn as_f64(&self) -> f64 {
        match *self {
            Self::Float(value) => value,
            Self::UInt(value) => value as f64,
            Self::Int(value) => value as f64,
            Self::Bool(_) | Self::Null | Self::String(_) => panic!("{self:?} is not a number"),
        }
    }

    fn as_str(&self) -> &str {
        match self {
            Self::String(value) => value,
            _ => panic!("{self:?} is not a text"),
        }
    }
}

fn flatten<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Cell<'de>>, D::Error> {
    deserializer.deserialize_seq(RowsVisitor)
}

struct RowsVisitor;

impl<'de> Visitor<'de> for RowsVisitor {
    type Value = Vec<Cell<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Self::Value, A::Error> {
        let mut cells = Vec::new();
        while rows.next_element_seed(RowSeed(&mut cells))?.is_some() {}
        Ok(cells)
    }
}

struct RowSeed<'c, 'de>(&'c mut Vec<Cell<'de>>);

impl<'de> DeserializeSeed<'de> for RowSeed<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<(), A::Error> {
        while let Some(cell) = row.next_element()? {
            self.0.push(cell);
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Cell<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a null, boolean, number or string")
    }

    fn visit_unit<E>(self) -> Result<Cell<'de>, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Cell<'de>, E> {
        Ok(Cell::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Cell<'de>, E> {
        Ok(Cell::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Cell<'de>, E> {
        Ok(Cell::UInt(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Cell<'de>, E> {
        Ok(Cell::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Cell<'de>, E> {
        Ok(Cell::String(Cow::Owned(value.to_owned())))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Cell<'de>, E> {
        Ok(Cell::String(Cow::Borrowed(value)))
    }

    /// A time of MessagePack; JSON has none.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, time: D) -> Result<Cell<'de>, D::Error> {
        time.deserialize_any(TimeVisitor).map(|Nanos(time)| Cell::Int(time))
    }
}
