//! The value of a field, and its text.

use std::borrow::Cow;
use std::fmt;

use memchr::memchr2;

use super::error::{LinePosition, LineProblem};
use super::escape::write_name;
use super::options::{LineOptions, NonFinite, Unsigned};
use crate::number_text::{write_finite, write_i64, write_u64};
use crate::{Value, block};

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

impl<'a> FieldValue<'a> {
    /// The cell as a field's value, `None` for a null.
    pub fn from_cell(cell: &'a Value) -> Option<Self> {
        match cell {
            Value::Null => None,
            Value::Bool(value) => Some((*value).into()),
            Value::Int(value) => Some((*value).into()),
            Value::UInt(value) => Some((*value).into()),
            Value::Float(value) => Some((*value).into()),
            Value::String(value) => Some(value.into()),
            Value::Time(time) => Some(time.nanos().into()),
        }
    }

    /// Appends the value's text. `false` means that it is to be left out, and nothing was written.
    #[expect(
        clippy::inline_always,
        reason = "the type is known at most calls, so no match is left"
    )]
    #[inline(always)]
    pub(super) fn write(
        &self,
        out: &mut Vec<u8>,
        options: &LineOptions,
    ) -> Result<bool, LineProblem> {
        match self {
            Self::Bool(value) => out.extend_from_slice(bool_text(*value)),
            Self::Float(value) if value.is_finite() => write_finite(out, *value),
            Self::Float(_) => {
                return match options.non_finite {
                    NonFinite::Error => Err(LineProblem::NonFinite),
                    NonFinite::OmitField => Ok(false),
                };
            }
            Self::Int(value) => {
                write_i64(out, *value);
                out.push(b'i');
            }
            Self::String(value) => write_string(out, value),
            Self::UInt(value) => {
                write_u64(out, *value);
                out.push(match options.unsigned {
                    Unsigned::Suffix => b'u',
                    Unsigned::Signed if i64::try_from(*value).is_ok() => b'i',
                    Unsigned::Signed => return Err(LineProblem::UnsignedTooLarge),
                });
            }
        }
        Ok(true)
    }

    /// Appends the value as the value of a tag, which is always a text.
    pub(super) fn write_as_tag(&self, out: &mut Vec<u8>) -> Result<(), LineProblem> {
        match self {
            Self::String(value) => return write_name(out, value, LinePosition::TagValue),
            Self::Bool(value) => out.extend_from_slice(bool_text(*value)),
            Self::Float(value) if value.is_finite() => write_finite(out, *value),
            Self::Float(_) => return Err(LineProblem::NonFinite),
            Self::Int(value) => write_i64(out, *value),
            Self::UInt(value) => write_u64(out, *value),
        }
        Ok(())
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

fn bool_text(value: bool) -> &'static [u8] {
    if value { b"true" } else { b"false" }
}

#[inline]
fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    if block::any(text.as_bytes(), |byte| byte == b'"' || byte == b'\\') {
        write_escaped(out, text);
    } else {
        block::append(out, text.as_bytes());
    }
    out.push(b'"');
}

#[cold]
fn write_escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    while let Some((run, byte, after)) = memchr2(b'"', b'\\', rest)
        .and_then(|at| rest.split_at_checked(at))
        .and_then(|(run, tail)| tail.split_first().map(|(&byte, after)| (run, byte, after)))
    {
        out.extend_from_slice(run);
        out.extend_from_slice(&[b'\\', byte]);
        rest = after;
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<'a>(value: impl Into<FieldValue<'a>>, text: &str) {
        let mut out = Vec::new();
        assert_eq!(value.into().write(&mut out, &LineOptions::default()), Ok(true));
        assert_eq!(String::from_utf8(out).unwrap(), text);
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
        let default = LineOptions::default();
        let lenient =
            LineOptions::default().non_finite(NonFinite::OmitField).unsigned(Unsigned::Suffix);
        let mut out = Vec::new();
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let value = FieldValue::from(value);
            assert_eq!(value.write(&mut out, &default), Err(LineProblem::NonFinite));
            assert_eq!(value.write(&mut out, &lenient), Ok(false));
            assert!(out.is_empty());
        }
        let max = FieldValue::from(u64::MAX);
        assert_eq!(max.write(&mut out, &default), Err(LineProblem::UnsignedTooLarge));
        out.clear();
        assert_eq!(max.write(&mut out, &lenient), Ok(true));
        assert_eq!(FieldValue::UInt(1).write(&mut out, &lenient), Ok(true));
        assert_eq!(out, b"18446744073709551615u1u");
    }

    #[test]
    fn a_tag_is_the_bare_text() {
        let mut out = Vec::new();
        for value in [true.into(), 1.into(), 0.5.into(), u64::MAX.into(), "a b".into()] {
            let value: FieldValue<'_> = value;
            value.write_as_tag(&mut out).unwrap();
            out.push(b'|');
        }
        assert_eq!(out, br"true|1|0.5|18446744073709551615|a\ b|");
    }
}
