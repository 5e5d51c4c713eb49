//! Points that go to the database together.

use influx_proto::Point;
use tokio::time::Instant;

use super::RelayOptions;

/// Points that go to the database together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    points: Vec<Point>,
    /// How many bytes the points take in a request, roughly.
    bytes: usize,
    /// When the first point came.
    since: Option<Instant>,
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

    pub(super) fn is_full(&self, options: &RelayOptions) -> bool {
        let full = self.points.len() >= options.batch_points.max(1);
        full || self.bytes >= options.batch_bytes
    }

    /// When it must go although it is not full.
    pub(super) fn due(&self, options: &RelayOptions) -> Option<Instant> {
        self.since?.checked_add(options.linger)
    }

    pub(super) fn into_points(self) -> Vec<Point> {
        self.points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_of_no_points_is_not_full() {
        let options = RelayOptions { batch_points: 0, ..RelayOptions::default() };
        assert!(!Batch::default().is_full(&options));
    }

    fn check(messages: &[(usize, usize)], full: bool) {
        let limits = RelayOptions { batch_points: 3, batch_bytes: 200, ..RelayOptions::default() };
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
