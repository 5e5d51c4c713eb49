//! How long to wait before a failed attempt is repeated. Pure: no clock, no randomness.

use std::time::Duration;

/// Pauses that grow with full jitter: a random share of `base`, 2 `base`, 4 `base`, … up to `cap`.
///
/// The share is random over the whole pause, so that many clients of one server do not come back
/// in step after an outage.
///
/// ```
/// use std::time::Duration;
///
/// use influx_transport::Backoff;
///
/// let backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));
/// assert_eq!(backoff.longest(0), Duration::from_millis(100));
/// assert_eq!(backoff.longest(3), Duration::from_millis(800));
/// assert_eq!(backoff.longest(1000), Duration::from_secs(5));
/// assert_eq!(backoff.delay(3, 0.25), Duration::from_millis(200));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Backoff {
    base: Duration,
    cap: Duration,
}

impl Backoff {
    /// The first pause is at most `base`, none is longer than `cap`.
    pub fn new(base: Duration, cap: Duration) -> Self {
        Self { base, cap }
    }

    /// The longest pause after this many failures before the last, counted from 0.
    pub fn longest(&self, attempt: u32) -> Duration {
        let factor = 2_u32.saturating_pow(attempt);
        self.base.saturating_mul(factor).min(self.cap)
    }

    /// The pause after this many failures before the last, counted from 0, for a random number
    /// from 0 to 1.
    pub fn delay(&self, attempt: u32, random: f64) -> Duration {
        let longest = self.longest(attempt);
        // What is no number becomes 0.
        let share = if random > 0.0 { random.min(1.0) } else { 0.0 };
        Duration::try_from_secs_f64(longest.as_secs_f64() * share).unwrap_or(longest)
    }
}

impl Default for Backoff {
    /// 100 ms, up to 5 s.
    fn default() -> Self {
        Self::new(Duration::from_millis(100), Duration::from_secs(5))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(base: u64, cap: u64, attempt: u32, random: f64, expected: u64) {
        let backoff = Backoff::new(Duration::from_millis(base), Duration::from_millis(cap));
        let found = backoff.delay(attempt, random);
        assert_eq!(found, Duration::from_millis(expected), "attempt {attempt}, random {random}");
    }

    #[test]
    fn pauses_double_up_to_the_cap() {
        for (attempt, longest) in [(0, 100), (1, 200), (2, 400), (5, 3200), (6, 5000), (7, 5000)] {
            check(100, 5000, attempt, 1.0, longest);
            check(100, 5000, attempt, 0.5, longest / 2);
            check(100, 5000, attempt, 0.0, 0);
        }
        check(100, 5000, u32::MAX, 1.0, 5000);
        check(100, 50, 0, 1.0, 50);
        check(0, 5000, 9, 1.0, 0);
    }

    #[test]
    fn no_random_number_leads_out_of_the_range() {
        for (random, expected) in
            [(-1.0, 0), (2.0, 400), (f64::NAN, 0), (f64::INFINITY, 400), (f64::NEG_INFINITY, 0)]
        {
            check(100, 5000, 2, random, expected);
        }
        let forever = Backoff::new(Duration::MAX, Duration::MAX);
        assert_eq!(forever.delay(3, 1.0), Duration::MAX);
    }
}
