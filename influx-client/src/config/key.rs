//! One key of a DSN, and how its value is read and written.

use std::path::Path;
use std::time::Duration;

use influx_proto::Placement;

/// One key: how to read its value into the settings `S`, and how to write it back.
pub(crate) struct Key<S> {
    pub(crate) name: &'static str,
    /// The form of a value, as the continuation of "the value of `key` …".
    pub(crate) expected: &'static str,
    /// Takes a value; `false` if it is not as expected.
    pub(crate) read: fn(&mut S, &str) -> bool,
    pub(crate) write: fn(&S) -> String,
    #[cfg_attr(not(test), expect(dead_code, reason = "a test compares the documentation with it"))]
    pub(crate) meaning: &'static str,
}

pub(crate) const DURATION: &str = "must be a positive duration such as 500ms, 5s or 2m";
pub(crate) const TEXT: &str = "must not be empty";
pub(crate) const PLACEMENT: &str = "must be auto, header or query";
pub(crate) const BYTES: &str = "must be a positive number of bytes";

pub(crate) const DATAGRAM: &str = "must be a number of bytes from 64 to 65507";

/// It fits into an Ethernet frame.
pub(crate) const DEFAULT_DATAGRAM: usize = 1_400;

/// A year is more than any call may wait.
const LONGEST_WAIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Sets what has been read; `false` if nothing has.
pub(crate) fn set<T>(setting: &mut T, value: Option<T>) -> bool {
    let expected = value.is_some();
    if let Some(value) = value {
        *setting = value;
    }
    expected
}

/// Sets a text or a path that is not empty.
pub(crate) fn set_text<T: From<String>>(setting: &mut Option<T>, text: &str) -> bool {
    *setting = Some(text.to_owned()).filter(|text| !text.is_empty()).map(T::from);
    setting.is_some()
}

pub(crate) fn write_path(path: Option<&Path>) -> String {
    path.map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
}

pub(crate) fn read_number(text: &str, min: usize, max: usize) -> Option<usize> {
    // `parse` would take a sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && (min..=max).contains(number))
}

/// The size of a datagram: a tiny one holds no point, a larger one is not UDP.
pub(crate) fn read_datagram(text: &str) -> Option<usize> {
    read_number(text, 64, 65_507)
}

pub(crate) fn read_placement(text: &str) -> Option<Placement> {
    match text {
        "auto" => Some(Placement::Auto),
        "header" => Some(Placement::Header),
        "query" => Some(Placement::Query),
        _ => None,
    }
}

pub(crate) fn write_placement(placement: Placement) -> String {
    let text = match placement {
        Placement::Header => "header",
        Placement::Query => "query",
        _ => "auto",
    };
    text.to_owned()
}

pub(crate) fn read_bool(text: &str) -> Option<bool> {
    text.parse().ok()
}

pub(crate) fn read_duration(text: &str) -> Option<Duration> {
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

/// Whole milliseconds, at least one.
pub(crate) fn write_duration(duration: Duration) -> String {
    match (duration.as_secs(), duration.subsec_millis()) {
        (0, 0) => "1ms".to_owned(),
        (seconds, 0) => format!("{seconds}s"),
        _ => format!("{}ms", duration.as_millis()),
    }
}

/// The table of keys as the documentation has it.
#[cfg(test)]
pub(crate) fn documentation<S: Default>(keys: &[Key<S>]) -> String {
    let defaults = S::default();
    let rows = keys.iter().map(|Key { name, write, meaning, .. }| {
        let default = match write(&defaults) {
            none if none.is_empty() => none,
            value => format!("`{value}`"),
        };
        format!("| `{name}` | {default} | {meaning} |\n")
    });
    format!("| key | default | meaning |\n|---|---|---|\n{}", rows.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let cases = [("500ms", Some(500)), ("5s", Some(5_000)), ("5", Some(5_000))];
        let refused = ["", "s", "0s", "-1s", "+1s", "1.5s", "5h", "99999999999m", "1 s"];
        for (text, millis) in cases.into_iter().chain(refused.map(|text| (text, None))) {
            assert_eq!(read_duration(text), millis.map(Duration::from_millis), "{text:?}");
        }
        for (duration, text) in [
            (Duration::ZERO, "1ms"),
            (Duration::from_micros(1_500), "1ms"),
            (Duration::from_millis(1_500), "1500ms"),
            (Duration::from_secs(60), "60s"),
        ] {
            assert_eq!(write_duration(duration), text);
        }
    }
}
