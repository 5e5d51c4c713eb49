//! The serializer of one row and of its cells.

use std::fmt;

use serde::ser::{self, Impossible, Serialize, SerializeStruct, Serializer};
use thiserror::Error;

use super::error::LineEncodeError;
use super::rows::Table;
use super::value::FieldValue;
use crate::row::scalars_only;

/// Why serialization stopped.
#[derive(Debug, Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Line(#[from] LineEncodeError),
    #[error("{0}")]
    Message(String),
}

impl ser::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Message(message.to_string())
    }
}

/// The fields of the struct that is a row.
pub(super) struct RowSerializer<'c, 't> {
    table: &'c mut Table<'t>,
    /// Where the next column is expected.
    expected: usize,
}

impl SerializeStruct for RowSerializer<'_, '_> {
    type Ok = ();
    type Error = Failure;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        let column = self.table.position(key, self.expected)?;
        self.expected = column + 1;
        value
            .serialize(CellSerializer { table: self.table, column: Some(column) })
            .map_err(|failure| self.table.error(Some(column), failure).into())
    }

    fn skip_field(&mut self, key: &'static str) -> Result<(), Failure> {
        self.expected = self.table.position(key, self.expected)? + 1;
        Ok(())
    }

    fn end(self) -> Result<(), Failure> {
        Ok(())
    }
}

/// One cell, or the row as a whole if there is no column yet.
pub(super) struct CellSerializer<'c, 't> {
    pub(super) table: &'c mut Table<'t>,
    pub(super) column: Option<usize>,
}

impl CellSerializer<'_, '_> {
    #[inline]
    fn write<'v>(self, value: impl Into<FieldValue<'v>>) -> Result<(), Failure> {
        let Table { columns, writer, .. } = self.table;
        match self.column.and_then(|index| columns.get(index)) {
            Some(column) => Ok(writer.cell(column, &value.into())?),
            None => Err(self.unsupported()),
        }
    }

    fn unsupported(&self) -> Failure {
        Failure::Message(match self.column {
            Some(_) => "is no number, boolean or text".to_owned(),
            None => "is no struct with named fields".to_owned(),
        })
    }
}

/// Methods for values that become a cell.
macro_rules! cells {
    ($($method:ident($value:ty);)*) => {$(
        #[inline]
        fn $method(self, value: $value) -> Result<(), Failure> {
            self.write(value)
        }
    )*};
}

impl<'c, 't> Serializer for CellSerializer<'c, 't> {
    type Ok = ();
    type Error = Failure;
    type SerializeSeq = Impossible<(), Failure>;
    type SerializeTuple = Impossible<(), Failure>;
    type SerializeTupleStruct = Impossible<(), Failure>;
    type SerializeTupleVariant = Impossible<(), Failure>;
    type SerializeMap = Impossible<(), Failure>;
    type SerializeStruct = RowSerializer<'c, 't>;
    type SerializeStructVariant = Impossible<(), Failure>;

    cells! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_str(&str);
    }

    scalars_only!();

    fn serialize_unit(self) -> Result<(), Failure> {
        if self.column.is_some() { Ok(()) } else { Err(self.unsupported()) }
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<RowSerializer<'c, 't>, Failure> {
        match self.column {
            None => Ok(RowSerializer { table: self.table, expected: 0 }),
            Some(_) => Err(self.unsupported()),
        }
    }
}
