//! Pauses between attempts, and a budget of repetitions. Pure: no clock, no randomness.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Pauses between attempts: a random share of `first`, 2 `first`, 4 `first`, … up to `longest`.
///
/// The share is random over the whole pause (full jitter), so that the many clients of one server
/// do not come back in step after an outage.
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
    first: Duration,
    longest: Duration,
}

impl Backoff {
    /// Pauses of which the first is at most `first`, and all are at most `longest`.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest }
    }

    /// The longest pause before a repetition. `attempt` counts the failed attempts before the last
    /// one: 0 after the first failure.
    pub fn longest(&self, attempt: u32) -> Duration {
        let factor = 2_u32.saturating_pow(attempt);
        self.first.saturating_mul(factor).min(self.longest)
    }

    /// The pause before a repetition, for a random number from 0 to 1. `attempt` is that of
    /// [`longest`](Self::longest).
    pub fn delay(&self, attempt: u32, random: f64) -> Duration {
        let longest = self.longest(attempt);
        // NaN becomes 0.
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

/// A budget of repetitions (a token bucket), which keeps a server that fails from being flooded.
///
/// Each call deposits a fraction of a token, and each repetition takes a whole one. While most calls
/// succeed, the budget is full and every failure may be repeated. In a total outage it runs empty,
/// and the extra load fades to the deposited fraction, 10 % by default.
///
/// All tasks that call one server share one budget, by a reference or an `Arc`.
///
/// ```
/// use influx_transport::RetryBudget;
///
/// let budget = RetryBudget::default();
/// let mut repetitions = 0;
/// for _failed_call in 0..1000 {
///     budget.deposit();
///     if budget.withdraw() {
///         repetitions += 1;
///     }
/// }
/// assert_eq!(repetitions, 10 + 100 - 1, "the full budget, and then 10 % of the calls");
/// ```
#[derive(Debug)]
pub struct RetryBudget {
    /// All three in hundredths of a token.
    balance: AtomicU32,
    max: u32,
    deposit: u32,
}

impl RetryBudget {
    /// A budget that is full with this many tokens. Each call deposits `percent` hundredths of a
    /// token. At most 42,949,672 tokens count.
    pub const fn new(tokens: u32, percent: u32) -> Self {
        let max = tokens.saturating_mul(TOKEN);
        Self { balance: AtomicU32::new(max), max, deposit: percent }
    }

    /// Deposits the share of one call. To be called once for each call, not for each attempt.
    pub fn deposit(&self) {
        let add = |balance: u32| Some(balance.saturating_add(self.deposit).min(self.max));
        // The closure never refuses.
        let _ = self.balance.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// Takes one token for a repetition. `false` means that there is none: do not repeat.
    #[must_use = "without a token a call is not repeated"]
    pub fn withdraw(&self) -> bool {
        let take = |balance: u32| balance.checked_sub(TOKEN);
        self.balance.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// The number of whole tokens that are left.
    pub fn tokens(&self) -> u32 {
        self.balance.load(Ordering::Relaxed) / TOKEN
    }
}

impl Default for RetryBudget {
    /// 10 tokens, and 10 % of a token for each call.
    fn default() -> Self {
        Self::new(10, 10)
    }
}

/// One token, in hundredths.
const TOKEN: u32 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extra_load_of_an_outage_fades_to_the_deposited_share() {
        for (tokens, percent, calls, expected) in
            [(10, 10, 2000, 209), (10, 10, 5, 5), (0, 10, 100, 0), (3, 0, 100, 3), (0, 100, 7, 0)]
        {
            let budget = RetryBudget::new(tokens, percent);
            let repeated = (0..calls)
                .filter(|_| {
                    budget.deposit();
                    budget.withdraw()
                })
                .count();
            assert_eq!(repeated, expected, "{tokens} tokens, {percent} %, {calls} calls");
        }
    }

    #[test]
    fn successful_calls_fill_the_budget_up_to_its_maximum() {
        let budget = RetryBudget::new(2, 10);
        assert!(budget.withdraw() && budget.withdraw() && !budget.withdraw());
        for (calls, expected) in [(9, 0), (1, 1), (9, 1), (1, 2), (1000, 2)] {
            for _ in 0..calls {
                budget.deposit();
            }
            assert_eq!(budget.tokens(), expected, "{calls} more calls");
        }
        let most = RetryBudget::new(u32::MAX, u32::MAX);
        most.deposit();
        assert_eq!(most.tokens(), 42_949_672);
    }

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
