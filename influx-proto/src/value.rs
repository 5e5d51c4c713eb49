//! One cell of a point.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::Time;

/// One cell of a point: what InfluxDB can store in a column.
///
/// Integers keep all 64 bits and floats all their bits, in both directions.
/// A number without fraction and exponent is an integer, as it is to the server,
/// so that `1` and `1.0` stay different values.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// No value. Written to InfluxDB 0.8, it deletes the cell.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A signed integer. InfluxDB 0.8 stores a number without fraction and exponent as one.
    Int(i64),
    /// An unsigned integer above [`i64::MAX`], such as a `sequence_number` of the server.
    /// Smaller ones are read as [`Value::Int`].
    UInt(u64),
    /// A double.
    Float(f64),
    /// A text.
    String(String),
    /// A moment, read from a time column. In another column an encoder refuses it.
    Time(Time),
}

impl Value {
    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match *self {
            Self::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The number as a double: floats as they are, integers rounded to the nearest double.
    #[expect(clippy::cast_precision_loss, reason = "documented: rounded to the nearest double")]
    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            Self::Int(value) => Some(value as f64),
            Self::UInt(value) => Some(value as f64),
            Self::Float(value) => Some(value),
            _ => None,
        }
    }

    /// The integer, if this is one that fits; of a moment, its nanoseconds since 1970.
    pub fn as_i64(&self) -> Option<i64> {
        match *self {
            Self::Int(value) => Some(value),
            Self::UInt(value) => i64::try_from(value).ok(),
            Self::Time(time) => Some(time.nanos()),
            _ => None,
        }
    }

    /// The moment, if this is one.
    pub fn as_time(&self) -> Option<Time> {
        match *self {
            Self::Time(time) => Some(time),
            _ => None,
        }
    }

    /// The text, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(value) => Some(value),
            _ => None,
        }
    }

    /// The integer, if this is one that is not negative.
    pub fn as_u64(&self) -> Option<u64> {
        match *self {
            Self::Int(value) => u64::try_from(value).ok(),
            Self::UInt(value) => Some(value),
            _ => None,
        }
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value's type in the words of the server: `null`, `bool`, `int64`, `uint64`, `double`, `string`, `time`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int64",
            Self::UInt(_) => "uint64",
            Self::Float(_) => "double",
            Self::String(_) => "string",
            Self::Time(_) => "time",
        }
    }
}

macro_rules! value_from {
    ($($from:ty: $value:ident => $to:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $to
            }
        }
    )*};
}

value_from! {
    bool: value => Self::Bool(value);
    i8: value => Self::Int(value.into());
    i16: value => Self::Int(value.into());
    i32: value => Self::Int(value.into());
    i64: value => Self::Int(value);
    isize: value => Self::Int(value as i64);
    u8: value => Self::Int(value.into());
    u16: value => Self::Int(value.into());
    u32: value => Self::Int(value.into());
    u64: value => i64::try_from(value).map_or(Self::UInt(value), Self::Int);
    usize: value => (value as u64).into();
    f32: value => Self::Float(value.into());
    f64: value => Self::Float(value);
    char: value => Self::String(value.into());
    &str: value => Self::String(value.to_owned());
    &String: value => Self::String(value.clone());
    String: value => Self::String(value);
    Box<str>: value => Self::String(value.into());
    Cow<'_, str>: value => Self::String(value.into_owned());
    Time: value => Self::Time(value);
    SystemTime: value => Self::Time(value.into());
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::UInt(value) => serializer.serialize_u64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::String(value) => serializer.serialize_str(value),
            Self::Time(time) => time.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

// A visitor instead of `#[serde(untagged)]`, which buffers every cell and is an order slower.
struct ValueVisitor;

impl Visitor<'_> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a null, boolean, number or string")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expected: impl Into<Value>) {
        assert_eq!(serde_json::from_str::<Value>(json).unwrap(), expected.into(), "{json}");
    }

    #[test]
    fn reads_every_json_scalar() {
        check("null", Value::Null);
        check("true", Value::Bool(true));
        check("-0", Value::Float(-0.0));
        check("3", Value::Int(3));
        check("3.0", Value::Float(3.0));
        check("1e+06", Value::Float(1e6));
        check("9223372036854775807", Value::Int(i64::MAX));
        check("-9223372036854775808", Value::Int(i64::MIN));
        check("18446744073709551615", Value::UInt(u64::MAX));
        check("18446744073709551616", Value::Float(18_446_744_073_709_551_616.0));
        check("\"\\ud83d\\ude00\"", Value::from("😀"));
    }

    #[test]
    fn floats_are_read_to_the_nearest_double() {
        // Each of these is off by one unit in the last place under an approximate parser.
        for text in ["0.000001234567890123456", "8.988465674311579e307", "9007199254740993.5"] {
            check(text, Value::Float(text.parse().unwrap()));
        }
    }

    #[test]
    fn everything_that_is_a_value_converts() {
        let text = || Value::String("x".to_owned());
        for (value, expected) in [
            (Value::from(-1_i8), Value::Int(-1)),
            (1_u16.into(), Value::Int(1)),
            (isize::MIN.into(), Value::Int(i64::MIN)),
            (usize::MAX.into(), Value::UInt(u64::MAX)),
            (0.5_f32.into(), Value::Float(0.5)),
            (Cow::Borrowed("x").into(), text()),
            ((&"x".to_owned()).into(), text()),
            ('x'.into(), text()),
            (Some("x").into(), text()),
            (None::<f64>.into(), Value::Null),
            (SystemTime::UNIX_EPOCH.into(), Value::Time(Time::from_nanos(0))),
        ] {
            assert_eq!(value, expected);
        }
    }

    #[test]
    fn nested_values_are_refused() {
        assert!(serde_json::from_str::<Value>("[1]").is_err());
        assert!(serde_json::from_str::<Value>("{}").is_err());
    }
}
