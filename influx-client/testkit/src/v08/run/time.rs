//! Times in queries.

use crate::StoredValue;
use crate::v08::query::Expression;
use crate::v08::refusal::Refusal;

/// The time that an expression stands for, in microseconds since 1970:
/// a number with a unit, plain nanoseconds, a date as text, or `now()` with durations.
/// Error: the server's text for any other expression.
pub(super) fn time(expression: &Expression, now: i64) -> Result<i64, Refusal> {
    match expression {
        Expression::Duration(duration) => Ok(duration.micros),
        Expression::Constant(StoredValue::Int(nanos)) => Ok(nanos / 1_000),
        #[expect(clippy::cast_possible_truncation, reason = "nanoseconds to microseconds")]
        Expression::Constant(StoredValue::Float(nanos)) => Ok((nanos / 1_000.0) as i64),
        Expression::Constant(StoredValue::String(text)) => {
            date(text).ok_or_else(|| Refusal::invalid(format!("{text} isn't a valid time string")))
        }
        Expression::Call { function, arguments } if function == "now" && arguments.is_empty() => {
            Ok(now)
        }
        Expression::Operation { left, operator: "+", right } => {
            Ok(time(left, now)?.saturating_add(time(right, now)?))
        }
        Expression::Operation { left, operator: "-", right } => {
            Ok(time(left, now)?.saturating_sub(time(right, now)?))
        }
        _ => Err(Refusal::invalid(format!("Invalid time condition {expression}"))),
    }
}

/// `YYYY-MM-DD`, `YYYY-MM-DD hh:mm:ss` or `YYYY-MM-DD hh:mm:ss.mmm`, in UTC.
fn date(text: &str) -> Option<i64> {
    let (day, clock) = text.split_once(' ').unwrap_or((text, "00:00:00"));
    let [year, month, day] = numbers(day, '-')?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = numbers(clock, ':')?;
    let valid = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..60).contains(&second)
        && (1..=6).contains(&fraction.len())
        && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !valid {
        return None;
    }
    let fraction: i64 = format!("{fraction:0<6}").parse().ok()?;
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(seconds * 1_000_000 + fraction)
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let numbers: Option<Vec<i64>> =
        text.split(separator).map(|part| part.parse::<u16>().ok().map(i64::from)).collect();
    numbers?.try_into().ok()
}

// Counts from March, so that the day that a leap year adds is the last one of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_utc() {
        for (text, expected) in [
            ("1970-01-01", Some(0)),
            ("2000-02-29", Some(951_782_400_000_000)),
            ("2014-05-13 16:53:20", Some(1_400_000_000_000_000)),
            ("2014-05-13 16:53:20.500", Some(1_400_000_000_500_000)),
            ("2014-05-13T16:53:20Z", None),
            ("2014-13-01", None),
            ("2014-05", None),
            ("", None),
        ] {
            assert_eq!(date(text), expected, "{text}");
        }
    }
}
