//! The keys of a DSN and the defaults that only InfluxDB 0.8 has.

use influx_proto::v08::Precision;
use influx_proto::{Auth, Placement};

use crate::config::{
    DATAGRAM, DEFAULT_DATAGRAM, Dialect, Key, PLACEMENT, read_datagram, read_dialect_keys,
    read_placement, set, write_placement,
};
use crate::connect::{self, Defaults};
use crate::{Config, ConfigError};

/// The settings of these keys.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) placement: Placement,
    pub(super) max_datagram: usize,
    pub(super) precision: Precision,
    /// Whether `precision` was given.
    pub(super) precision_is_set: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            placement: Placement::Auto,
            max_datagram: DEFAULT_DATAGRAM,
            precision: Precision::Microseconds,
            precision_is_set: false,
        }
    }
}

/// In alphabetical order.
const KEYS: &[Key<Settings>] = &[
    Key {
        name: "credentials",
        expected: PLACEMENT,
        read: |settings, text| set(&mut settings.placement, read_placement(text)),
        write: |settings| write_placement(settings.placement),
        meaning: "where credentials travel: in the header, in the query string, \
                  or in the header unless they contain a colon",
    },
    Key {
        name: "max_datagram",
        expected: DATAGRAM,
        read: |settings, text| set(&mut settings.max_datagram, read_datagram(text)),
        write: |settings| settings.max_datagram.to_string(),
        meaning: "the largest datagram in bytes; a server reads no more than 2048",
    },
    Key {
        name: "precision",
        expected: "must be s, ms or u (`m` means minutes to newer servers)",
        read: |settings, text| {
            let precision = match text {
                "s" => Some(Precision::Seconds),
                "ms" => Some(Precision::Milliseconds),
                "u" => Some(Precision::Microseconds),
                _ => None,
            };
            settings.precision_is_set = true;
            set(&mut settings.precision, precision)
        },
        write: |settings| settings.precision.to_string(),
        meaning: "the unit in which times travel: s, ms or u",
    },
];

/// Reads the keys of this dialect, and refuses credentials that it does not have.
pub(super) fn read(config: &Config, defaults: &Defaults) -> Result<Settings, ConfigError> {
    connect::check(config, defaults)?;
    let settings = read_dialect_keys(config, KEYS)?;
    match config.auth {
        None | Some(Auth::None | Auth::Basic { .. }) => Ok(settings),
        Some(_) => Err(ConfigError::Malformed {
            part: "token",
            reason: "means nothing to InfluxDB 0.8; write user:password@",
        }),
    }
}

/// The defaults of a fresh server.
pub(super) fn defaults(port: u16) -> Defaults {
    Defaults { dialect: Dialect::V08, port, auth: Auth::basic("root", "root") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::documentation;

    #[test]
    fn the_documentation_is_the_table() {
        let table = documentation(KEYS);
        assert_eq!(include_str!("keys.md"), table, "keys.md must be:\n{table}");
        assert!(KEYS.is_sorted_by_key(|key| key.name));
    }
}
