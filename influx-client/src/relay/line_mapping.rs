//! Points of line protocol.

use bytes::Bytes;
use influx_proto::line::{Line, lines};
use influx_proto::{Point, Time, TimeUnit};

use super::{Mapping, Unmapped};

/// Makes points of line protocol: of one line a message, or of several.
///
/// A message with a bad line is refused as a whole.
#[derive(Clone, Copy, Debug, Default)]
pub struct LineMapping {
    unit: TimeUnit,
}

impl LineMapping {
    /// The timestamps are in nanoseconds, the default of line protocol.
    pub fn new() -> Self {
        Self::default()
    }

    /// The timestamps are in this unit.
    #[must_use]
    pub fn time_unit(mut self, unit: TimeUnit) -> Self {
        self.unit = unit;
        self
    }

    fn point(self, line: Line<'_>) -> Result<Point, Unmapped> {
        let mut point = Point::new(line.measurement);
        for (key, value) in line.tags {
            point = point.tag(key, value);
        }
        for (key, value) in line.fields {
            point = point.field(key, value);
        }
        let Some(timestamp) = line.timestamp else { return Ok(point) };
        let time = Time::from_unit(timestamp, self.unit)
            .ok_or_else(|| Unmapped::new(format!("the timestamp {timestamp} is too large")))?;
        Ok(point.time(time))
    }
}

impl Mapping<Bytes> for LineMapping {
    fn map(&mut self, message: Bytes) -> Result<Vec<Point>, Unmapped> {
        lines(&message).map(|line| self.point(line.map_err(Unmapped::of)?)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mut mapping: LineMapping, message: &'static str, expected: &[Point]) {
        let found = mapping.map(Bytes::from_static(message.as_bytes()));
        assert_eq!(found.as_deref(), Ok(expected), "{message}");
    }

    fn check_refused(mut mapping: LineMapping, message: &'static str, expected: &str) {
        let unmapped = mapping.map(Bytes::from_static(message.as_bytes())).unwrap_err();
        assert_eq!(unmapped.to_string(), expected, "{message}");
    }

    #[test]
    fn lines_are_points() {
        let nanoseconds = LineMapping::new();
        let cpu = || Point::new("cpu");
        check(
            nanoseconds,
            "cpu,host=a load=0.5,n=2i 1999",
            &[cpu().tag("host", "a").field("load", 0.5).field("n", 2).time(Time::from_nanos(1999))],
        );
        check(nanoseconds, "cpu load=1 -1", &[cpu().field("load", 1.0).time(Time::from_nanos(-1))]);
        check(
            nanoseconds,
            "cpu s=\"x\"\nmem s=t\n",
            &[cpu().field("s", "x"), Point::new("mem").field("s", true)],
        );
        let seconds = nanoseconds.time_unit(TimeUnit::Seconds);
        let two = Time::from_seconds(2).unwrap();
        check(seconds, "cpu load=1 2", &[cpu().field("load", 1.0).time(two)]);
        check(nanoseconds, "# a comment\n", &[]);
    }

    #[test]
    fn other_texts_are_refused() {
        let seconds = LineMapping::new().time_unit(TimeUnit::Seconds);
        check_refused(
            seconds,
            "cpu load=1 9000000000000000000",
            "the timestamp 9000000000000000000 is too large",
        );
        check_refused(seconds, "cpu load=1\ncpu", "line 2, column 4: line has no field");
    }
}
