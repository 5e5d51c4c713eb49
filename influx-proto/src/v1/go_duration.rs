//! Spans of time as Go writes them: `168h0m0s`, `1.5ms`, `12µs`.

use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error};

/// Reads a text such as `1h0m1.5s`.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::custom(format_args!("{text:?} is not a duration")))
}

fn parse(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut nanos = 0_u128;
    let mut rest = text;
    while !rest.is_empty() || text.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, behind) = rest.split_at(digits);
        let letters = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(letters);
        let unit = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        nanos = nanos.checked_add(u128::from(whole.parse::<u64>().ok()?) * unit)?;
        if !fraction.is_empty() {
            let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
            nanos += u128::from(fraction.parse::<u64>().ok()?) * unit / scale;
        }
        rest = behind;
    }
    Some(Duration::from_nanos(u64::try_from(nanos).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        for (text, nanos) in [
            ("0s", Some(0)),
            ("0", Some(0)),
            ("168h0m0s", Some(604_800_000_000_000)),
            ("12µs", Some(12_000)),
            ("12.345µs", Some(12_345)),
            ("1m1.000000001s", Some(61_000_000_001)),
            ("1.5ms", Some(1_500_000)),
            ("2562047h47m16.854775807s", Some(9_223_372_036_854_775_807)),
            ("", None),
            ("1", None),
            ("s", None),
            ("-1s", None),
            ("1d", None),
            ("1.2.3s", None),
            ("99999999999999999999s", None),
            ("18446744073709551615h", None),
            ("1.99999999999999999999999999999999999999999s", None),
        ] {
            assert_eq!(parse(text), nanos.map(Duration::from_nanos), "{text:?}");
        }
    }
}
