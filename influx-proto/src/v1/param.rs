//! Typed parameters of a statement.

use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use crate::{NameError, RequestError};

/// A value that stands in a statement as `$name`.
///
/// The server puts it in with its type, so that no text is quoted by hand and none can become a
/// part of the statement. An identifier may be the name of a measurement, column, database, user or
/// policy (measured on InfluxDB 1.6.7).
///
/// ```
/// use influx_proto::v1::{Param, RunQuery};
///
/// let query = RunQuery::new("SELECT * FROM $m WHERE host = $h AND time > now() - $d")
///     .bind("m", Param::identifier("cpu load"))
///     .bind("h", "it's \"web\"")
///     .bind("d", std::time::Duration::from_secs(60));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Param {
    /// A truth value.
    Bool(bool),
    /// A span of time, such as that of `GROUP BY time($d)`; in nanoseconds, up to `i64::MAX`.
    Duration(Duration),
    /// A number with a fraction, which must be finite.
    Float(f64),
    /// A name.
    Identifier(String),
    /// An integer.
    Int(i64),
    /// A regular expression in Go's syntax, without slashes around it.
    Regex(String),
    /// A text.
    String(String),
}

impl Param {
    /// A name, such as that of a measurement.
    pub fn identifier(name: impl Into<String>) -> Self {
        Self::Identifier(name.into())
    }

    /// A regular expression in Go's syntax, without slashes around it.
    pub fn regex(pattern: impl Into<String>) -> Self {
        Self::Regex(pattern.into())
    }

    /// The value as the server reads it.
    fn to_json(&self) -> Result<Json, NameError> {
        Ok(match self {
            Self::Bool(value) => json!(value),
            Self::Duration(value) => {
                let nanos = i64::try_from(value.as_nanos());
                let nanos =
                    nanos.map_err(|_| NameError::Value { reason: "it is over 292 years" })?;
                json!({ "duration": format!("{nanos}ns") })
            }
            Self::Float(value) if value.is_finite() => json!({ "float": value }),
            Self::Float(_) => return Err(NameError::Value { reason: "it is not finite" }),
            Self::Identifier(name) => json!({ "identifier": name }),
            Self::Int(value) => json!({ "integer": value }),
            Self::Regex(pattern) => json!({ "regex": pattern }),
            Self::String(text) => json!({ "string": text }),
        })
    }
}

macro_rules! from {
    ($($type:ty => |$value:ident| $param:expr;)*) => {$(
        impl From<$type> for Param {
            fn from($value: $type) -> Self {
                $param
            }
        }
    )*};
}

from! {
    &str => |value| Self::String(value.to_owned());
    &String => |value| Self::String(value.clone());
    String => |value| Self::String(value);
    bool => |value| Self::Bool(value);
    f64 => |value| Self::Float(value);
    i32 => |value| Self::Int(value.into());
    i64 => |value| Self::Int(value);
    u32 => |value| Self::Int(value.into());
    Duration => |value| Self::Duration(value);
}

/// The parameters as the JSON text of the key `params`, or `None` if there are none.
pub(super) fn to_text(params: &[(&str, Param)]) -> Result<Option<String>, RequestError> {
    let mut members = Map::new();
    for (name, param) in params {
        let refused = |source| RequestError::Name { what: "parameter", source };
        check_name(name).map_err(refused)?;
        members.insert((*name).to_owned(), param.to_json().map_err(refused)?);
    }
    Ok((!members.is_empty()).then(|| Json::Object(members).to_string()))
}

/// A name behind `$` is one word of letters, digits and `_`.
fn check_name(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    NameError::check(name, |character| !is_word(character))?;
    NameError::check(name.get(..1).unwrap_or_default(), |character| character.is_ascii_digit())
}
