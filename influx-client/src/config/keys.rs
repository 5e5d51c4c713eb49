//! The keys of a DSN that all dialects share: one table from which reading, writing and the
//! documentation follow.

use influx_proto::encode::NonFinite;

use super::key::{
    BYTES, DURATION, Key, TEXT, read_bool, read_duration, read_number, set, set_text,
    write_duration, write_path,
};
use super::{Config, ConfigError, Policy};

/// The key of a time limit.
macro_rules! timeout {
    ($name:literal, $phase:ident, $meaning:literal) => {
        Key {
            name: $name,
            expected: DURATION,
            read: |config, text| set(&mut config.timeouts.$phase, read_duration(text)),
            write: |config| write_duration(config.timeouts.$phase),
            meaning: $meaning,
        }
    };
}

/// In alphabetical order, as they are written.
pub(super) const KEYS: &[Key<Config>] = &[
    Key {
        name: "answers",
        expected: "must be a number of servers up to 64",
        read: |config, text| set(&mut config.answers, read_number(text, 0, MAX_HOSTS)),
        write: |config| config.answers.to_string(),
        meaning: "with `policy=replicate`: how many servers must answer a write; 0 means all",
    },
    Key {
        name: "attempts",
        expected: "must be a number from 1 to 100",
        read: |config, text| {
            let attempts = read_number(text, 1, 100).and_then(|number| u32::try_from(number).ok());
            set(&mut config.retry.attempts, attempts)
        },
        write: |config| config.retry.attempts.to_string(),
        meaning: "how many attempts one call makes; 1 means no repetition",
    },
    timeout!("body_timeout", body, "between two pieces of the answer"),
    timeout!("call_timeout", call, "the whole call with all its attempts"),
    timeout!("connect_timeout", connect, "until the connection is open"),
    Key {
        name: "gzip",
        expected: "must be true or false",
        read: |config, text| set(&mut config.write.gzip, read_bool(text)),
        write: |config| config.write.gzip.to_string(),
        meaning: "whether request bodies are compressed, with the feature `gzip`",
    },
    timeout!("handshake_timeout", handshake, "until the encryption is agreed on"),
    Key {
        name: "max_points",
        expected: "must be a positive number of points",
        read: |config, text| set(&mut config.write.max_points, read_number(text, 1, usize::MAX)),
        write: |config| match config.write.max_points {
            usize::MAX => String::new(),
            points => points.to_string(),
        },
        meaning: "the largest number of points in one request",
    },
    Key {
        name: "max_request",
        expected: BYTES,
        read: |config, text| set(&mut config.limits.max_request, read_number(text, 1, usize::MAX)),
        write: |config| config.limits.max_request.to_string(),
        meaning: "the largest body of a write in bytes; more points travel in several requests",
    },
    Key {
        name: "max_response",
        expected: BYTES,
        read: |config, text| set(&mut config.limits.max_response, read_number(text, 1, usize::MAX)),
        write: |config| config.limits.max_response.to_string(),
        meaning: "the largest answer in bytes that is collected in memory as a whole",
    },
    Key {
        name: "max_values",
        expected: "must be a positive number of values",
        read: |config, text| set(&mut config.limits.max_values, read_number(text, 1, usize::MAX)),
        write: |config| config.limits.max_values.to_string(),
        meaning: "the largest number of values of an answer that are collected in memory",
    },
    Key {
        name: "min_body_rate",
        expected: "must be a number of bytes per second, or 0",
        read: |config, text| {
            let rate = read_number(text, 0, usize::MAX).and_then(|rate| u32::try_from(rate).ok());
            set(&mut config.limits.min_body_rate, rate)
        },
        write: |config| config.limits.min_body_rate.to_string(),
        meaning: "the slowest average pace of an answer in bytes per second; 0 allows any",
    },
    Key {
        name: "non_finite",
        expected: "must be refuse or omit",
        read: |config, text| {
            let non_finite = match text {
                "refuse" => Some(NonFinite::Refuse),
                "omit" => Some(NonFinite::Omit),
                _ => None,
            };
            set(&mut config.write.non_finite, non_finite)
        },
        write: |config| match config.write.non_finite {
            NonFinite::Omit => "omit".to_owned(),
            _ => "refuse".to_owned(),
        },
        meaning: "the treatment of NaN and infinities: refuse the write, or omit the field",
    },
    Key {
        name: "policy",
        expected: "must be failover, spread or replicate",
        read: |config, text| {
            let policy = match text {
                "failover" => Some(Policy::Failover),
                "spread" => Some(Policy::Spread),
                "replicate" => Some(Policy::Replicate),
                _ => None,
            };
            set(&mut config.policy, policy)
        },
        write: |config| match config.policy {
            Policy::Failover => "failover".to_owned(),
            Policy::Spread => "spread".to_owned(),
            Policy::Replicate => "replicate".to_owned(),
        },
        meaning: "the use of several hosts: failover, spread or replicate",
    },
    Key {
        name: "prefix",
        expected: "must begin with a `/`",
        read: |config, text| {
            let prefix = text.starts_with('/').then(|| text.trim_end_matches('/').to_owned());
            set(&mut config.prefix, prefix)
        },
        write: |config| config.prefix.clone(),
        meaning: "the path before every path of the server, such as /insert/0/influx",
    },
    timeout!("resolve_timeout", resolve, "until the addresses of the host are known"),
    timeout!("response_timeout", response, "from the end of the request until the answer begins"),
    timeout!("send_timeout", send, "until the server takes more of the request"),
    Key {
        name: "tls_ca",
        expected: TEXT,
        read: |config, text| set_text(&mut config.tls.ca, text),
        write: |config| write_path(config.tls.ca.as_deref()),
        meaning: "a PEM file with the authorities to trust instead of those of the system",
    },
    Key {
        name: "tls_certificate",
        expected: TEXT,
        read: |config, text| set_text(&mut config.tls.certificate, text),
        write: |config| write_path(config.tls.certificate.as_deref()),
        meaning: "a PEM file with the chain of the client's certificate",
    },
    Key {
        name: "tls_key",
        expected: TEXT,
        read: |config, text| set_text(&mut config.tls.key, text),
        write: |config| write_path(config.tls.key.as_deref()),
        meaning: "a PEM file with the key of the client's certificate",
    },
    Key {
        name: "tls_server_name",
        expected: TEXT,
        read: |config, text| set_text(&mut config.tls.server_name, text),
        write: |config| config.tls.server_name.clone().unwrap_or_default(),
        meaning: "the name that the server's certificate must have, if it is not the host's",
    },
];

/// Keys that this crate does not read although users look for them, and what to write instead.
pub(super) const REPLACED: &[(&str, &str)] = &[
    ("batch_size", "max_points=…, the points of one request"),
    ("compression", "gzip=true"),
    ("deadline", "call_timeout=…, which limits all attempts together"),
    ("password", "user:password@ before the host, where it is kept secret"),
    ("retries", "attempts=…, the number of all tries (1 means no repetition)"),
    ("ssl", "https+influxdb://"),
    ("timeout", "response_timeout=… for one answer, or call_timeout=… for the whole call"),
    ("token", "TOKEN@ before the host, where it is kept secret"),
];

/// More servers than any policy serves well.
pub(super) const MAX_HOSTS: usize = 64;

/// Reads the keys that only one dialect has, and refuses all that neither it nor the root knows.
pub(crate) fn read_dialect_keys<S: Default>(
    config: &Config,
    keys: &[Key<S>],
) -> Result<S, ConfigError> {
    let mut settings = S::default();
    for (name, value) in &config.dialect_keys {
        let Some(key) = keys.iter().find(|key| key.name == name) else {
            let shared = KEYS.iter().map(|key| key.name);
            let mut known: Vec<_> = shared.chain(keys.iter().map(|key| key.name)).collect();
            known.sort_unstable();
            let key = name.chars().take(64).collect();
            return Err(ConfigError::UnknownKey { key, known: known.join(", ") });
        };
        if !(key.read)(&mut settings, value) {
            return Err(ConfigError::Value { key: key.name, reason: key.expected });
        }
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::super::key::documentation;
    use super::*;

    #[test]
    fn the_documentation_is_the_table() {
        let table = documentation(KEYS);
        assert_eq!(include_str!("keys.md"), table, "keys.md must be:\n{table}");
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(KEYS.is_sorted_by_key(|key| key.name));
        assert!(REPLACED.is_sorted());
    }
}
