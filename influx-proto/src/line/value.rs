//! The value of a field, and its text.

#![expect(clippy::inline_always, reason = "the type is known at most calls, so no match is left")]

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;

use wide::u8x16;

use super::escape::write_name;
use crate::encode::{EncodeOptions, NonFinite, PointPart, PointProblem, Unsigned, excerpt};
use crate::text::room::{Buffer, Room, put, put_plain};
use crate::text::write_number::{put_finite, put_i64, put_u64};
use crate::{Cell, Value};

/// The value of a field.
///
/// A float never becomes an integer and an integer never a float:
/// in a line, integers carry the suffix `i`.
/// An `f32` is widened exactly, so that its text has more digits than its own shortest one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FieldValue<'a> {
    /// A truth value.
    Bool(bool),
    /// A double.
    Float(f64),
    /// A signed integer.
    Int(i64),
    /// A text; it may contain anything, newlines and NULs included.
    String(Cow<'a, str>),
    /// An unsigned integer.
    UInt(u64),
}

/// Writes a field's value. Returns its end, or `None` if the field is to be left out.
#[inline(always)]
pub(super) fn write_field(
    buffer: &mut Buffer,
    at: usize,
    value: Cell<'_>,
    options: &EncodeOptions,
) -> Result<Option<usize>, PointProblem> {
    let room = buffer.room(at);
    let len = match value {
        Cell::Bool(value) => put_bool(room, value),
        Cell::Float(value) if value.is_finite() => put_finite(room, 0, value),
        Cell::Float(_) => return without_number(options),
        Cell::Int(value) => {
            let end = put_i64(room, 0, value);
            put(room, end, *b"i");
            end + 1
        }
        Cell::Null => return Ok(None),
        Cell::Str(value) => return Ok(Some(write_string(buffer, at, value))),
        Cell::Time(_) => return Err(PointProblem::TimeAsField),
        Cell::UInt(value) => {
            let end = put_u64(room, 0, value);
            let suffix = match options.unsigned {
                Unsigned::Suffix => b'u',
                Unsigned::Signed if i64::try_from(value).is_ok() => b'i',
                Unsigned::Signed => return Err(PointProblem::UnsignedTooLarge),
            };
            put(room, end, [suffix]);
            end + 1
        }
    };
    Ok(Some(at + len))
}

/// Writes the value of a tag, which is always a text and not null. Returns its end.
#[inline(always)]
pub(super) fn write_tag(
    buffer: &mut Buffer,
    at: usize,
    value: Cell<'_>,
) -> Result<usize, PointProblem> {
    let room = buffer.room(at);
    let len = match value {
        Cell::Bool(value) => put_bool(room, value),
        Cell::Float(value) if value.is_finite() => put_finite(room, 0, value),
        Cell::Float(_) => return Err(PointProblem::NonFinite),
        Cell::Int(value) => put_i64(room, 0, value),
        Cell::Null => return Err(PointProblem::Empty),
        Cell::Str(value) => return write_name(buffer, at, value, PointPart::TagValue),
        Cell::Time(_) => return Err(PointProblem::TimeAsField),
        Cell::UInt(value) => put_u64(room, 0, value),
    };
    Ok(at + len)
}

/// The value as an error shows it.
pub(crate) fn shown(value: Cell<'_>) -> String {
    match value {
        Cell::Bool(value) => value.to_string(),
        Cell::Float(value) => value.to_string(),
        Cell::Int(value) => value.to_string(),
        Cell::Null => String::new(),
        Cell::Str(value) => excerpt(value),
        Cell::Time(value) => value.to_string(),
        Cell::UInt(value) => value.to_string(),
    }
}

macro_rules! from {
    ($variant:ident: $($source:ty),*) => {$(
        impl From<$source> for FieldValue<'_> {
            #[inline]
            fn from(value: $source) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from!(Bool: bool);
from!(Float: f32, f64);
from!(Int: i8, i16, i32, i64, u8, u16, u32);
from!(UInt: u64);
from!(String: String);

impl<'a> From<&'a str> for FieldValue<'a> {
    fn from(value: &'a str) -> Self {
        Self::String(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a String> for FieldValue<'a> {
    fn from(value: &'a String) -> Self {
        Self::String(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a FieldValue<'_>> for Cell<'a> {
    #[inline(always)]
    fn from(value: &'a FieldValue<'_>) -> Self {
        match value {
            FieldValue::Bool(value) => Self::Bool(*value),
            FieldValue::Float(value) => Self::Float(*value),
            FieldValue::Int(value) => Self::Int(*value),
            FieldValue::String(value) => Self::Str(value),
            FieldValue::UInt(value) => Self::UInt(*value),
        }
    }
}

impl From<FieldValue<'_>> for Value {
    fn from(value: FieldValue<'_>) -> Self {
        match value {
            FieldValue::Bool(value) => Self::Bool(value),
            FieldValue::Float(value) => Self::Float(value),
            FieldValue::Int(value) => Self::Int(value),
            FieldValue::String(value) => Self::String(value.into_owned()),
            FieldValue::UInt(value) => value.into(),
        }
    }
}

impl fmt::Display for FieldValue<'_> {
    /// The bare value, without suffix and quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::String(value) => value.fmt(f),
            Self::UInt(value) => value.fmt(f),
        }
    }
}

#[cold]
#[inline(never)]
fn without_number(options: &EncodeOptions) -> Result<Option<usize>, PointProblem> {
    match options.non_finite {
        NonFinite::Refuse => Err(PointProblem::NonFinite),
        NonFinite::Omit => Ok(None),
    }
}

#[inline(always)]
fn put_bool(room: &mut Room, value: bool) -> usize {
    if value {
        put(room, 0, *b"true");
        4
    } else {
        put(room, 0, *b"false");
        5
    }
}

/// Writes a text in quotes. Returns its end.
#[inline(always)]
fn write_string(buffer: &mut Buffer, at: usize, text: &str) -> usize {
    let room = buffer.room(at);
    put(room, 0, *b"\"");
    if let Some(end) = put_plain(room, 1, text.as_bytes(), special) {
        put(room, end, *b"\"");
        return at + end + 1;
    }
    write_any_string(buffer, at + 1, text)
}

#[inline(never)]
fn write_any_string(buffer: &mut Buffer, at: usize, text: &str) -> usize {
    let escaped = buffer.write_escaped(at, text, special, |rest, room| {
        put(room, 0, [b'\\', *rest.first().unwrap_or(&b'"')]);
        Ok::<_, Infallible>(2)
    });
    let Ok(end) = escaped;
    put(buffer.room(end), 0, *b"\"");
    end + 1
}

#[inline(always)]
fn special(block: u8x16) -> u8x16 {
    block.simd_eq(u8x16::splat(b'"')) | block.simd_eq(u8x16::splat(b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<'a>(value: impl Into<FieldValue<'a>>, text: &str) {
        let mut out = Buffer::default();
        let end = write_field(&mut out, 0, Cell::from(&value.into()), &EncodeOptions::default());
        assert_eq!(end, Ok(Some(text.len())));
        assert_eq!(str::from_utf8(out.until(text.len())).unwrap(), text);
    }

    #[test]
    fn every_type_has_its_own_text() {
        check(true, "true");
        check(false, "false");
        check(1.0, "1.0");
        check(-0.0, "-0.0");
        check(0.1 + 0.2, "0.30000000000000004");
        check(1e300, "1e+300");
        check(5e-324, "5e-324");
        check(f64::MAX, "1.7976931348623157e+308");
        check(1, "1i");
        check(i64::MIN, "-9223372036854775808i");
        check(i64::MAX, "9223372036854775807i");
        check(9_223_372_036_854_775_807_u64, "9223372036854775807i");
    }

    #[test]
    fn strings_escape_quotes_and_backslashes_alone() {
        check("", r#""""#);
        check("a,b c=d\ne\r\0é", "\"a,b c=d\ne\r\0é\"");
        check(r#"""#, r#""\"""#);
        check(r"\n", r#""\\n""#);
        check(r#"a"b\"#, r#""a\"b\\""#);
    }

    #[test]
    fn what_the_server_does_not_take_is_an_option() {
        let default = EncodeOptions::default();
        let lenient = EncodeOptions {
            non_finite: NonFinite::Omit,
            unsigned: Unsigned::Suffix,
            ..EncodeOptions::default()
        };
        let mut out = Buffer::default();
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let value = Cell::Float(value);
            assert_eq!(write_field(&mut out, 0, value, &default), Err(PointProblem::NonFinite));
            assert_eq!(write_field(&mut out, 0, value, &lenient), Ok(None));
            assert_eq!(write_tag(&mut out, 0, value), Err(PointProblem::NonFinite));
        }
        let max = Cell::UInt(u64::MAX);
        assert_eq!(write_field(&mut out, 0, max, &default), Err(PointProblem::UnsignedTooLarge));
        assert_eq!(write_field(&mut out, 0, max, &lenient), Ok(Some(21)));
        assert_eq!(write_field(&mut out, 21, Cell::UInt(1), &lenient), Ok(Some(23)));
        let time = Cell::Time(crate::Time::from_nanos(0));
        assert_eq!(write_field(&mut out, 0, time, &lenient), Err(PointProblem::TimeAsField));
        assert_eq!(out.until(23), b"18446744073709551615u1u");
    }

    #[test]
    fn a_tag_is_the_bare_text() {
        let mut out = Buffer::default();
        let mut end = 0;
        for value in [true.into(), 1.into(), 0.5.into(), u64::MAX.into(), "a b".into()] {
            let value: FieldValue<'_> = value;
            end = write_tag(&mut out, end, Cell::from(&value)).unwrap();
            end = out.write(end, b"|");
        }
        assert_eq!(out.until(end), br"true|1|0.5|18446744073709551615|a\ b|");
    }
}
