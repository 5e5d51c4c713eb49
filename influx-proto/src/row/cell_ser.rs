//! A Rust value as one cell.

use std::fmt;

use serde::ser::{Impossible, Serialize, Serializer};

use crate::{RowError, Value};

/// Takes what one cell can hold; anything with parts is refused.
pub(super) struct CellSerializer;

/// Takes integers over 64 bits as far as a cell can hold them.
fn integer<T: TryInto<i64> + TryInto<u64> + Copy + fmt::Display>(
    value: T,
) -> Result<Value, RowError> {
    let signed = value.try_into().map(Value::Int).ok();
    let value_or_unsigned = signed.or_else(|| value.try_into().map(Value::UInt).ok());
    value_or_unsigned.ok_or_else(|| RowError::of_row(format!("{value} does not fit into 64 bits")))
}

/// Defines the conversions that every value takes.
macro_rules! take {
    ($($method:ident($type:ty) => |$value:ident| $cell:expr;)*) => {$(
        fn $method(self, $value: $type) -> Result<Value, RowError> {
            $cell
        }
    )*};
}

impl Serializer for CellSerializer {
    type Ok = Value;
    type Error = RowError;
    type SerializeSeq = Impossible<Value, RowError>;
    type SerializeTuple = Impossible<Value, RowError>;
    type SerializeTupleStruct = Impossible<Value, RowError>;
    type SerializeTupleVariant = Impossible<Value, RowError>;
    type SerializeMap = Impossible<Value, RowError>;
    type SerializeStruct = Impossible<Value, RowError>;
    type SerializeStructVariant = Impossible<Value, RowError>;

    take! {
        serialize_bool(bool) => |value| Ok(value.into());
        serialize_i8(i8) => |value| Ok(Value::Int(value.into()));
        serialize_i16(i16) => |value| Ok(Value::Int(value.into()));
        serialize_i32(i32) => |value| Ok(Value::Int(value.into()));
        serialize_i64(i64) => |value| Ok(value.into());
        serialize_i128(i128) => |value| integer(value);
        serialize_u8(u8) => |value| Ok(Value::Int(value.into()));
        serialize_u16(u16) => |value| Ok(Value::Int(value.into()));
        serialize_u32(u32) => |value| Ok(Value::Int(value.into()));
        serialize_u64(u64) => |value| Ok(value.into());
        serialize_u128(u128) => |value| integer(value);
        serialize_f32(f32) => |value| Ok(Value::Float(value.into()));
        serialize_f64(f64) => |value| Ok(value.into());
        serialize_char(char) => |value| Ok(Value::String(value.into()));
        serialize_str(&str) => |value| Ok(value.into());
        serialize_bytes(&[u8]) => |_bytes| Err(refused("bytes"));
        serialize_unit_struct(&'static str) => |_name| Ok(Value::Null);
    }

    fn serialize_none(self) -> Result<Value, RowError> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, RowError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, RowError> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Value, RowError> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<Value, RowError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<Value, RowError> {
        Err(refused("an enum with data"))
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Self::SerializeSeq, RowError> {
        Err(refused("a sequence"))
    }

    fn serialize_tuple(self, _len: usize) -> Result<Self::SerializeTuple, RowError> {
        Err(refused("a tuple"))
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleStruct, RowError> {
        Err(refused("a tuple"))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleVariant, RowError> {
        Err(refused("an enum with data"))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Self::SerializeMap, RowError> {
        Err(refused("a map"))
    }

    fn serialize_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeStruct, RowError> {
        Err(refused("a struct"))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeStructVariant, RowError> {
        Err(refused("an enum with data"))
    }
}

fn refused(what: &str) -> RowError {
    RowError::of_row(format!("a column cannot hold {what}"))
}
