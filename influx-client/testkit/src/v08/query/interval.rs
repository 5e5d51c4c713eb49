//! Lengths of time as text.

use crate::v08::refusal::Refusal;

const DAY: i64 = 86_400_000_000_000;

/// The length of the buckets of `group by time(...)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Interval {
    pub(crate) nanos: i64,
    /// The unit, if the buckets follow the calendar instead of their length: `1w`, `1M` or `1y`.
    pub(crate) calendar: Option<Calendar>,
    /// The text of the query.
    pub(crate) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Calendar {
    Week,
    Month,
    Year,
}

/// The nanoseconds of a number with a unit, or without one: `5m`, `1.5h`, `60`.
/// `None` if it is malformed.
/// Error: the server abandons a query with a text of one character (measured on 0.8.9).
pub(super) fn nanos(text: &str) -> Result<Option<i64>, Refusal> {
    if text.len() < 2 {
        return Err(Refusal::Abandoned);
    }
    Ok(scaled(text))
}

/// A length of a shard space in microseconds; `None` if it is malformed.
pub(crate) fn micros(text: &str) -> Option<i64> {
    nanos(text).ok().flatten().map(|nanos| nanos / 1_000)
}

impl Interval {
    /// The argument of `time(...)`.
    /// Error: the server's text.
    pub(super) fn new(text: String) -> Result<Self, Refusal> {
        let Some(nanos) = nanos(&text)? else {
            let text = format!("invalid argument {text} to the time function");
            return Err(Refusal::invalid(text));
        };
        let calendar = match text.chars().last() {
            Some('w' | 'W') if nanos == 7 * DAY => Some(Calendar::Week),
            Some('M') if nanos == 30 * DAY => Some(Calendar::Month),
            Some('y' | 'Y') if nanos == 365 * DAY => Some(Calendar::Year),
            _ => None,
        };
        Ok(Self { nanos, calendar, text })
    }
}

fn scaled(text: &str) -> Option<i64> {
    let (number, unit) = match text.char_indices().last()? {
        _ if text.ends_with("ms") => (text.strip_suffix("ms")?, 1_000_000),
        (at, 'u') => (text.get(..at)?, 1_000),
        (at, 's') => (text.get(..at)?, 1_000_000_000),
        (at, 'm') => (text.get(..at)?, 60_000_000_000),
        (at, 'h') => (text.get(..at)?, 3_600_000_000_000),
        (at, 'd') => (text.get(..at)?, DAY),
        (at, 'w' | 'W') => (text.get(..at)?, 7 * DAY),
        (at, 'M') => (text.get(..at)?, 30 * DAY),
        (at, 'y' | 'Y') => (text.get(..at)?, 365 * DAY),
        // The scanner takes other units, in capitals, which count as nanoseconds.
        _ => (text, 1),
    };
    // A number ends at the first other character.
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    let number = number.get(..number.find(|c| !is_part(c)).unwrap_or(number.len()))?;
    if let Ok(whole) = number.parse::<i64>() {
        #[expect(clippy::cast_possible_truncation, reason = "the server keeps the low 64 bits")]
        return Some((i128::from(whole) * i128::from(unit)) as i64);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a fraction of a nanosecond is lost")]
    #[expect(clippy::cast_precision_loss, reason = "the units are small")]
    number.parse::<f64>().ok().map(|number| (number * unit as f64) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        for (text, expected) in [
            ("60", Ok(Some(60))),
            ("1u", Ok(Some(1_000))),
            ("15ms", Ok(Some(15_000_000))),
            ("1m", Ok(Some(60_000_000_000))),
            ("1M", Ok(Some(30 * DAY))),
            (".5h", Ok(Some(1_800_000_000_000))),
            ("-1.5s", Ok(Some(-1_500_000_000))),
            ("1S", Ok(Some(1))),
            ("12abc", Ok(Some(12))),
            ("host", Ok(None)),
            ("5", Err(Refusal::Abandoned)),
            ("", Err(Refusal::Abandoned)),
        ] {
            assert_eq!(nanos(text), expected, "{text}");
        }
    }

    #[test]
    fn some_intervals_follow_the_calendar() {
        for (text, expected) in [
            ("1w", Some(Calendar::Week)),
            ("7d", None),
            ("2w", None),
            ("1M", Some(Calendar::Month)),
            ("1y", Some(Calendar::Year)),
            ("365d", None),
        ] {
            assert_eq!(Interval::new(text.to_owned()).unwrap().calendar, expected, "{text}");
        }
    }
}
