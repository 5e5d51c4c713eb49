//! The unit of the timestamps that travel.

use std::fmt;

use crate::TimeUnit;

/// The unit of the timestamps that travel to and from an InfluxDB 0.8 server.
///
/// The server also takes `m` for milliseconds. It means minutes to InfluxDB 1.x, so it is never
/// sent.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the 0.8 protocol has exactly these three")]
pub enum Precision {
    /// Microseconds.
    Microseconds,
    /// Milliseconds, the server's own default.
    #[default]
    Milliseconds,
    /// Seconds.
    Seconds,
}

impl Precision {
    /// The spelling in `time_precision`: `u`, `ms` or `s`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Microseconds => "u",
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
        }
    }

    /// The length of one unit, in nanoseconds.
    pub fn nanos(self) -> i64 {
        TimeUnit::from(self).nanos()
    }
}

impl From<Precision> for TimeUnit {
    fn from(precision: Precision) -> Self {
        match precision {
            Precision::Microseconds => Self::Microseconds,
            Precision::Milliseconds => Self::Milliseconds,
            Precision::Seconds => Self::Seconds,
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
