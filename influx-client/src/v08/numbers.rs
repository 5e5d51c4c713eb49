//! Sequence numbers, which together with the time identify a point.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bits of the part that differs from client to client, and of the part that counts.
/// Together 53: the server reads the number as a double, which keeps no more.
const COUNTER_BITS: u32 = 33;
const CLIENT_BITS: u32 = 20;

/// Gives points the numbers that they lack.
///
/// The server keeps one point for each time and sequence number of a series: a point that arrives
/// twice with both overwrites itself. Numbers are distinct within a client and, by a random part,
/// most likely distinct from those of other clients.
#[derive(Debug)]
pub(super) struct SequenceNumbers {
    client_part: u64,
    counter: AtomicU64,
}

impl SequenceNumbers {
    pub(super) fn new() -> Self {
        let client_part = fastrand::u64(..1 << CLIENT_BITS);
        Self { client_part: client_part << COUNTER_BITS, counter: AtomicU64::new(0) }
    }

    pub(super) fn next(&self) -> u64 {
        let count = self.counter.fetch_add(1, Ordering::Relaxed);
        self.client_part | (count & ((1 << COUNTER_BITS) - 1))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_are_distinct_and_survive_a_double() {
        let source = SequenceNumbers::new();
        let numbers: HashSet<u64> = (0..1_000).map(|_| source.next()).collect();
        assert_eq!(numbers.len(), 1_000);
        assert!(numbers.iter().all(|&number| number < 1 << 53));
    }
    #[test]
    fn clients_have_different_numbers() {
        let numbers: HashSet<u64> = (0..8).map(|_| SequenceNumbers::new().next()).collect();
        assert!(numbers.len() > 1, "eight random parts are equal");
    }
}
