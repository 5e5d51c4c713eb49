//! The orders that the server leaves to chance.

use std::cell::Cell;

/// A source of random numbers that a seed determines (`SplitMix64`).
pub(super) struct Random(Cell<u64>);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(Cell::new(seed))
    }

    pub(super) fn shuffle<T>(&self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// A number below a limit that is not 0.
    fn below(&self, limit: usize) -> usize {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let number = usize::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or_default();
        number.checked_rem(limit).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_determines_the_orders_and_every_order_comes() {
        let shuffled = |random: &Random| {
            let mut items = [0, 1, 2];
            random.shuffle(&mut items);
            items
        };
        let orders = |seed| {
            let random = Random::new(seed);
            (0..100).map(|_| shuffled(&random)).collect::<Vec<_>>()
        };
        assert_eq!(orders(1), orders(1));
        assert_ne!(orders(1), orders(2));
        assert_eq!(orders(1).into_iter().collect::<std::collections::BTreeSet<_>>().len(), 6);
    }
}
