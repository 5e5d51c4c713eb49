//! A Rust value as a row.

use std::borrow::Cow;

use serde::ser::{Impossible, Serialize, SerializeMap, SerializeStruct, Serializer};

use super::cell_ser::CellSerializer;
use crate::{RowError, Value};

/// Writes a Rust value as one point: the names of its columns and their cells.
///
/// The value is a struct, or a map whose keys are texts. `None` and `()` are null,
/// enums without data are their names. Nothing else that has parts fits into a cell.
///
/// ```
/// use influx_proto::{Value, to_row};
///
/// #[derive(serde::Serialize)]
/// struct Load {
///     host: &'static str,
///     value: Option<f64>,
/// }
///
/// let (columns, row) = to_row(&Load { host: "web-1", value: None })?;
/// assert_eq!(columns, ["host", "value"]);
/// assert_eq!(row, [Value::from("web-1"), Value::Null]);
/// # Ok::<(), influx_proto::RowError>(())
/// ```
///
/// # Errors
///
/// [`RowError`] with the column that cannot hold its value,
/// or without one if the value is no struct or map.
pub fn to_row<T: Serialize + ?Sized>(value: &T) -> Result<(Vec<String>, Vec<Value>), RowError> {
    let fields = fields(value)?;
    Ok(fields.into_iter().map(|(name, value)| (name.into_owned(), value)).unzip())
}

/// A cell after its column's name, which is copied for maps only.
pub(super) type Field = (Cow<'static, str>, Value);

pub(super) fn fields<T: Serialize + ?Sized>(value: &T) -> Result<Vec<Field>, RowError> {
    value.serialize(RowSerializer)
}

struct RowSerializer;

/// The fields of a struct or map that were seen.
struct Fields {
    fields: Vec<Field>,
    /// The key of a map whose value was not seen.
    key: Cow<'static, str>,
}

impl Fields {
    fn with_capacity(fields: usize) -> Self {
        Self { fields: Vec::with_capacity(fields), key: Cow::Borrowed("") }
    }

    fn push<T: Serialize + ?Sized>(
        &mut self,
        column: Cow<'static, str>,
        value: &T,
    ) -> Result<(), RowError> {
        let value = value.serialize(CellSerializer).map_err(|error| error.in_column(&column))?;
        self.fields.push((column, value));
        Ok(())
    }
}

impl SerializeStruct for Fields {
    type Ok = Vec<Field>;
    type Error = RowError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), RowError> {
        self.push(Cow::Borrowed(name), value)
    }

    fn end(self) -> Result<Vec<Field>, RowError> {
        Ok(self.fields)
    }
}

impl SerializeMap for Fields {
    type Ok = Vec<Field>;
    type Error = RowError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), RowError> {
        let Value::String(key) = key.serialize(CellSerializer)? else {
            return Err(RowError::of_row("the name of a column must be a text"));
        };
        self.key = Cow::Owned(key);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), RowError> {
        let key = std::mem::take(&mut self.key);
        self.push(key, value)
    }

    fn end(self) -> Result<Vec<Field>, RowError> {
        Ok(self.fields)
    }
}

/// Defines the methods for values that are no rows.
macro_rules! refuse {
    ($($method:ident($($argument:ty),*) -> $ok:ty;)*) => {$(
        fn $method(self $(, _: $argument)*) -> Result<$ok, RowError> {
            Err(no_row())
        }
    )*};
}

impl Serializer for RowSerializer {
    type Ok = Vec<Field>;
    type Error = RowError;
    type SerializeSeq = Impossible<Vec<Field>, RowError>;
    type SerializeTuple = Impossible<Vec<Field>, RowError>;
    type SerializeTupleStruct = Impossible<Vec<Field>, RowError>;
    type SerializeTupleVariant = Impossible<Vec<Field>, RowError>;
    type SerializeMap = Fields;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Impossible<Vec<Field>, RowError>;

    fn serialize_struct(self, _name: &'static str, len: usize) -> Result<Fields, RowError> {
        Ok(Fields::with_capacity(len))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Fields, RowError> {
        Ok(Fields::with_capacity(len.unwrap_or_default()))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Vec<Field>, RowError> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<Vec<Field>, RowError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<Vec<Field>, RowError> {
        Err(no_row())
    }

    refuse! {
        serialize_bool(bool) -> Vec<Field>;
        serialize_i8(i8) -> Vec<Field>;
        serialize_i16(i16) -> Vec<Field>;
        serialize_i32(i32) -> Vec<Field>;
        serialize_i64(i64) -> Vec<Field>;
        serialize_u8(u8) -> Vec<Field>;
        serialize_u16(u16) -> Vec<Field>;
        serialize_u32(u32) -> Vec<Field>;
        serialize_u64(u64) -> Vec<Field>;
        serialize_f32(f32) -> Vec<Field>;
        serialize_f64(f64) -> Vec<Field>;
        serialize_char(char) -> Vec<Field>;
        serialize_str(&str) -> Vec<Field>;
        serialize_bytes(&[u8]) -> Vec<Field>;
        serialize_none() -> Vec<Field>;
        serialize_unit() -> Vec<Field>;
        serialize_unit_struct(&'static str) -> Vec<Field>;
        serialize_unit_variant(&'static str, u32, &'static str) -> Vec<Field>;
        serialize_seq(Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize)
            -> Self::SerializeTupleVariant;
        serialize_struct_variant(&'static str, u32, &'static str, usize)
            -> Self::SerializeStructVariant;
    }
}

fn no_row() -> RowError {
    RowError::of_row("only a struct or a map is a row")
}
