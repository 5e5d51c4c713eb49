//! Numbers of JSON, read exactly.

use std::{fmt, str};

use super::Stop;
use super::decimal::nearest_fraction;
use super::word::take_digits;
use crate::{RowError, Time, TimeUnit};

/// A number as JSON writes it: without fraction and exponent it is an integer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Int(i64),
    /// Above [`i64::MAX`].
    UInt(u64),
    /// The nearest double. Also minus zero and integers of more than 64 bits.
    Float(f64),
}

impl Number {
    /// The moment that a number stands for in a unit. `None` if it has a fraction or is out of
    /// range.
    pub(crate) fn to_time(self, unit: TimeUnit) -> Option<Time> {
        let count = match self {
            Self::Int(value) => value,
            Self::UInt(_) => return None,
            Self::Float(value) => exact_i64(value)?,
        };
        Time::from_unit(count, unit)
    }

    /// The error for a number that is not a time.
    #[cold]
    pub(crate) fn bad_time(self) -> RowError {
        RowError::of_row(format!("the time {self} is not between 1677 and 2262"))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => value.fmt(f),
            Self::UInt(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
        }
    }
}

/// Reads the number that `input` begins with. Returns it and the rest.
///
/// Something must follow, as nothing else tells that no digit does.
#[inline(never)]
pub(crate) fn any(input: &[u8]) -> Result<(Number, &[u8]), Stop> {
    let digits = input.strip_prefix(b"-").unwrap_or(input);
    let is_negative = digits.len() < input.len();
    let mut mantissa = 0;
    let rest = take_digits(digits, &mut mantissa);
    let count = digits.len() - rest.len();
    let Some(next) = rest.first() else {
        return Err(Stop::More);
    };
    if count == 0 {
        return Err(Stop::at(rest, INVALID));
    }
    if count > 1 && digits.first() == Some(&b'0') {
        return Err(Stop::at(digits, "a number with a leading zero"));
    }
    if matches!(next, b'.' | b'e' | b'E') {
        return float(input, Digits { is_negative, mantissa, count }, rest);
    }
    let number = match (is_negative, i64::try_from(mantissa)) {
        // Nineteen digits always fit into an unsigned word.
        _ if count > 19 => long_integer(text(input, rest)),
        (false, Ok(value)) => Number::Int(value),
        (false, Err(_)) => Number::UInt(mantissa),
        (true, Ok(0)) => Number::Float(-0.0),
        (true, Ok(value)) => Number::Int(-value),
        (true, Err(_)) => long_integer(text(input, rest)),
    };
    Ok((number, rest))
}

const INVALID: &str = "an invalid number";

/// The digits before the fraction and exponent.
#[derive(Clone, Copy)]
struct Digits {
    is_negative: bool,
    mantissa: u64,
    count: usize,
}

/// Reads the fraction and exponent, with which `rest` begins.
#[inline]
fn float<'a>(input: &[u8], digits: Digits, rest: &'a [u8]) -> Result<(Number, &'a [u8]), Stop> {
    let Digits { is_negative, mut mantissa, mut count } = digits;
    let mut rest = rest;
    let mut scale = 0;
    if let [b'.', fraction @ ..] = rest {
        (rest, scale) = some_digits(fraction, &mut mantissa)?;
        count += scale;
    }
    let mut power = 0;
    let mut is_fraction = false;
    if let [b'e' | b'E', exponent @ ..] = rest {
        let unsigned = match exponent {
            [b'-' | b'+', unsigned @ ..] => unsigned,
            _ => exponent,
        };
        is_fraction = exponent.first() == Some(&b'-');
        let mut value = 0;
        let length;
        (rest, length) = some_digits(unsigned, &mut value)?;
        // An exponent of more digits may have wrapped around; it is not a small one.
        power = if length > 4 { usize::MAX } else { usize::try_from(value).unwrap_or(usize::MAX) };
    }
    let (divides, power) = match (is_fraction, power.checked_sub(scale)) {
        (true, _) => (true, power.saturating_add(scale)),
        (false, Some(power)) => (false, power),
        (false, None) => (true, scale - power),
    };
    // Nineteen digits always fit into an unsigned word.
    let short = if count <= 19 { short_float(mantissa, divides, power) } else { None };
    let value = match short {
        Some(value) if is_negative => -value,
        Some(value) => value,
        None => nearest(text(input, rest)),
    };
    if value.is_infinite() {
        return Err(Stop::Wrong { left: input.len(), message: "a number out of range" });
    }
    Ok((Number::Float(value), rest))
}

/// The double nearest to the mantissa divided or multiplied by a small power of ten.
#[inline]
pub(crate) fn short_float(mantissa: u64, divides: bool, power: usize) -> Option<f64> {
    if mantissa > 1 << f64::MANTISSA_DIGITS {
        return if divides { nearest_fraction(mantissa, power) } else { None };
    }
    // Both are exact doubles, so that the one operation is rounded once: correctly.
    let Some(power) = POWERS_OF_TEN.get(power) else {
        return if divides { nearest_fraction(mantissa, power) } else { None };
    };
    #[expect(clippy::cast_precision_loss, reason = "checked before")]
    let mantissa = mantissa as f64;
    Some(if divides { mantissa / power } else { mantissa * power })
}

/// The integer that a double is.
pub(crate) fn exact_i64(value: f64) -> Option<i64> {
    // The end is the first double that is too large: two to the 63rd.
    const END: f64 = 9_223_372_036_854_775_808.0;
    let is_exact = value.fract() == 0.0 && (-END..END).contains(&value);
    #[expect(clippy::cast_possible_truncation, reason = "checked before")]
    is_exact.then_some(value as i64)
}

/// Takes at least one digit. Returns the rest, which is not empty, and the number of digits.
#[inline]
fn some_digits<'a>(input: &'a [u8], value: &mut u64) -> Result<(&'a [u8], usize), Stop> {
    let rest = take_digits(input, value);
    let count = input.len() - rest.len();
    if rest.is_empty() || count == 0 { Err(Stop::at(rest, INVALID)) } else { Ok((rest, count)) }
}

/// An integer that may need more than 64 bits.
#[cold]
fn long_integer(text: &str) -> Number {
    let integer = text.parse().map(Number::Int).or_else(|_| text.parse().map(Number::UInt));
    integer.unwrap_or_else(|_| Number::Float(nearest(text)))
}

/// The double nearest to a number of any length.
fn nearest(text: &str) -> f64 {
    // All its bytes were checked.
    text.parse().unwrap_or(f64::NAN)
}

/// The text of a number that begins with `input` and ends before `rest`.
fn text<'a>(input: &'a [u8], rest: &[u8]) -> &'a str {
    let bytes = input.get(..input.len() - rest.len()).unwrap_or_default();
    str::from_utf8(bytes).unwrap_or_default()
}

/// The powers of ten that are exact doubles.
pub(crate) static POWERS_OF_TEN: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the number with little and with much behind it.
    fn check(text: &str, expected: Number) {
        for tail in [",", "]        ", ",1234567890"] {
            let input = format!("{text}{tail}");
            assert_eq!(any(input.as_bytes()), Ok((expected, tail.as_bytes())), "{input}");
        }
        // Only a byte behind it tells where it ends.
        assert_eq!(any(text.as_bytes()), Err(Stop::More), "{text}");
    }

    #[test]
    fn integers_keep_all_their_bits() {
        for value in [0, 1, 9, 10, 12_345_678, 123_456_789, i64::MAX, -1, -10, i64::MIN] {
            check(&value.to_string(), Number::Int(value));
        }
        for value in [1 << 63, u64::MAX, 9_999_999_999_999_999_999] {
            check(&value.to_string(), Number::UInt(value));
        }
        check("-0", Number::Float(-0.0));
        for text in ["18446744073709551616", "-9223372036854775809", "100000000000000000000000"] {
            check(text, Number::Float(text.parse().unwrap()));
        }
    }

    #[test]
    fn floats_are_the_nearest_ones() {
        for text in [
            "0.0",
            "-0.0",
            "1.5",
            "12.34",
            "99.5",
            "0.1",
            "1e0",
            "1E+06",
            "6e+06",
            "3.1e-08",
            "1e22",
            "1e23",
            "9007199254740992.0",
            "9007199254740993.0",
            "9007199254740993.5",
            "0.000001234567890123456",
            "8.988465674311579e307",
            "5e-324",
            "1e-400",
            "-1e-400",
            "2.2250738585072011e-308",
            "123456789.123456789e-5",
            "1.7976931348623157e308",
            "0.30000000000000004",
            "1234567890123456789012.5e-3",
            "1e-00001",
            "0e99999",
            "0.1e1",
            "12.5e2",
            "12.5e1",
            "12.5e-1",
        ] {
            check(text, Number::Float(text.parse().unwrap()));
        }
    }

    #[test]
    fn every_short_decimal_is_the_nearest_one() {
        for digits in (0..10_000_000_u32).step_by(9_973) {
            for scale in 0..8 {
                let text = format!("{digits:08}");
                let (whole, fraction) = text.split_at(8 - scale);
                let whole = whole.trim_start_matches('0');
                let whole = if whole.is_empty() { "0" } else { whole };
                if scale == 0 {
                    check(whole, Number::Int(whole.parse().unwrap()));
                } else {
                    let text = format!("{whole}.{fraction}");
                    check(&text, Number::Float(text.parse().unwrap()));
                }
            }
        }
    }

    #[test]
    fn every_long_fraction_is_the_nearest_one() {
        let mut digits = 1_u64;
        for _ in 0..2_000 {
            digits = digits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let text = format!("{digits:020}");
            for (whole, fraction) in [(1, 7), (1, 8), (2, 15), (3, 16), (4, 15), (5, 15), (7, 12)] {
                let whole = text[..whole].trim_start_matches('0');
                let whole = if whole.is_empty() { "0" } else { whole };
                let text = format!("{whole}.{}", &text[20 - fraction..]);
                check(&text, Number::Float(text.parse().unwrap()));
                check(&format!("{text}e-7"), Number::Float(format!("{text}e-7").parse().unwrap()));
            }
        }
    }

    #[test]
    fn an_error_says_where_the_number_is_wrong() {
        for (text, left, message) in [
            ("-", 0, INVALID),
            ("-x", 1, INVALID),
            ("01", 2, "a number with a leading zero"),
            ("-012", 3, "a number with a leading zero"),
            ("1.", 0, INVALID),
            ("1.e5", 2, INVALID),
            ("1e", 0, INVALID),
            ("1e+", 0, INVALID),
            ("1ex", 1, INVALID),
            ("1e400", 5, "a number out of range"),
            ("-1e99999", 8, "a number out of range"),
        ] {
            for tail in [",", ",        "] {
                let input = format!("{text}{tail}");
                let expected = Stop::Wrong { left: left + tail.len(), message };
                assert_eq!(any(input.as_bytes()), Err(expected), "{input}");
            }
        }
    }
}
