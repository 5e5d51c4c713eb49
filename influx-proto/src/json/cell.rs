//! The serializer of one row and of its cells.

#![expect(clippy::inline_always, reason = "a call would move a large result through memory")]

use std::fmt;

use serde::ser::{self, Impossible, Serialize, SerializeStruct, Serializer};
use thiserror::Error;

use super::encode::NonFinite;
use super::number_text::{write_finite, write_i64, write_u64};
use super::rows::Table;
use super::write::write_string;
use crate::row::scalars_only;
use crate::{EncodeError, RowError, SeriesError};

/// Why serialization stopped.
#[derive(Debug, Error)]
pub(super) enum Failure {
    #[error("not finite")]
    NonFinite { column: &'static str, value: f64 },
    #[error(transparent)]
    Row(#[from] RowError),
}

impl Failure {
    #[cold]
    pub(super) fn into_error(self, series: &str, point: usize) -> EncodeError {
        let series = series.to_owned();
        match self {
            Self::NonFinite { column, value } => {
                EncodeError::NonFinite { series, point, column: column.to_owned(), value }
            }
            Self::Row(source) => SeriesError::Row { series, point, source }.into(),
        }
    }

    #[cold]
    fn in_column(self, column: &str) -> Self {
        match self {
            Self::Row(error) => Self::Row(error.in_column(column)),
            failure @ Self::NonFinite { .. } => failure,
        }
    }
}

impl ser::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Row(ser::Error::custom(message))
    }
}

/// The fields of the struct that is a row.
pub(super) struct RowSerializer<'c, 't> {
    table: &'c mut Table<'t>,
}

impl SerializeStruct for RowSerializer<'_, '_> {
    type Ok = ();
    type Error = Failure;

    #[inline(always)]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        self.table.begin_cell(key)?;
        value
            .serialize(CellSerializer { table: self.table, column: Some(key) })
            .map_err(|failure| failure.in_column(key))
    }

    fn skip_field(&mut self, key: &'static str) -> Result<(), Failure> {
        self.serialize_field(key, &())
    }

    fn end(self) -> Result<(), Failure> {
        Ok(())
    }
}

/// One cell, or the row as a whole if there is no column yet.
pub(super) struct CellSerializer<'c, 't> {
    pub(super) table: &'c mut Table<'t>,
    pub(super) column: Option<&'static str>,
}

impl CellSerializer<'_, '_> {
    #[inline(always)]
    fn write(self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Failure> {
        if self.column.is_none() {
            return Err(self.unsupported());
        }
        write(self.table.out);
        Ok(())
    }

    #[cold]
    fn unsupported(&self) -> Failure {
        let reason = match self.column {
            Some(_) => "a column holds a number, boolean or text only",
            None => "only a struct is a row",
        };
        RowError::of_row(reason).into()
    }
}

/// Methods for integers.
macro_rules! integers {
    ($($method:ident($value:ty) => $write:ident;)*) => {$(
        #[inline]
        fn $method(self, value: $value) -> Result<(), Failure> {
            self.write(|out| $write(out, value.into()))
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

    integers! {
        serialize_i8(i8) => write_i64;
        serialize_i16(i16) => write_i64;
        serialize_i32(i32) => write_i64;
        serialize_i64(i64) => write_i64;
        serialize_u8(u8) => write_u64;
        serialize_u16(u16) => write_u64;
        serialize_u32(u32) => write_u64;
        serialize_u64(u64) => write_u64;
    }

    scalars_only!();

    fn serialize_bool(self, value: bool) -> Result<(), Failure> {
        self.write(|out| out.extend_from_slice(if value { b"true" } else { b"false" }))
    }

    fn serialize_f32(self, value: f32) -> Result<(), Failure> {
        self.serialize_f64(value.into())
    }

    #[inline]
    fn serialize_f64(self, value: f64) -> Result<(), Failure> {
        match (self.column, self.table.non_finite) {
            _ if value.is_finite() => self.write(|out| write_finite(out, value)),
            (Some(column), NonFinite::Error) => Err(Failure::NonFinite { column, value }),
            _ => self.serialize_unit(),
        }
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<(), Failure> {
        self.write(|out| write_string(value, out))
    }

    fn serialize_unit(self) -> Result<(), Failure> {
        self.write(|out| out.extend_from_slice(b"null"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<RowSerializer<'c, 't>, Failure> {
        match self.column {
            None => Ok(RowSerializer { table: self.table }),
            Some(_) => Err(self.unsupported()),
        }
    }
}
