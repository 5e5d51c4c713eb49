//! The unit of a timestamp.

use std::fmt;

/// The unit in which timestamps are written and read.
///
/// InfluxDB 0.8 knows these three; its spelling `m` is a synonym of milliseconds,
/// while `m` means minutes to InfluxDB 1.x, so neither is ever sent.
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
    /// How InfluxDB 0.8 spells the unit in `time_precision`: `u`, `ms` or `s`.
    pub fn as_v08(self) -> &'static str {
        match self {
            Self::Microseconds => "u",
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
        }
    }

    /// How many microseconds one unit lasts.
    pub fn microseconds(self) -> i64 {
        match self {
            Self::Microseconds => 1,
            Self::Milliseconds => 1_000,
            Self::Seconds => 1_000_000,
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_v08())
    }
}
