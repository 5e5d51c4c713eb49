//! A row as a Rust value.

use std::iter;
use std::slice;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::cell_de::CellDeserializer;
use crate::{RowError, Value};

/// Reads one point as a Rust value.
///
/// - Structs and maps take the cells by column name. Columns that a struct does not know are
///   ignored; a column that is missing is `None` for an `Option`.
/// - Tuples, tuple structs and sequences take the cells by position, all of them.
/// - Null is `None` or `()`. Text may be borrowed, and is also read into enums without data.
/// - An integer is read into a float, rounded to the nearest: servers print `3.0` as `3`.
/// - A float is read into an integer if it is one, without loss: InfluxDB 0.8 answers
///   aggregates of integers as `6e+06` (measured on 0.8.9).
///
/// ```
/// use influx_proto::from_row;
///
/// let columns = ["time".to_owned(), "count".to_owned()];
/// let row = [0.into(), 6e6.into()];
/// assert_eq!(from_row::<(i64, u64)>(&columns, &row)?, (0, 6_000_000));
/// # Ok::<(), influx_proto::RowError>(())
/// ```
///
/// # Errors
///
/// [`RowError`] with the column whose cell does not fit,
/// or without one if the number of cells is wrong.
pub fn from_row<'de, T: Deserialize<'de>>(
    columns: &'de [String],
    row: &'de [Value],
) -> Result<T, RowError> {
    if columns.len() != row.len() {
        return Err(wrong_width(row.len(), columns.len()));
    }
    T::deserialize(RowDeserializer { columns, row })
}

struct RowDeserializer<'de> {
    columns: &'de [String],
    row: &'de [Value],
}

impl<'de> RowDeserializer<'de> {
    fn cells(&self) -> Cells<'de> {
        Cells { cells: iter::zip(self.columns, self.row), current: None }
    }

    fn by_position<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, RowError> {
        visitor.visit_seq(self.cells())
    }
}

impl<'de> Deserializer<'de> for RowDeserializer<'de> {
    type Error = RowError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, RowError> {
        visitor.visit_map(self.cells())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, RowError> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, RowError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, RowError> {
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, RowError> {
        self.by_position(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, RowError> {
        // A visitor takes what it needs; without this check the last cells could get lost.
        if len != self.row.len() {
            return Err(wrong_width(self.row.len(), len));
        }
        self.by_position(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, RowError> {
        self.deserialize_tuple(len, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf unit unit_struct map struct enum identifier
    }
}

/// The cells of a row, with and without their names.
struct Cells<'de> {
    cells: iter::Zip<slice::Iter<'de, String>, slice::Iter<'de, Value>>,
    /// The cell whose name was taken, but not its value.
    current: Option<(&'de String, &'de Value)>,
}

impl<'de> MapAccess<'de> for Cells<'de> {
    type Error = RowError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, RowError> {
        self.current = self.cells.next();
        let Some((column, _)) = self.current else {
            return Ok(None);
        };
        let key = seed.deserialize(BorrowedStrDeserializer::new(column));
        key.map(Some).map_err(|error: RowError| error.in_column(column))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, RowError> {
        let Some((column, value)) = self.current.take() else {
            return Err(de::Error::custom("a value was asked for before its name"));
        };
        seed.deserialize(CellDeserializer(value)).map_err(|error| error.in_column(column))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.cells.len())
    }
}

impl<'de> SeqAccess<'de> for Cells<'de> {
    type Error = RowError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, RowError> {
        let Some((column, value)) = self.cells.next() else {
            return Ok(None);
        };
        let element = seed.deserialize(CellDeserializer(value));
        element.map(Some).map_err(|error| error.in_column(column))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.cells.len())
    }
}

fn wrong_width(found: usize, expected: usize) -> RowError {
    de::Error::custom(format_args!("{found} cells where {expected} were expected"))
}
