//! One JSON value.

use crate::v08::refusal::Refusal;

/// One JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// An object of the given members, in their order.
    pub(crate) fn object<const N: usize>(members: [(&str, Json); N]) -> Self {
        Self::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// The text of a string.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array.
    pub(crate) fn as_array(&self) -> Option<&[Json]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The member of an object: its name in any case, the last one if it is repeated.
    /// A null counts as absent, as it does to the server.
    pub(crate) fn member(&self, name: &str) -> Option<&Json> {
        let Self::Object(members) = self else { return None };
        let (_, value) = members.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        (*value != Self::Null).then_some(value)
    }

    /// The text of a string.
    /// Error: the server's text for any other value.
    pub(crate) fn text(&self) -> Result<&str, Refusal> {
        self.as_str().ok_or_else(|| self.wrong_type("string"))
    }

    /// 400: a value of another type than this one of the server's source.
    pub(crate) fn wrong_type(&self, wanted: &str) -> Refusal {
        let found = match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        };
        Refusal::invalid(format!("json: cannot unmarshal {found} into Go value of type {wanted}"))
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

macro_rules! from_numbers {
    ($($number:ty),*) => {
        $(impl From<$number> for Json {
            fn from(value: $number) -> Self {
                Self::Number(value.to_string())
            }
        })*
    };
}

from_numbers!(i64, u32, u64);
