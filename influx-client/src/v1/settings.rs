//! The keys of a DSN and the defaults that only InfluxDB 1.x has.

use influx_proto::v1::Consistency;
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
    pub(super) policy: Option<String>,
    pub(super) consistency: Option<Consistency>,
    pub(super) max_datagram: usize,
}

impl Default for Settings {
    fn default() -> Self {
        let placement = Placement::default();
        Self { placement, policy: None, consistency: None, max_datagram: DEFAULT_DATAGRAM }
    }
}

impl Settings {
    /// Refuses the setting that only datagrams have.
    pub(super) fn refuse_datagrams(&self, reason: &'static str) -> Result<(), ConfigError> {
        if self.max_datagram == DEFAULT_DATAGRAM {
            return Ok(());
        }
        Err(ConfigError::Useless { setting: "max_datagram", reason })
    }
}

const CONSISTENCIES: [Consistency; 4] =
    [Consistency::Any, Consistency::One, Consistency::Quorum, Consistency::All];

/// In alphabetical order.
const KEYS: &[Key<Settings>] = &[
    Key {
        name: "consistency",
        expected: "must be any, one, quorum or all",
        read: |settings, text| {
            settings.consistency = CONSISTENCIES.into_iter().find(|one| one.as_str() == text);
            settings.consistency.is_some()
        },
        write: |settings| settings.consistency.map_or("", Consistency::as_str).to_owned(),
        meaning: "how many servers of a cluster must have stored a write: any, one, quorum or all",
    },
    Key {
        name: "credentials",
        expected: PLACEMENT,
        read: |settings, text| set(&mut settings.placement, read_placement(text)),
        write: |settings| write_placement(settings.placement),
        meaning: "where credentials travel: in the header, in the query string, \
                  or in the header unless the user has a colon",
    },
    Key {
        name: "max_datagram",
        expected: DATAGRAM,
        read: |settings, text| set(&mut settings.max_datagram, read_datagram(text)),
        write: |settings| settings.max_datagram.to_string(),
        meaning: "the largest datagram of a `LineWriter` in bytes",
    },
    Key {
        name: "rp",
        expected: "must not be empty",
        read: |settings, text| {
            settings.policy = Some(text.to_owned()).filter(|text| !text.is_empty());
            settings.policy.is_some()
        },
        write: |settings| settings.policy.clone().unwrap_or_default(),
        meaning: "the retention policy to write to and read from, instead of the database's default",
    },
];

/// Reads the keys of this dialect.
pub(super) fn read(config: &Config, defaults: &Defaults) -> Result<Settings, ConfigError> {
    connect::check(config, defaults)?;
    read_dialect_keys(config, KEYS)
}

/// The defaults of a fresh server, which asks for no credentials.
pub(super) fn defaults() -> Defaults {
    Defaults { dialect: Dialect::V1, port: 8086, auth: Auth::None }
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
