//! Times as text.

/// The parts of a time behind its year: the server's name of each, in how many digits it must be,
/// and the values that it may have, with their name.
const PARTS: [(&str, bool, i64, i64, &str); 5] = [
    ("01", true, 1, 12, "month"),
    ("02", true, 0, 99, "day"),
    ("15", false, 0, 23, "hour"),
    ("04", true, 0, 59, "minute"),
    ("05", true, 0, 59, "second"),
];

/// The nanoseconds since 1970 of `YYYY-MM-DD` in UTC, which may be followed by a space and
/// `hh`, `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff`.
/// Error: the server's text.
pub(super) fn date(text: &str) -> Result<i64, String> {
    let (layout, fraction) =
        layout(text).ok_or_else(|| format!("{text} isn't a valid time string"))?;
    let unreadable = |rest: &str, part: &str| {
        format!("parsing time \"{text}\" as \"{layout}\": cannot parse \"{rest}\" as \"{part}\"")
    };
    let (year, mut rest) = text.split_at_checked(4).unwrap_or((text, ""));
    let year: i64 = year.parse().map_err(|_| unreadable(rest, "2006"))?;
    let mut values = [1, 1, 0, 0, 0];
    for (value, (part, is_fixed, least, most, name)) in values.iter_mut().zip(PARTS) {
        let Some(tail) = rest.get(1..).filter(|_| layout.contains(part)) else { break };
        let digits = tail.bytes().take(2).take_while(u8::is_ascii_digit).count();
        if is_fixed && digits < 2 {
            return Err(unreadable(tail, part));
        }
        let (number, behind) = tail.split_at_checked(digits).unwrap_or_default();
        *value = number.parse().map_err(|_| unreadable(tail, part))?;
        if !(least..=most).contains(value) {
            return Err(format!("parsing time \"{text}\": {name} out of range"));
        }
        rest = behind;
    }
    let [month, day, hour, minute, second] = values;
    if !(1..=days(year, month)).contains(&day) {
        return Err(format!("parsing time \"{text}\": day out of range"));
    }
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    // The server keeps the low 64 bits too.
    Ok(seconds.wrapping_mul(1_000_000_000).wrapping_add(fraction))
}

/// The server's name for the form of a time, and the nanoseconds behind its point.
/// `None` if the text has another form.
fn layout(text: &str) -> Option<(&'static str, i64)> {
    let is_number = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (day, clock) = text.split_once(' ').map_or((text, None), |(day, clock)| (day, Some(clock)));
    let [year, month, day] = day.split('-').collect::<Vec<_>>().try_into().ok()?;
    let is_day = is_number(year, 4) && is_number(month, 2) && is_number(day, 2);
    if !is_day || !matches!(year.len(), 2 | 4) {
        return None;
    }
    let Some(clock) = clock else { return Some(("2006-01-02", 0)) };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let parts: Vec<&str> = clock.split(':').collect();
    let is_clock = parts.iter().all(|part| is_number(part, 2)) && is_number(fraction, usize::MAX);
    if !is_clock || (text.contains('.') && parts.len() != 3) {
        return None;
    }
    let nanos = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    match parts.len() {
        1 => Some(("2006-01-02 15", 0)),
        2 => Some(("2006-01-02 15:04", 0)),
        3 => Some(("2006-01-02 15:04:05", nanos)),
        _ => None,
    }
}

fn days(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
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
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("2000-02-29", 951_782_400),
            ("2014-05-13 16", 1_399_996_800),
            ("2014-05-13 16:53", 1_399_999_980),
            ("2014-05-13 16:53:20", 1_400_000_000),
            ("2014-05-13 6:53:20", 1_399_964_000),
        ] {
            assert_eq!(date(text), Ok(seconds * 1_000_000_000), "{text}");
        }
        assert_eq!(date("1970-01-01 00:00:01.5"), Ok(1_500_000_000));
        assert_eq!(date("1970-01-01 00:00:01.0000000019"), Ok(1_000_000_001));
    }

    #[test]
    fn errors_are_the_servers() {
        for text in ["", "2014-05", "2014-05-13T16:53:20Z", "x", "2014-05-13 16.5", "2014-05-13 "] {
            assert_eq!(date(text), Err(format!("{text} isn't a valid time string")));
        }
        for (text, error) in [
            ("2015-02-29", "day out of range"),
            ("2014-00-01", "month out of range"),
            ("2014-05-13 24", "hour out of range"),
            ("2014-05-13 16:61", "minute out of range"),
            ("2014-05-13 16:53:60", "second out of range"),
        ] {
            assert_eq!(date(text), Err(format!("parsing time \"{text}\": {error}")));
        }
        for (text, layout, rest, part) in [
            ("14-05-13", "2006-01-02", "5-13", "2006"),
            ("2014-5-13", "2006-01-02", "5-13", "01"),
            ("2014-05-1", "2006-01-02", "1", "02"),
            ("2014-05-13 1:2:3", "2006-01-02 15:04:05", "2:3", "04"),
        ] {
            let error = format!("as \"{layout}\": cannot parse \"{rest}\" as \"{part}\"");
            assert_eq!(date(text), Err(format!("parsing time \"{text}\" {error}")));
        }
    }
}
