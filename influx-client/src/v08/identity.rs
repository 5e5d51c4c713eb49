//! What makes a write repeatable: a time and a sequence number for every point.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use influx_proto::{Precision, Series, SeriesError};

const TIME: &str = "time";
const SEQUENCE_NUMBER: &str = "sequence_number";

/// Bits of the part that differs from client to client, and of the part that counts.
/// Together 53: the server reads the number as a double, which keeps no more.
const COUNTER_BITS: u32 = 33;
const SESSION_BITS: u32 = 20;

/// Gives points what identifies them to the server.
///
/// InfluxDB 0.8 keeps one point for each time and sequence number of a series:
/// a point that is sent twice with both overwrites itself instead of becoming two.
#[derive(Debug)]
pub(super) struct Identities {
    session: u64,
    counter: AtomicU64,
}

impl Identities {
    pub(super) fn new() -> Self {
        let session = fastrand::u64(..1 << SESSION_BITS);
        Self { session: session << COUNTER_BITS, counter: AtomicU64::new(0) }
    }

    /// The series with both columns; a missing time becomes the current one, in the given unit.
    pub(super) fn complete(
        &self,
        series: &Series,
        precision: Precision,
    ) -> Result<Series, SeriesError> {
        let missing = |column| series.column_index(column).is_none();
        let (no_time, no_number) = (missing(TIME), missing(SEQUENCE_NUMBER));
        let now = now(precision);
        let added = [(no_time, TIME), (no_number, SEQUENCE_NUMBER)];
        let added = added.into_iter().filter_map(|(missing, name)| missing.then_some(name));
        let columns = series.columns().iter().map(String::as_str).chain(added);
        let mut complete = Series::new(series.name(), columns)?;
        for point in series.points() {
            let time = no_time.then(|| now.into());
            let number = no_number.then(|| self.next().into());
            complete.push(point.iter().cloned().chain(time).chain(number))?;
        }
        Ok(complete)
    }

    fn next(&self) -> u64 {
        let count = self.counter.fetch_add(1, Ordering::Relaxed);
        self.session | (count & ((1 << COUNTER_BITS) - 1))
    }
}

fn now(precision: Precision) -> i64 {
    let micros = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        Err(before) => {
            i64::try_from(before.duration().as_micros()).map_or(i64::MIN, i64::wrapping_neg)
        }
    };
    micros.div_euclid(precision.microseconds())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn check(columns: &[&str], expected: &[&str]) {
        let mut series = Series::new("s", columns.iter().copied()).unwrap();
        for _ in 0..3 {
            series.push(columns.iter().map(|_| 7.into())).unwrap();
        }
        let complete = Identities::new().complete(&series, Precision::Seconds).unwrap();
        assert_eq!(complete.columns(), expected);
        assert_eq!(complete.len(), 3);
        let width = columns.len();
        assert!(complete.points().all(|point| point[..width] == vec![7.into(); width]));
    }

    #[test]
    fn missing_columns_are_added_and_present_ones_kept() {
        check(&["v"], &["v", "time", "sequence_number"]);
        check(&["time", "v"], &["time", "v", "sequence_number"]);
        check(&["sequence_number", "v"], &["sequence_number", "v", "time"]);
        check(&["v", "sequence_number", "time"], &["v", "sequence_number", "time"]);
    }

    #[test]
    fn numbers_are_distinct_and_survive_a_double() {
        let identities = Identities::new();
        let numbers: HashSet<u64> = (0..1_000).map(|_| identities.next()).collect();
        assert_eq!(numbers.len(), 1_000);
        assert!(numbers.iter().all(|&number| number < 1 << 53));
    }

    #[test]
    fn the_current_time_is_in_the_asked_unit() {
        let (seconds, millis) = (now(Precision::Seconds), now(Precision::Milliseconds));
        assert!(millis / 1_000 - seconds <= 1, "{seconds} {millis}");
    }
}
