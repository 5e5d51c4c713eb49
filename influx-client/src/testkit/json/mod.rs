//! JSON as the server reads and prints it.
//!
//! The server's own JSON differs from the usual one in what clients notice:
//! it takes object keys in any case and the last of equal keys, ignores what follows the first value,
//! repairs broken text, and prints doubles as `1e+06`.
//! A number is kept as its text, since `1` and `1.0` are different types to the server.

mod decode;
mod encode;

pub(super) use decode::{DecodeError, decode};
pub(super) use encode::number;

/// One JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// An object of the given members, in their order.
    pub(super) fn object<const N: usize>(members: [(&str, Json); N]) -> Self {
        Self::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// The text of a string.
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array.
    pub(super) fn as_array(&self) -> Option<&[Json]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The member of an object: its name in any case, the last one if it is repeated.
    /// A null counts as absent, as it does to the server.
    pub(super) fn member(&self, name: &str) -> Option<&Json> {
        let Self::Object(members) = self else { return None };
        let (_, value) = members.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        (*value != Self::Null).then_some(value)
    }

    /// The kind of value, in the words of the server's error messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Self::Number(value.to_string())
    }
}

impl From<u64> for Json {
    fn from(value: u64) -> Self {
        Self::Number(value.to_string())
    }
}

impl From<u32> for Json {
    fn from(value: u32) -> Self {
        Self::Number(value.to_string())
    }
}
