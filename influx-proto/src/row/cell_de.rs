//! One cell as a Rust value.

use std::marker::PhantomData;

use serde::de::value::{BorrowedStrDeserializer, I64Deserializer, SeqDeserializer};
use serde::de::{self, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::cell::Cell;
use super::cells::Cells;
use crate::{Time, TimeError};

/// Reads a cell as the type that the Rust value asks for, as far as nothing is lost.
///
/// The likely type is tried first, without making a [`Cell`]. The others are read apart, in
/// functions that take the cells and the token in registers.
pub(super) struct CellDeserializer<'de, C: Cells<'de>, E> {
    cells: C,
    token: &'de C::Token,
    error: PhantomData<E>,
}

impl<'de, C: Cells<'de>, E: de::Error> CellDeserializer<'de, C, E> {
    #[inline]
    pub(super) fn new(cells: C, token: &'de C::Token) -> Self {
        Self { cells, token, error: PhantomData }
    }

    #[inline]
    fn cell(&self) -> Cell<'de> {
        self.cells.cell(self.token)
    }

    /// Hands out a number that is not a signed integer, as an integer if it is one.
    #[cold]
    #[inline(never)]
    fn other_integer<V: Visitor<'de>>(
        cells: C,
        token: &'de C::Token,
        visitor: V,
    ) -> Result<V::Value, E> {
        match cells.cell(token) {
            Cell::Float(value) => visit_exact(value, visitor),
            _ => Self::new(cells, token).deserialize_any(visitor),
        }
    }

    /// Hands out a time as text, and another cell as it is.
    #[cold]
    #[inline(never)]
    fn other_text<V: Visitor<'de>>(
        cells: C,
        token: &'de C::Token,
        visitor: V,
    ) -> Result<V::Value, E> {
        match cells.cell(token) {
            Cell::Time(time) => visitor.visit_string(time.to_string()),
            _ => Self::new(cells, token).deserialize_any(visitor),
        }
    }

    /// Hands out a cell of another type than the Rust value, mostly.
    #[cold]
    #[inline(never)]
    fn other<V: Visitor<'de>>(cells: C, token: &'de C::Token, visitor: V) -> Result<V::Value, E> {
        Self::new(cells, token).deserialize_any(visitor)
    }
}

macro_rules! integers {
    ($($method:ident)*) => {$(
        #[inline(always)]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
            match C::int(self.token) {
                Some(value) => visitor.visit_i64(value),
                None => Self::other_integer(self.cells, self.token, visitor),
            }
        }
    )*};
}

impl<'de, C: Cells<'de>, E: de::Error> Deserializer<'de> for CellDeserializer<'de, C, E> {
    type Error = E;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.cell() {
            Cell::Null => visitor.visit_unit(),
            Cell::Bool(value) => visitor.visit_bool(value),
            Cell::Int(value) => visitor.visit_i64(value),
            Cell::UInt(value) => visitor.visit_u64(value),
            Cell::Float(value) => visitor.visit_f64(value),
            Cell::Str(value) => visitor.visit_borrowed_str(value),
            Cell::Time(time) => visitor.visit_i64(time.nanos()),
        }
    }

    #[expect(clippy::inline_always, reason = "the visitor is known to the caller alone")]
    #[inline(always)]
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        if let Some(value) = C::float(self.token) {
            return visitor.visit_f64(value);
        }
        match C::int(self.token) {
            Some(value) => visitor.visit_i64(value),
            None => Self::other(self.cells, self.token, visitor),
        }
    }

    #[inline]
    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.deserialize_f64(visitor)
    }

    #[expect(clippy::inline_always, reason = "the visitor is known to the caller alone")]
    #[inline(always)]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.cells.text(self.token) {
            Some(value) => visitor.visit_borrowed_str(value),
            None => Self::other_text(self.cells, self.token, visitor),
        }
    }

    #[expect(clippy::inline_always, reason = "the visitor is known to the caller alone")]
    #[inline(always)]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.deserialize_str(visitor)
    }

    #[expect(clippy::inline_always, reason = "the visitor is known to the caller alone")]
    #[inline(always)]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        if C::is_null(self.token) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, E> {
        // A text is a time only to a type that asks for a time.
        if name == Time::NAME
            && let Cell::Str(text) = self.cell()
        {
            let time = parse_time(text)?;
            return visitor.visit_newtype_struct(I64Deserializer::new(time.nanos()));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        // The standard library's type is read as two numbers.
        let time = match self.cell() {
            Cell::Time(time) if name == "SystemTime" => time,
            Cell::Str(text) if name == "SystemTime" => parse_time(text)?,
            _ => return self.deserialize_any(visitor),
        };
        let Ok(nanos) = u64::try_from(time.nanos()) else {
            return Err(de::Error::custom(format_args!("{time} is before 1970; use `Time`")));
        };
        let parts = [nanos / NANOS_A_SECOND, nanos % NANOS_A_SECOND];
        visitor.visit_seq(SeqDeserializer::new(parts.into_iter()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        match self.cell() {
            Cell::Str(value) => visitor.visit_enum(BorrowedStrDeserializer::new(value)),
            _ => self.deserialize_any(visitor),
        }
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    forward_to_deserialize_any! {
        bool char bytes byte_buf unit unit_struct
        seq tuple tuple_struct map identifier ignored_any
    }
}

fn parse_time<E: de::Error>(text: &str) -> Result<Time, E> {
    text.parse().map_err(|error: TimeError| E::custom(error))
}

const NANOS_A_SECOND: u64 = 1_000_000_000;

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked before")]
fn visit_exact<'de, V: Visitor<'de>, E: de::Error>(value: f64, visitor: V) -> Result<V::Value, E> {
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
