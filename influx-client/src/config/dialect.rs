//! The dialect that a DSN names. The only place of the root that knows them by name.

/// A generation of servers.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Dialect {
    V08,
    V1,
    V2,
    V3,
}

impl Dialect {
    const ALL: [Self; 4] = [Self::V08, Self::V1, Self::V2, Self::V3];

    /// The digits behind `influxdb` in a scheme.
    pub(super) fn digits(self) -> &'static str {
        match self {
            Self::V08 => "08",
            Self::V1 => "1",
            Self::V2 => "2",
            Self::V3 => "3",
        }
    }

    pub(super) fn from_digits(digits: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.digits() == digits)
    }

    /// The name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::V08 => "InfluxDB 0.8",
            Self::V1 => "InfluxDB 1.x",
            Self::V2 => "InfluxDB 2.x",
            Self::V3 => "InfluxDB 3.x",
        }
    }
}
