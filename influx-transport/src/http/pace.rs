//! The slowest pace at which a peer may send a body.

use std::time::Duration;

/// The time for which a peer may still keep us waiting.
///
/// There is a greatest amount of it, which is there at the beginning. Waiting uses it up, and each
/// byte earns a little of it. So a peer may pause, but one that stays below the rate is noticed.
#[derive(Debug)]
pub(super) struct Pace {
    most: Duration,
    left: Duration,
    /// In bytes per second.
    min_rate: u32,
}

impl Pace {
    /// A `min_rate` of 0 bytes per second turns it off.
    pub(super) fn new(most: Duration, min_rate: u32) -> Self {
        Self { most, left: most, min_rate }
    }

    pub(super) fn left(&self) -> Duration {
        self.left
    }

    /// The peer kept us waiting.
    pub(super) fn spend(&mut self, waited: Duration) {
        if self.min_rate > 0 {
            self.left = self.left.saturating_sub(waited);
        }
    }

    /// The peer sent this many bytes.
    pub(super) fn earn(&mut self, bytes: usize) {
        if self.left < self.most {
            let nanos = (bytes as u128 * 1_000_000_000).checked_div(u128::from(self.min_rate));
            let nanos = u64::try_from(nanos.unwrap_or_default()).unwrap_or(u64::MAX);
            self.left = self.left.saturating_add(Duration::from_nanos(nanos)).min(self.most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// The number of pauses until a peer that sends `bytes` after each is too slow.
    fn check(min_rate: u32, pause: Duration, bytes: usize, expected: Option<u32>) {
        let mut pace = Pace::new(10 * SECOND, min_rate);
        let mut pauses = 0;
        while pace.left() >= pause && pauses < 1_000 {
            pace.spend(pause);
            pace.earn(bytes);
            pauses += 1;
        }
        assert_eq!((pauses < 1_000).then_some(pauses), expected, "{min_rate} {pause:?} {bytes}");
    }

    #[test]
    fn a_peer_below_the_rate_is_too_slow_after_a_while() {
        check(100, SECOND, 0, Some(10));
        check(100, SECOND, 1, Some(10));
        check(100, SECOND, 50, Some(19));
        check(100, SECOND, 99, Some(901));
        check(100, SECOND, 100, None);
        check(100, 9 * SECOND, 900, None);
        check(100, 9 * SECOND, usize::MAX, None);
        check(100, 11 * SECOND, usize::MAX, Some(0));
        check(0, SECOND, 0, None);
    }
}
