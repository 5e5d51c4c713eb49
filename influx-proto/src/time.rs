//! A moment, and the units in which moments travel.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::text::rfc3339;

/// A moment: nanoseconds since 1970-01-01T00:00:00Z, from 1677 to 2262.
///
/// Every timestamp that a program sees has this unit, whatever unit travels to and from a server.
///
/// A row type may use `Time`, `i64` (nanoseconds), [`SystemTime`], or a type of another crate that
/// serde reads and writes as RFC 3339 text, such as `chrono::DateTime<Utc>` and `jiff::Timestamp`.
///
/// ```
/// use influx_proto::{Time, TimeUnit};
///
/// let time = Time::from_unit(1_700_000_000, TimeUnit::Seconds).unwrap();
/// assert_eq!(time.nanos(), 1_700_000_000_000_000_000);
/// assert_eq!(time.to_string(), "2023-11-14T22:13:20Z");
/// assert_eq!("2023-11-14T23:13:20+01:00".parse(), Ok(time));
/// ```
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
// The serializers of rows tell a time from an integer by this name.
#[serde(rename = "$influx::Time")]
pub struct Time(i64);

impl Time {
    /// The name by which serde knows this newtype.
    pub(crate) const NAME: &'static str = "$influx::Time";

    /// The earliest moment. It also stands for all moments before it, so encoders refuse it.
    pub const MIN: Self = Self(i64::MIN);

    /// The latest moment. It also stands for all moments after it, so encoders refuse it.
    pub const MAX: Self = Self(i64::MAX);

    /// A moment by its nanoseconds since 1970.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// A moment by its milliseconds since 1970; `None` outside of 1677 to 2262.
    pub const fn from_millis(millis: i64) -> Option<Self> {
        Self::from_unit(millis, TimeUnit::Milliseconds)
    }

    /// A moment by its seconds since 1970; `None` outside of 1677 to 2262.
    pub const fn from_seconds(seconds: i64) -> Option<Self> {
        Self::from_unit(seconds, TimeUnit::Seconds)
    }

    /// A moment by its distance from 1970 in a unit; `None` outside of 1677 to 2262.
    pub const fn from_unit(count: i64, unit: TimeUnit) -> Option<Self> {
        match count.checked_mul(unit.nanos()) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// Nanoseconds since 1970.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// The distance from 1970 in a unit, rounded down.
    pub const fn in_unit(self, unit: TimeUnit) -> i64 {
        self.0.div_euclid(unit.nanos())
    }

    /// Whether this is [`Time::MIN`] or [`Time::MAX`], which stand for all moments beyond them.
    pub const fn is_saturated(self) -> bool {
        self.0 == i64::MIN || self.0 == i64::MAX
    }
}

impl From<SystemTime> for Time {
    /// A moment outside of the range becomes [`Time::MIN`] or [`Time::MAX`].
    fn from(time: SystemTime) -> Self {
        let nanos = match time.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
            Err(error) => {
                i64::try_from(error.duration().as_nanos()).map_or(i64::MIN, i64::wrapping_neg)
            }
        };
        Self(nanos)
    }
}

impl From<Time> for SystemTime {
    fn from(time: Time) -> Self {
        let distance = Duration::from_nanos(time.0.unsigned_abs());
        if time.0 < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance }
    }
}

impl fmt::Display for Time {
    /// RFC 3339 in UTC, with as many digits of the second's fraction as are not zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        rfc3339::write(self.0, f)
    }
}

impl std::str::FromStr for Time {
    type Err = TimeError;

    /// Reads RFC 3339, with any offset and up to nine digits of the second's fraction.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        rfc3339::read(text.as_bytes()).map(Self).ok_or(TimeError)
    }
}

/// A text that is not an RFC 3339 time between 1677 and 2262.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected an RFC 3339 time between 1677 and 2262, such as 2023-11-14T22:13:20Z")]
#[non_exhaustive]
pub struct TimeError;

/// The unit of an integer that stands for a moment.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum TimeUnit {
    /// Nanoseconds.
    #[default]
    Nanoseconds,
    /// Microseconds.
    Microseconds,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
}

impl TimeUnit {
    /// The length of one unit in nanoseconds.
    pub const fn nanos(self) -> i64 {
        match self {
            Self::Nanoseconds => 1,
            Self::Microseconds => 1_000,
            Self::Milliseconds => 1_000_000,
            Self::Seconds => 1_000_000_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_scale_and_round_down() {
        use TimeUnit::{Microseconds, Milliseconds, Nanoseconds, Seconds};
        for (nanos, unit, count) in [
            (7, Nanoseconds, 7),
            (1_999, Microseconds, 1),
            (-1, Microseconds, -1),
            (-1_000_001, Milliseconds, -2),
            (2_000_000_000, Seconds, 2),
            (i64::MIN, Seconds, -9_223_372_037),
        ] {
            assert_eq!(Time::from_nanos(nanos).in_unit(unit), count, "{nanos} {unit:?}");
        }
        assert_eq!(
            Time::from_seconds(9_223_372_036).map(Time::nanos),
            Some(9_223_372_036_000_000_000)
        );
        assert_eq!(Time::from_seconds(9_223_372_037), None);
        assert_eq!(Time::from_millis(-9_223_372_036_854), Some(Time(-9_223_372_036_854_000_000)));
        assert_eq!(Time::from_millis(i64::MIN), None);
    }

    #[test]
    fn system_times_pass_both_ways_and_saturate() {
        for nanos in [0, 1, -1, 1_700_000_000_123_456_789, i64::MIN + 1, i64::MAX - 1] {
            let time = Time::from_nanos(nanos);
            assert_eq!(Time::from(SystemTime::from(time)), time);
            assert!(!time.is_saturated());
        }
        let far = Duration::from_secs(10_000_000_000);
        assert_eq!(Time::from(UNIX_EPOCH + far), Time::MAX);
        assert_eq!(Time::from(UNIX_EPOCH - far), Time::MIN);
        assert!(Time::MIN.is_saturated() && Time::MAX.is_saturated());
    }
}
