//! Points that go to the database together.

use std::time::Duration;

use influx_proto::Point;
use tokio::time::Instant;

/// Points that go to the database together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    points: Vec<Point>,
    /// How many bytes the points take in a request, roughly.
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
    /// Adds the points of one message, which take this many bytes.
    pub(super) fn add(&mut self, points: Vec<Point>, bytes: usize) {
        if !points.is_empty() {
            self.since.get_or_insert_with(Instant::now);
            self.bytes += bytes;
            self.points.extend(points);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    pub(super) fn is_full(&self, limits: &BatchLimits) -> bool {
        self.points.len() >= limits.points || self.bytes >= limits.bytes
    }

    /// When it must go although it is not full.
    pub(super) fn due(&self, limits: &BatchLimits) -> Option<Instant> {
        self.since?.checked_add(limits.linger)
    }

    pub(super) fn into_points(self) -> Vec<Point> {
        self.points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(messages: &[(usize, usize)], full: bool) {
        let limits = BatchLimits { points: 3, bytes: 200, linger: Duration::from_secs(1) };
        let mut batch = Batch::default();
        for &(points, bytes) in messages {
            batch.add(vec![Point::new("s"); points], bytes);
        }
        assert_eq!(batch.is_full(&limits), full, "{messages:?}");
        let points: usize = messages.iter().map(|(points, _)| points).sum();
        assert_eq!(batch.due(&limits).is_some(), points > 0);
        assert_eq!(batch.into_points().len(), points);
    }

    #[test]
    fn it_is_full_by_points_or_by_bytes() {
        check(&[], false);
        check(&[(0, 0)], false);
        check(&[(1, 10), (1, 10)], false);
        check(&[(1, 10), (1, 10), (1, 10)], true);
        check(&[(2, 10), (2, 10)], true);
        check(&[(1, 199)], false);
        check(&[(1, 200)], true);
        check(&[(1, 150), (1, 50)], true);
    }
}
