//! The data of a server: values, points, all of it.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The value of a column.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum StoredValue {
    /// No value.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number above `i64::MAX`.
    UInt(u64),
    /// A floating-point number.
    Float(f64),
    /// A text.
    String(String),
}

impl StoredValue {
    pub(crate) fn is_null(&self) -> bool {
        *self == Self::Null
    }

    #[expect(clippy::cast_precision_loss, reason = "as the servers do")]
    pub(crate) fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::UInt(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }
}

impl From<u64> for StoredValue {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Self::UInt(value), Self::Int)
    }
}

impl From<&str> for StoredValue {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

macro_rules! from {
    ($($source:ty => $variant:ident),*) => {
        $(impl From<$source> for StoredValue {
            fn from(value: $source) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

from!(bool => Bool, i32 => Int, i64 => Int, u32 => Int, f64 => Float, String => String);

/// A stored point.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct StoredPoint {
    /// Nanoseconds since 1970. A time outside of the range of `i64` is its nearest end.
    pub time: i64,
    /// The values by column, tags among them. A column without a value is left out.
    pub values: BTreeMap<String, StoredValue>,
}

/// Everything that a server has stored: points, users and other entries.
#[derive(Clone, Default)]
pub struct Data(Option<Arc<dyn Any + Send + Sync>>);

impl Data {
    pub(crate) fn new<T: Any + Send + Sync>(state: T) -> Self {
        Self(Some(Arc::new(state)))
    }

    /// A copy of the data, or the default if it is empty; `None` if it is of another type.
    pub(crate) fn copy<T: Any + Clone>(&self, default: impl FnOnce() -> T) -> Option<T> {
        match &self.0 {
            Some(state) => state.downcast_ref().cloned(),
            None => Some(default()),
        }
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Data(..)" } else { "Data(empty)" })
    }
}
