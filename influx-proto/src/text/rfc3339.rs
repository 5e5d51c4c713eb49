//! Times as RFC 3339 text, both ways.

use std::fmt;

const NANOS: i64 = 1_000_000_000;
const SECONDS_A_DAY: i64 = 86_400;
const DAYS_IN_400_YEARS: i64 = 146_097;
/// From 0000-03-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;

/// Nanoseconds since 1970 for a text such as `2023-11-14T22:13:20.5Z` or `…+01:00`.
///
/// `None` if the text is anything else, has more than nine digits of the second's fraction,
/// or means a moment outside of what an `i64` holds.
pub(crate) fn read(text: &[u8]) -> Option<i64> {
    let (date, rest) = text.split_first_chunk::<10>()?;
    let [y3, y2, y1, y0, b'-', m1, m0, b'-', d1, d0] = *date else { return None };
    let (clock, rest) = rest.split_first_chunk::<9>()?;
    let [b'T' | b't' | b' ', h1, h0, b':', n1, n0, b':', s1, s0] = *clock else { return None };
    let year = two(y3, y2, 99)? * 100 + two(y1, y0, 99)?;
    let month = two(m1, m0, 12)?;
    let day = two(d1, d0, days_in_month(year, month)?)?;
    let (hour, minute, second) = (two(h1, h0, 23)?, two(n1, n0, 59)?, two(s1, s0, 59)?);
    if day == 0 {
        return None;
    }
    let (nanos, zone) = match rest {
        [b'.', fraction @ ..] => read_fraction(fraction)?,
        _ => (0, rest),
    };
    let offset = match *zone {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), h1, h0, b':', m1, m0] => {
            let offset = two(h1, h0, 23)? * 3_600 + two(m1, m0, 59)? * 60;
            if sign == b'+' { offset } else { -offset }
        }
        _ => return None,
    };
    let clock = hour * 3_600 + minute * 60 + second - offset;
    let seconds = days_since_1970(year, month, day) * SECONDS_A_DAY + clock;
    // The first second of the range begins before i64::MIN nanoseconds.
    i64::try_from(i128::from(seconds) * i128::from(NANOS) + i128::from(nanos)).ok()
}

/// Writes nanoseconds since 1970 in UTC, without trailing zeros in the fraction.
pub(crate) fn write(nanos: i64, out: &mut impl fmt::Write) -> fmt::Result {
    let (seconds, nanos) = (nanos.div_euclid(NANOS), nanos.rem_euclid(NANOS));
    let (days, clock) = (seconds.div_euclid(SECONDS_A_DAY), seconds.rem_euclid(SECONDS_A_DAY));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
    write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
    if nanos != 0 {
        let (mut fraction, mut digits) = (nanos, 9);
        while fraction % 10 == 0 {
            fraction /= 10;
            digits -= 1;
        }
        write!(out, ".{fraction:0digits$}")?;
    }
    out.write_char('Z')
}

fn two(tens: u8, ones: u8, max: i64) -> Option<i64> {
    if !(tens.is_ascii_digit() && ones.is_ascii_digit()) {
        return None;
    }
    let value = i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
    (value <= max).then_some(value)
}

/// One to nine digits as nanoseconds, and the rest of the text.
fn read_fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(count)?;
    if !(1..=9).contains(&count) {
        return None;
    }
    let value = digits.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    let scale = (count..9).fold(1, |scale, _| scale * 10);
    Some((value * scale, rest))
}

fn days_in_month(year: i64, month: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => Some(if leap { 29 } else { 28 }),
        4 | 6 | 9 | 11 => Some(30),
        1..=12 => Some(31),
        _ => None,
    }
}

/// Years begin in March here, so that a leap day is the last one of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let days = year * 365 + year / 4 - year / 100 + day_of_year;
    era * DAYS_IN_400_YEARS + days - DAYS_TO_1970
}

/// Year, month and day of a number of days since 1970.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_TO_1970;
    let (era, day) = (days.div_euclid(DAYS_IN_400_YEARS), days.rem_euclid(DAYS_IN_400_YEARS));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<i64>) {
        assert_eq!(read(text.as_bytes()), expected, "{text}");
    }

    #[test]
    fn reads_what_the_rfc_allows() {
        check("1970-01-01T00:00:00Z", Some(0));
        check("1969-12-31T23:59:59.999999999Z", Some(-1));
        check("2023-11-14T22:13:20Z", Some(1_700_000_000 * NANOS));
        check("2023-11-14t22:13:20z", Some(1_700_000_000 * NANOS));
        check("2023-11-14 22:13:20.5Z", Some(1_700_000_000 * NANOS + 500_000_000));
        check("2023-11-14T22:13:20.000000001+00:00", Some(1_700_000_000 * NANOS + 1));
        check("2023-11-14T23:43:20+01:30", Some(1_700_000_000 * NANOS));
        check("2023-11-14T21:13:20-01:00", Some(1_700_000_000 * NANOS));
        check("2000-02-29T00:00:00Z", Some(951_782_400 * NANOS));
        check("1677-09-21T00:12:43.145224192Z", Some(i64::MIN));
        check("2262-04-11T23:47:16.854775807Z", Some(i64::MAX));
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "2023-11-14",
            "2023-11-14T22:13Z",
            "2023-11-14T22:13:20",
            "2023-11-14T22:13:20.Z",
            "2023-11-14T22:13:20.0000000001Z",
            "2023-11-14T22:13:60Z",
            "2023-11-14T24:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-00-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2023-11-00T00:00:00Z",
            "2023-11-14T22:13:20+1:00",
            "2023-11-14T22:13:20+24:00",
            "2023-11-14T22:13:20Zx",
            "+023-11-14T22:13:20Z",
            "2023-11-14T22:13:2\u{663}Z",
            "1677-09-21T00:12:43.145224191Z",
            "2262-04-11T23:47:16.854775808Z",
            "9999-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let steps = (0..4_000)
            .map(|step| i64::MIN.wrapping_add(4_611_686_018_427_387_i64.wrapping_mul(step)));
        for nanos in steps.chain([0, 1, -1, 10, 1_000_000, NANOS, i64::MIN, i64::MAX]) {
            let mut text = String::new();
            write(nanos, &mut text).unwrap();
            check(&text, Some(nanos));
        }
    }

    #[test]
    fn every_day_of_800_years_follows_the_one_before() {
        let mut expected = (1600, 1, 1);
        for days in days_since_1970(1600, 1, 1)..days_since_1970(2400, 1, 1) {
            assert_eq!(date(days), expected);
            let (year, month, day) = expected;
            assert_eq!(days_since_1970(year, month, day), days);
            expected = match (day == days_in_month(year, month).unwrap(), month) {
                (false, _) => (year, month, day + 1),
                (true, 12) => (year + 1, 1, 1),
                (true, _) => (year, month + 1, 1),
            };
        }
    }
}
