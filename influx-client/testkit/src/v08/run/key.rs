//! The order of the values by which points are grouped.

use std::cmp::Ordering;

use crate::StoredValue;

/// A value in the server's order of groups: truth values, whole numbers, other numbers, texts,
/// null (measured on 0.8.9).
#[derive(Clone, Debug)]
pub(super) struct Key(pub(super) StoredValue);

impl Key {
    fn rank(&self) -> u8 {
        match &self.0 {
            StoredValue::Bool(_) => 0,
            StoredValue::Int(_) => 1,
            StoredValue::Float(_) | StoredValue::UInt(_) => 2,
            StoredValue::String(_) => 3,
            StoredValue::Null => 4,
        }
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let same_kind = match (&self.0, &other.0) {
            (StoredValue::Bool(left), StoredValue::Bool(right)) => left.cmp(right),
            (StoredValue::Int(left), StoredValue::Int(right)) => left.cmp(right),
            (StoredValue::String(left), StoredValue::String(right)) => left.cmp(right),
            (left, right) => match (left.as_f64(), right.as_f64()) {
                (Some(left), Some(right)) => left.total_cmp(&right),
                _ => Ordering::Equal,
            },
        };
        self.rank().cmp(&other.rank()).then(same_kind)
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}
