//! The buckets of `group by time(...)`.

use crate::v08::query::{Calendar, Interval};

/// From the beginning of the year 1, where the server's buckets begin, to 1970, in nanoseconds.
const SINCE_YEAR_1: i128 = 62_135_596_800_000_000_000;

const DAY: i64 = 86_400_000_000;

/// The start of the bucket of a time, both in microseconds since 1970.
pub(super) fn bucket(interval: &Interval, time: i64) -> i64 {
    match interval.calendar {
        None => truncated(interval.nanos, time),
        Some(calendar) => {
            let days = nanos(time).div_euclid(DAY.saturating_mul(1_000));
            start_of(calendar, days).saturating_mul(DAY)
        }
    }
}

/// A time cut to a multiple of a length in nanoseconds since the year 1.
pub(super) fn truncated(length: i64, time: i64) -> i64 {
    let nanos = nanos(time);
    let rest =
        if length > 0 { (i128::from(nanos) + SINCE_YEAR_1).rem_euclid(length.into()) } else { 0 };
    i64::try_from((i128::from(nanos) - rest) / 1_000).unwrap_or(i64::MIN)
}

/// Nanoseconds since 1970, which overflow as the server's do.
fn nanos(micros: i64) -> i64 {
    micros.wrapping_mul(1_000)
}

/// The first day of a week (a Sunday), a month or a year; days count from 1970.
fn start_of(calendar: Calendar, day: i64) -> i64 {
    if calendar == Calendar::Week {
        // The first of January of 1970 was a Thursday.
        return day - (day + 4).rem_euclid(7);
    }
    // Years count from March here, so that the day that a leap year adds is the last one of its year.
    let since_march = day + 719_468;
    let era = since_march.div_euclid(146_097);
    let day_of_era = since_march.rem_euclid(146_097);
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    if calendar == Calendar::Month {
        return day - (day_of_year - (153 * month + 2) / 5);
    }
    // January and February, months 10 and 11, belong to the year that began 306 days after March.
    if month >= 10 {
        return day - (day_of_year - 306);
    }
    let civil_year = era * 400 + year;
    let is_leap = civil_year % 4 == 0 && (civil_year % 100 != 0 || civil_year % 400 == 0);
    day - day_of_year - if is_leap { 60 } else { 59 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares the start of the bucket of a time, both in seconds.
    fn check(nanos: i64, calendar: Option<Calendar>, seconds: i64, expected: i64) {
        let interval = Interval { nanos, calendar, text: String::new() };
        let found = bucket(&interval, seconds * 1_000_000);
        assert_eq!(found, expected * 1_000_000, "{interval:?} {seconds}");
    }

    #[test]
    fn buckets_begin_in_the_year_1_or_with_the_calendar() {
        let day = 86_400_000_000_000;
        let (week, month, year) = (Calendar::Week, Calendar::Month, Calendar::Year);
        // Measured on 0.8.9.
        check(7 * day, None, 1_401_274_400, 1_401_062_400);
        check(5 * day, None, 1_401_274_400, 1_401_235_200);
        check(30 * day, None, 1_401_274_400, 1_399_507_200);
        check(7 * 3_600_000_000_000, None, 1_401_274_400, 1_401_264_000);
        check(7 * day, Some(week), 1_401_274_400, 1_400_976_000);
        check(30 * day, Some(month), 1_401_274_400, 1_398_902_400);
        check(365 * day, Some(year), 1_401_274_400, 1_388_534_400);
        // Around leap days and 1970.
        check(365 * day, Some(year), 951_782_400, 946_684_800);
        check(365 * day, Some(year), 951_868_800, 946_684_800);
        check(365 * day, Some(year), 978_220_800, 946_684_800);
        check(30 * day, Some(month), 951_868_799, 949_363_200);
        check(30 * day, Some(month), 951_868_800, 951_868_800);
        check(365 * day, Some(year), -1, -31_536_000);
        check(30 * day, Some(month), -1, -2_678_400);
        check(7 * day, Some(week), 0, -345_600);
        check(7 * day, Some(week), 259_200, 259_200);
        let interval = Interval { nanos: 60, calendar: None, text: String::new() };
        assert_eq!(bucket(&interval, 5_000_000), 4_999_999);
    }
}
