//! When a failed attempt may be repeated, and after which pause. Pure: no clock, no randomness.

use std::time::Duration;

use influx_proto::Idempotency;
use influx_transport::{Backoff, Delivery};

use crate::config::{Retry, Timeouts};

/// When a failed attempt may be repeated, and after which pause.
///
/// A request that surely was not sent may always be repeated. A request that the server may have
/// carried out is repeated only if that changes nothing more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RetryPolicy {
    attempts: u32,
    limit: Duration,
    backoff: Backoff,
}

/// The facts about a failed attempt that decide about a repetition.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    /// How far the request came.
    pub(crate) delivery: Delivery,
    /// Whether another attempt can end otherwise.
    pub(crate) transient: bool,
    /// How long the server asks to wait.
    pub(crate) retry_after: Option<Duration>,
}

impl RetryPolicy {
    pub(crate) fn new(retry: &Retry, timeouts: &Timeouts) -> Self {
        Self {
            attempts: retry.attempts,
            limit: timeouts.call,
            backoff: Backoff::new(retry.first_pause, retry.longest_pause),
        }
    }

    /// The same policy with another limit for the whole call.
    pub(crate) fn with_limit(self, limit: Option<Duration>) -> Self {
        Self { limit: limit.unwrap_or(self.limit), ..self }
    }

    /// How long one call may take with all its attempts.
    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// The pause before the next attempt, or `None` to give up.
    ///
    /// `attempts` have been made so far, the first of them `elapsed` ago.
    /// `random` is a number from 0 to 1.
    pub(crate) fn pause(
        &self,
        attempts: u32,
        elapsed: Duration,
        idempotency: Idempotency,
        failure: Failure,
        random: f64,
    ) -> Option<Duration> {
        let repeatable =
            failure.delivery == Delivery::NotSent || idempotency != Idempotency::NonIdempotent;
        if !failure.transient || !repeatable || attempts >= self.attempts {
            return None;
        }
        let backoff = self.backoff.delay(attempts.saturating_sub(1), random);
        let pause = backoff.max(failure.retry_after.unwrap_or_default());
        (elapsed.saturating_add(pause) < self.limit).then_some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOST: Failure =
        Failure { delivery: Delivery::MaybeSent, transient: true, retry_after: None };

    fn policy(attempts: u32, limit: Duration) -> RetryPolicy {
        let retry = Retry { attempts, ..Retry::default() };
        RetryPolicy::new(&retry, &Timeouts::default()).with_limit(Some(limit))
    }

    fn check(
        attempts: u32,
        elapsed_s: u64,
        idempotency: Idempotency,
        failure: Failure,
        expected_ms: Option<u64>,
    ) {
        let elapsed = Duration::from_secs(elapsed_s);
        let policy = policy(3, Duration::from_secs(30));
        let pause = policy.pause(attempts, elapsed, idempotency, failure, 1.0);
        assert_eq!(pause, expected_ms.map(Duration::from_millis), "{attempts} {failure:?}");
    }

    #[test]
    fn only_what_cannot_do_it_twice_is_repeated() {
        use Idempotency::{Idempotent, NonIdempotent, Safe};
        let not_sent = Failure { delivery: Delivery::NotSent, ..LOST };
        let answered = Failure { delivery: Delivery::Answered, ..LOST };
        for (failure, repeats) in [(not_sent, true), (LOST, false), (answered, false)] {
            check(1, 0, NonIdempotent, failure, repeats.then_some(100));
            check(1, 0, Idempotent, failure, Some(100));
            check(1, 0, Safe, failure, Some(100));
            check(1, 0, Safe, Failure { transient: false, ..failure }, None);
        }
    }

    #[test]
    fn attempts_and_time_are_bounded() {
        use Idempotency::Safe;
        check(2, 0, Safe, LOST, Some(200));
        check(3, 0, Safe, LOST, None);
        check(1, 29, Safe, LOST, Some(100));
        check(1, 30, Safe, LOST, None);
        let wait = |s| Failure { retry_after: Some(Duration::from_secs(s)), ..LOST };
        check(1, 0, Safe, wait(7), Some(7_000));
        check(1, 23, Safe, wait(7), None);
        check(1, 0, Safe, wait(u64::MAX), None);
    }

    #[test]
    fn pauses_grow_to_a_limit_and_no_attempts_count_as_one() {
        let endless = policy(u32::MAX, Duration::MAX);
        let pause = |attempts, random| {
            endless.pause(attempts, Duration::ZERO, Idempotency::Safe, LOST, random).unwrap()
        };
        assert_eq!(pause(1, 0.5), Duration::from_millis(50));
        assert_eq!(pause(6, 1.0), Duration::from_millis(3_200));
        assert_eq!(pause(7, 1.0), Duration::from_secs(5));
        assert_eq!(pause(1_000_000, 1.0), Duration::from_secs(5));
        let never = policy(0, Duration::MAX);
        assert_eq!(never.pause(1, Duration::ZERO, Idempotency::Safe, LOST, 1.0), None);
    }
}
