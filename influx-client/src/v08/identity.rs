//! What makes a write repeatable: a time and a sequence number for every point.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use influx_proto::{Precision, Series, SeriesError, Value};

const TIME: &str = "time";
const SEQUENCE_NUMBER: &str = "sequence_number";

/// Bits of the part that differs from client to client, and of the part that counts.
/// Together 53: the server reads the number as a double, which keeps no more.
const COUNTER_BITS: u32 = 33;
const CLIENT_BITS: u32 = 20;

/// Gives points what identifies them to the server.
///
/// InfluxDB 0.8 keeps one point for each time and sequence number of a series:
/// a point that is sent twice with both overwrites itself instead of becoming two.
#[derive(Debug)]
pub(crate) struct Identities {
    client_part: u64,
    counter: AtomicU64,
}

impl Identities {
    pub(crate) fn new() -> Self {
        let client_part = fastrand::u64(..1 << CLIENT_BITS);
        Self { client_part: client_part << COUNTER_BITS, counter: AtomicU64::new(0) }
    }

    /// The series with a time and a sequence number for every point that lacks one;
    /// a missing time becomes the current one, in the given unit.
    pub(super) fn complete(
        &self,
        series: &Series,
        precision: Precision,
    ) -> Result<Series, SeriesError> {
        let added = [TIME, SEQUENCE_NUMBER].into_iter();
        let added = added.filter(|column| series.column_index(column).is_none());
        let columns = series.columns().iter().map(String::as_str).chain(added);
        let mut complete = Series::new(series.name(), columns)?;
        let time = complete.column_index(TIME);
        let number = complete.column_index(SEQUENCE_NUMBER);
        let now = now(precision);
        for point in series.points() {
            let mut point = point.to_vec();
            point.resize(complete.columns().len(), Value::Null);
            fill(&mut point, time, || now.into());
            fill(&mut point, number, || self.next().into());
            complete.push(point)?;
        }
        Ok(complete)
    }

    pub(crate) fn next(&self) -> u64 {
        let count = self.counter.fetch_add(1, Ordering::Relaxed);
        self.client_part | (count & ((1 << COUNTER_BITS) - 1))
    }
}

fn fill(point: &mut [Value], column: Option<usize>, value: impl FnOnce() -> Value) {
    if let Some(cell) = column.and_then(|column| point.get_mut(column))
        && cell.is_null()
    {
        *cell = value();
    }
}

fn now(precision: Precision) -> i64 {
    now_in_microseconds().div_euclid(precision.microseconds())
}

/// The current time since 1970, as this machine's clock says.
pub(crate) fn now_in_microseconds() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        Err(before) => {
            i64::try_from(before.duration().as_micros()).map_or(i64::MIN, i64::wrapping_neg)
        }
    }
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
    fn a_null_is_missing_too() {
        let mut series = Series::new("s", ["time", "sequence_number", "v"]).unwrap();
        series.push([Value::Null, 7.into(), 1.into()]).unwrap();
        series.push([9.into(), Value::Null, 2.into()]).unwrap();
        let complete = Identities::new().complete(&series, Precision::Seconds).unwrap();
        let points: Vec<_> = complete.points().collect();
        assert!(points.iter().flat_map(|point| point.iter()).all(|cell| !cell.is_null()));
        assert_eq!((&points[0][1], &points[1][0]), (&7.into(), &9.into()));
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
