//! The memory that all peers take together.

use std::mem::{replace, take};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

/// Counts the bytes that are buffered for all peers: each buffer once while it lives, even if many
/// peers share it.
#[derive(Debug, Default)]
pub(super) struct Budget(AtomicUsize);

impl Budget {
    pub(super) fn used(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// A part of the budget that is in use.
#[derive(Debug)]
pub(super) struct Charge {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Charge {
    pub(super) fn new(budget: &Arc<Budget>, bytes: usize) -> Self {
        let mut charge = Self { budget: Arc::clone(budget), bytes: 0 };
        charge.set(bytes);
        charge
    }

    pub(super) fn set(&mut self, bytes: usize) {
        let before = replace(&mut self.bytes, bytes);
        // The sum is never less than one of its parts.
        self.budget.0.fetch_add(bytes.wrapping_sub(before), Ordering::Relaxed);
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.set(0);
    }
}

/// A buffer that counts. It does not grow beyond its capacity.
pub(super) struct Buffer {
    bytes: Vec<u8>,
    charge: Charge,
}

impl Buffer {
    pub(super) fn with_capacity(capacity: usize, budget: &Arc<Budget>) -> Self {
        Self::new(Vec::with_capacity(capacity), budget)
    }

    pub(super) fn new(bytes: Vec<u8>, budget: &Arc<Budget>) -> Self {
        let charge = Charge::new(budget, bytes.capacity());
        Self { bytes, charge }
    }

    /// Takes the bytes out and leaves an empty buffer without capacity.
    pub(super) fn take(&mut self) -> Self {
        let empty = Charge::new(&self.charge.budget, 0);
        Self { bytes: take(&mut self.bytes), charge: replace(&mut self.charge, empty) }
    }

    pub(super) fn room(&self) -> usize {
        self.bytes.capacity() - self.bytes.len()
    }

    /// The bytes for sharing. They count until the last clone or slice is dropped.
    pub(super) fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl Deref for Buffer {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.bytes
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_bytes_count_once_and_until_the_last_part_is_dropped() {
        let budget = Arc::new(Budget::default());
        let mut buffer = Buffer::with_capacity(100, &budget);
        buffer.extend_from_slice(b"message");
        assert_eq!((budget.used(), buffer.room()), (100, 93));
        let bytes = buffer.freeze();
        let part = bytes.slice(1..2);
        drop((bytes.clone(), bytes));
        assert_eq!((budget.used(), &part[..]), (100, &b"e"[..]));
        drop(part);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn a_charge_grows_and_shrinks() {
        let budget = Arc::new(Budget::default());
        let mut charge = Charge::new(&budget, 10);
        let other = Charge::new(&budget, 5);
        charge.set(3);
        assert_eq!(budget.used(), 8);
        charge.set(30);
        drop(other);
        assert_eq!(budget.used(), 30);
        drop(charge);
        assert_eq!(budget.used(), 0);
    }
}
