//! One cell as a Rust value.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::cell::Cell;
use super::failure::Failure;

/// Takes a cell for what the Rust type asks for, as far as nothing is lost.
pub(super) struct CellDeserializer<'de>(pub(super) Cell<'de>);

impl<'de> CellDeserializer<'de> {
    /// Hands out a float as an integer if it is one.
    #[inline]
    fn integer<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.0 {
            Cell::Float(value) => visit_exact(value, visitor),
            _ => self.deserialize_any(visitor),
        }
    }
}

macro_rules! as_integer {
    ($($method:ident)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
            self.integer(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for CellDeserializer<'de> {
    type Error = Failure;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.0 {
            Cell::Null => visitor.visit_unit(),
            Cell::Bool(value) => visitor.visit_bool(value),
            Cell::Int(value) => visitor.visit_i64(value),
            Cell::UInt(value) => visitor.visit_u64(value),
            Cell::Float(value) => visitor.visit_f64(value),
            Cell::Str(value) => visitor.visit_borrowed_str(value),
            Cell::Time(time) => visitor.visit_i64(time.nanos()),
        }
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.0 {
            Cell::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match self.0 {
            Cell::Str(value) => visitor.visit_enum(BorrowedStrDeserializer::new(value)),
            _ => self.deserialize_any(visitor),
        }
    }

    as_integer! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    forward_to_deserialize_any! {
        bool f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked before")]
fn visit_exact<'de, V: Visitor<'de>>(value: f64, visitor: V) -> Result<V::Value, Failure> {
    // An end is the first double too large: two to the 63rd and 64th.
    const I64_MIN: f64 = -9_223_372_036_854_775_808.0;
    const I64_END: f64 = 9_223_372_036_854_775_808.0;
    const U64_END: f64 = 18_446_744_073_709_551_616.0;
    if value.fract() != 0.0 {
        return visitor.visit_f64(value);
    }
    match value {
        I64_MIN..I64_END => visitor.visit_i64(value as i64),
        I64_END..U64_END => visitor.visit_u64(value as u64),
        _ => visitor.visit_f64(value),
    }
}
