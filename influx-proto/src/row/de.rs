//! A row as a Rust value.

use std::cell::Cell as Slot;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::cell_de::CellDeserializer;
use super::cells::Cells;
use super::failure::Failure;
use super::order::Fields;
use crate::{RowError, Value};

/// Reads one point as a Rust value.
///
/// - Structs and maps take the cells by column name. Columns that a struct does not know are
///   ignored; a column that is missing is `None` for an `Option`.
/// - Tuples, tuple structs and sequences take the cells by position, all of them.
/// - Null is `None` or `()`. Text may be borrowed, and is also read into enums without data.
/// - An integer is read into a float, rounded to the nearest: servers print `3.0` as `3`.
/// - A float is read into an integer if it is one, without loss: servers may answer aggregates of
///   integers as `6e+06` (measured on InfluxDB 0.8.9).
/// - A time is read into [`Time`](crate::Time), an integer (nanoseconds since 1970), a
///   [`SystemTime`](std::time::SystemTime), or any type that serde reads from RFC 3339 text.
///   A text in RFC 3339 is also read into `Time` and `SystemTime`. A type that takes any value,
///   such as [`Value`], gets the nanoseconds.
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
        return Err(wrong_width(row.len(), columns.len()).into());
    }
    Ok(T::deserialize(RowDeserializer { columns, cells: row, fields: &Slot::new(None) })?)
}

/// One row, by the names of its columns. It has as many cells as columns.
pub(super) struct RowDeserializer<'de, 'plan, C> {
    pub(super) columns: &'de [String],
    pub(super) cells: C,
    /// Takes the names of the fields, if the value is a struct.
    pub(super) fields: &'plan Slot<Option<Fields>>,
}

impl<'de, C: Cells<'de>> RowDeserializer<'de, '_, C> {
    fn named_cells(&self) -> NamedCells<'de, C> {
        NamedCells { columns: self.columns, cells: self.cells, next: 0 }
    }

    fn by_position<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_seq(self.named_cells())
    }
}

impl<'de, C: Cells<'de>> Deserializer<'de> for RowDeserializer<'de, '_, C> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_map(self.named_cells())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.by_position(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        // A visitor takes as many as it needs; without this check the last cells could get lost.
        let found = self.cells.tokens().len();
        if len != found {
            return Err(wrong_width(found, len));
        }
        self.by_position(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: Fields,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.fields.set(Some(fields));
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf unit unit_struct map enum identifier
    }
}

/// The cells of a row, with and without their names.
struct NamedCells<'de, C> {
    columns: &'de [String],
    cells: C,
    /// The position of the next cell. Its name may have been taken.
    next: usize,
}

impl<'de, C: Cells<'de>> NamedCells<'de, C> {
    fn take_cell<T: DeserializeSeed<'de>>(
        &mut self,
        column: &str,
        seed: T,
    ) -> Result<T::Value, Failure> {
        let Some(token) = self.cells.tokens().get(self.next) else {
            return Err(wrong_width(self.next, self.columns.len()));
        };
        self.next += 1;
        let cell = CellDeserializer::<_, Failure>::new(self.cells, token);
        seed.deserialize(cell).map_err(|error| error.in_column(column))
    }
}

impl<'de, C: Cells<'de>> MapAccess<'de> for NamedCells<'de, C> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Failure> {
        let Some(column) = self.columns.get(self.next) else {
            return Ok(None);
        };
        let key = seed.deserialize(BorrowedStrDeserializer::new(column));
        key.map(Some).map_err(|error: Failure| error.in_column(column))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Failure> {
        let Some(column) = self.columns.get(self.next) else {
            return Err(de::Error::custom("a value was asked for before its name"));
        };
        self.take_cell(column, seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.columns.len().saturating_sub(self.next))
    }
}

impl<'de, C: Cells<'de>> SeqAccess<'de> for NamedCells<'de, C> {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Failure> {
        let Some(column) = self.columns.get(self.next) else {
            return Ok(None);
        };
        self.take_cell(column, seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.columns.len().saturating_sub(self.next))
    }
}

fn wrong_width(found: usize, expected: usize) -> Failure {
    de::Error::custom(format_args!("{found} cells where {expected} were expected"))
}
