//! Points that go to the database together.

use std::time::Duration;

use influx_proto::{Series, Value};
use tokio::time::Instant;

/// Points that go to the database together, by series.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Ordered by name and columns, so that a point's series is found quickly.
    series: Vec<Series>,
    points: usize,
    /// Roughly how many bytes the points take.
    bytes: usize,
    /// When the first point came.
    since: Option<Instant>,
}

/// How large a batch may become, and how long it may wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchLimits {
    pub(super) points: usize,
    pub(super) bytes: usize,
    pub(super) linger: Duration,
}

impl Batch {
    pub(super) fn add(&mut self, series: Series) {
        self.since.get_or_insert_with(Instant::now);
        self.points += series.len();
        self.bytes += series.points().flatten().map(size).sum::<usize>();
        let place = self.series.binary_search_by(|other| {
            (other.name(), other.columns()).cmp(&(series.name(), series.columns()))
        });
        let same = place.ok().and_then(|place| self.series.get_mut(place));
        let other = match same {
            Some(same) => same.append(series),
            None => Err(series),
        };
        if let Err(other) = other {
            self.series.insert(place.unwrap_or_else(|place| place), other);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.points == 0
    }

    pub(super) fn is_full(&self, limits: &BatchLimits) -> bool {
        self.points >= limits.points || self.bytes >= limits.bytes
    }

    /// When it must go although it is not full.
    pub(super) fn due(&self, limits: &BatchLimits) -> Option<Instant> {
        self.since?.checked_add(limits.linger)
    }

    pub(super) fn into_series(self) -> Vec<Series> {
        self.series
    }
}

fn size(value: &Value) -> usize {
    CELL + value.as_str().map_or(0, str::len)
}

/// About what a number takes in JSON.
const CELL: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: BatchLimits =
        BatchLimits { points: 3, bytes: 200, linger: Duration::from_secs(1) };

    fn series(name: &str, column: &str, value: Value) -> Series {
        let mut series = Series::new(name, [column]).unwrap();
        series.push([value]).unwrap();
        series
    }

    fn check(points: &[(&str, &str)], expected: &[(&str, &str, usize)]) {
        let mut batch = Batch::default();
        for (name, column) in points {
            batch.add(series(name, column, 1.into()));
        }
        let found: Vec<_> = batch
            .series
            .iter()
            .map(|series| (series.name(), series.columns()[0].as_str(), series.len()))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(batch.points, points.len());
    }

    #[test]
    fn points_of_one_shape_are_one_series() {
        check(&[("b", "x"), ("a", "x"), ("b", "x")], &[("a", "x", 1), ("b", "x", 2)]);
        check(&[("a", "y"), ("a", "x"), ("a", "y")], &[("a", "x", 1), ("a", "y", 2)]);
        check(&[], &[]);
    }

    #[test]
    fn it_is_full_by_points_or_by_bytes() {
        let mut batch = Batch::default();
        for full in [false, false, true] {
            batch.add(series("s", "x", 1.into()));
            assert_eq!(batch.is_full(&LIMITS), full);
        }
        let mut batch = Batch::default();
        batch.add(series("s", "x", "a".repeat(183).into()));
        assert!(!batch.is_full(&LIMITS));
        batch.add(series("s", "x", 1.into()));
        assert!(batch.is_full(&LIMITS));
    }
}
