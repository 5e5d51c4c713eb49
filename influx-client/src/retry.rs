//! When a failed attempt may be repeated, and after which pause. Pure: no clock, no randomness.

use std::time::Duration;

use influx_proto::Idempotency;
use influx_transport::Delivery;

/// When a failed attempt may be repeated, and after which pause.
///
/// What surely was not sent may be repeated always.
/// What the server may have carried out is repeated only if that changes nothing more:
/// a re-sent 0.8 point without time and sequence number would be a duplicate.
///
/// Pauses grow with full jitter: a random share of 100 ms, 200 ms, 400 ms, … up to 5 s,
/// so that clients do not return in step after an outage. They are never shorter than the server
/// asks by `Retry-After`; if that is beyond the deadline, there is no other attempt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct RetryPolicy {
    max_attempts: u32,
    deadline: Duration,
}

/// What a decision about a repetition needs to know of a failed attempt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    /// How far the request came.
    pub(crate) delivery: Delivery,
    /// Whether another attempt can end otherwise.
    pub(crate) transient: bool,
    /// How long the server asked to wait.
    pub(crate) retry_after: Option<Duration>,
}

impl RetryPolicy {
    const FIRST_PAUSE: Duration = Duration::from_millis(100);
    const LONGEST_PAUSE: Duration = Duration::from_secs(5);

    /// At most `max_attempts` attempts (0 counts as 1), none of which begins after the deadline.
    pub(crate) fn new(max_attempts: u32, deadline: Duration) -> Self {
        Self { max_attempts: max_attempts.max(1), deadline }
    }

    /// How long one call may take with all its attempts.
    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    /// The pause before the next attempt, or `None` to give up.
    ///
    /// `attempts` have been made so far, the first of them `elapsed` ago.
    /// `jitter` is a random number from 0 to 1.
    pub(crate) fn pause(
        &self,
        attempts: u32,
        elapsed: Duration,
        idempotency: Idempotency,
        failure: Failure,
        jitter: f64,
    ) -> Option<Duration> {
        let repeatable = match failure.delivery {
            Delivery::NotSent => true,
            _ => idempotency != Idempotency::NonIdempotent,
        };
        if !failure.transient || !repeatable || attempts >= self.max_attempts {
            return None;
        }
        let doublings = attempts.saturating_sub(1).min(16);
        let longest = Self::FIRST_PAUSE.saturating_mul(1 << doublings).min(Self::LONGEST_PAUSE);
        let backoff = longest.mul_f64(jitter.clamp(0.0, 1.0));
        let pause = backoff.max(failure.retry_after.unwrap_or_default());
        (elapsed.saturating_add(pause) < self.deadline).then_some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy { max_attempts: 3, deadline: Duration::from_secs(30) };
    const LOST: Failure =
        Failure { delivery: Delivery::MaybeSent, transient: true, retry_after: None };

    fn check(
        attempts: u32,
        elapsed_s: u64,
        idempotency: Idempotency,
        failure: Failure,
        expected_ms: Option<u64>,
    ) {
        let elapsed = Duration::from_secs(elapsed_s);
        let pause = POLICY.pause(attempts, elapsed, idempotency, failure, 1.0);
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
    fn pauses_grow_to_a_limit_and_even_one_attempt_is_bounded() {
        let policy = RetryPolicy::new(u32::MAX, Duration::MAX);
        let pause = |attempts, jitter| {
            policy.pause(attempts, Duration::ZERO, Idempotency::Safe, LOST, jitter).unwrap()
        };
        assert_eq!(pause(1, 0.5), Duration::from_millis(50));
        assert_eq!(pause(6, 1.0), Duration::from_millis(3_200));
        assert_eq!(pause(7, 1.0), RetryPolicy::LONGEST_PAUSE);
        assert_eq!(pause(1_000_000, 1.0), RetryPolicy::LONGEST_PAUSE);
        assert_eq!(RetryPolicy::new(0, Duration::MAX).max_attempts, 1);
    }
}
