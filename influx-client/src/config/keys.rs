//! The keys of a DSN: one table from which reading, writing and the documentation follow.

use std::time::Duration;

use influx_proto::{CredentialPlacement, Precision};

use crate::Compression;

use super::settings::{LONGEST_WAIT, MAX_ATTEMPTS, MAX_DATAGRAM, MIN_DATAGRAM, Settings};

/// One key: how to read its value, and how to write it back.
pub(super) struct Key {
    pub(super) name: &'static str,
    /// What a value looks like, after "the value of `key`…".
    pub(super) expected: &'static str,
    /// Takes a value; `false` if it is not as expected.
    pub(super) read: fn(&mut Settings, &str) -> bool,
    pub(super) write: fn(&Settings) -> String,
    #[cfg_attr(not(test), expect(dead_code, reason = "a test compares keys.md with it"))]
    pub(super) meaning: &'static str,
}

const DURATION: &str = "must be a positive duration such as 500ms, 5s or 2m";
const COMPRESSION: &str = if cfg!(feature = "gzip") {
    "must be none or gzip"
} else {
    "must be none; for gzip, build influx-client with its feature `gzip`"
};
const TEXT: &str = "must not be empty";
const BYTES: &str = "must be a positive number of bytes";

/// In alphabetical order, as they are written.
pub(super) const KEYS: &[Key] = &[
    Key {
        name: "body_timeout",
        expected: DURATION,
        read: |settings, text| set(&mut settings.body_timeout, read_duration(text)),
        write: |settings| write_duration(settings.body_timeout),
        meaning: "how long the server may pause within its answer",
    },
    Key {
        name: "compression",
        expected: COMPRESSION,
        read: |settings, text| set(&mut settings.compression, read_compression(text)),
        write: |settings| write_compression(settings.compression).to_owned(),
        meaning: "how request bodies are compressed: none, or gzip with the feature `gzip`",
    },
    Key {
        name: "connect_timeout",
        expected: DURATION,
        read: |settings, text| set(&mut settings.connect_timeout, read_duration(text)),
        write: |settings| write_duration(settings.connect_timeout),
        meaning: "how long each step of connecting may take: addresses, connection, encryption",
    },
    Key {
        name: "credentials",
        expected: "must be auto, header or query",
        read: |settings, text| set(&mut settings.credential_placement, read_placement(text)),
        write: |settings| write_placement(settings.credential_placement).to_owned(),
        meaning: "where credentials travel: in the header, in the query string, \
                  or in the header unless they contain a colon",
    },
    Key {
        name: "deadline",
        expected: DURATION,
        read: |settings, text| set(&mut settings.deadline, read_duration(text)),
        write: |settings| write_duration(settings.deadline),
        meaning: "how long one call may take with all its attempts, until its answer is read, \
                  or begins if it is read piece by piece",
    },
    Key {
        name: "max_datagram",
        expected: "must be a number of bytes from 64 to 65507",
        read: |settings, text| {
            set(&mut settings.max_datagram, read_number(text, MIN_DATAGRAM, MAX_DATAGRAM))
        },
        write: |settings| settings.max_datagram.to_string(),
        meaning: "the largest datagram in bytes; a 0.8 server reads no more than 2048",
    },
    Key {
        name: "max_response",
        expected: BYTES,
        read: |settings, text| set(&mut settings.max_response, read_number(text, 1, usize::MAX)),
        write: |settings| settings.max_response.to_string(),
        meaning: "the largest answer in bytes that is collected in memory as a whole",
    },
    Key {
        name: "precision",
        expected: "must be s, ms or u (`m` means minutes to newer servers)",
        read: |settings, text| set(&mut settings.precision, read_precision(text)),
        write: |settings| settings.precision.to_string(),
        meaning: "the unit of timestamps in writes and answers: s, ms or u",
    },
    Key {
        name: "retries",
        expected: "must be a number of attempts from 1 to 100",
        read: |settings, text| set(&mut settings.max_attempts, read_attempts(text)),
        write: |settings| settings.max_attempts.to_string(),
        meaning: "how often one call is tried",
    },
    Key {
        name: "timeout",
        expected: DURATION,
        read: |settings, text| set(&mut settings.timeout, read_duration(text)),
        write: |settings| write_duration(settings.timeout),
        meaning: "how long one attempt waits for its answer to begin",
    },
    Key {
        name: "tls_ca",
        expected: TEXT,
        read: |settings, text| set_text(&mut settings.tls_ca, text),
        write: |settings| settings.tls_ca.clone().unwrap_or_default(),
        meaning: "a PEM file with the authorities to trust instead of the system's",
    },
    Key {
        name: "tls_server_name",
        expected: TEXT,
        read: |settings, text| set_text(&mut settings.tls_server_name, text),
        write: |settings| settings.tls_server_name.clone().unwrap_or_default(),
        meaning: "the name that the server's certificate must have, if it is not the host's",
    },
];

impl Key {
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }
}

fn set<T>(setting: &mut T, value: Option<T>) -> bool {
    let expected = value.is_some();
    if let Some(value) = value {
        *setting = value;
    }
    expected
}

fn set_text(setting: &mut Option<String>, text: &str) -> bool {
    *setting = Some(text.to_owned()).filter(|text| !text.is_empty());
    setting.is_some()
}

fn read_attempts(text: &str) -> Option<u32> {
    text.parse().ok().filter(|attempts| (1..=MAX_ATTEMPTS).contains(attempts))
}

fn read_number(text: &str, min: usize, max: usize) -> Option<usize> {
    // `parse` would take a sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && (min..=max).contains(number))
}

fn read_duration(text: &str) -> Option<Duration> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = text.strip_suffix(unit)?.parse().ok()?;
    let duration = match unit {
        "ms" => Duration::from_millis(number),
        // The Python client's timeout is a bare number of seconds.
        "s" | "" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.checked_mul(60)?),
        _ => return None,
    };
    (!duration.is_zero() && duration <= LONGEST_WAIT).then_some(duration)
}

fn write_duration(duration: Duration) -> String {
    match duration.subsec_millis() {
        0 => format!("{}s", duration.as_secs()),
        _ => format!("{}ms", duration.as_millis()),
    }
}

fn read_compression(text: &str) -> Option<Compression> {
    match text {
        #[cfg(feature = "gzip")]
        "gzip" => Some(Compression::Gzip),
        "none" => Some(Compression::None),
        _ => None,
    }
}

fn write_compression(compression: Compression) -> &'static str {
    match compression {
        #[cfg(feature = "gzip")]
        Compression::Gzip => "gzip",
        Compression::None => "none",
    }
}

fn read_placement(text: &str) -> Option<CredentialPlacement> {
    match text {
        "auto" => Some(CredentialPlacement::Auto),
        "header" => Some(CredentialPlacement::Header),
        "query" => Some(CredentialPlacement::Query),
        _ => None,
    }
}

fn write_placement(placement: CredentialPlacement) -> &'static str {
    match placement {
        CredentialPlacement::Header => "header",
        CredentialPlacement::Query => "query",
        _ => "auto",
    }
}

fn read_precision(text: &str) -> Option<Precision> {
    match text {
        "s" => Some(Precision::Seconds),
        "ms" => Some(Precision::Milliseconds),
        "u" => Some(Precision::Microseconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_is_the_table() {
        let defaults = Settings::default();
        let rows = KEYS.iter().map(|Key { name, write, meaning, .. }| {
            let default = match write(&defaults) {
                none if none.is_empty() => none,
                value => format!("`{value}`"),
            };
            format!("| `{name}` | {default} | {meaning} |\n")
        });
        let table =
            format!("| key | default | meaning |\n|---|---|---|\n{}", rows.collect::<String>());
        assert_eq!(include_str!("keys.md"), table, "keys.md must be:\n{table}");
    }

    #[test]
    fn durations() {
        let cases = [("500ms", Some(500)), ("5s", Some(5_000)), ("5", Some(5_000))];
        let refused = ["", "s", "0s", "-1s", "+1s", "1.5s", "5h", "99999999999m", "1 s"];
        for (text, millis) in cases.into_iter().chain(refused.map(|text| (text, None))) {
            assert_eq!(read_duration(text), millis.map(Duration::from_millis), "{text:?}");
        }
    }
}
