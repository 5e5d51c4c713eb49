//! Points of line protocol.

use bytes::Bytes;
use influx_proto::line::{Line, lines};
use influx_proto::{Point, Time, TimeUnit};

use super::mapping::without_mark;
use super::{Mapping, Unmapped};

/// Makes points of line protocol: of one line a message, or of several.
///
/// Lines end in a line feed, or in a carriage return and a line feed; both may come mixed. A byte
/// order mark at the beginning of a message is dropped. A message with a bad line is refused as a
/// whole.
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
        let lines = lines(without_mark(&message)).with_crlf(true);
        lines.map(|line| self.point(line.map_err(Unmapped::of)?)).collect()
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
    fn lines_of_every_system_are_taken() {
        let point = |value| Point::new("cpu").field("v", value);
        for (message, expected) in [
            ("cpu v=1\r", &[point(1.0)][..]),
            ("cpu v=1\r\n", &[point(1.0)]),
            ("cpu v=1\r\ncpu v=2\ncpu v=3\r\n", &[point(1.0), point(2.0), point(3.0)]),
            ("\r\n\r\ncpu v=1\r\n\r", &[point(1.0)]),
            ("# a comment\r\ncpu v=1\r\n", &[point(1.0)]),
            ("cpu v=1 1\r\n", &[point(1.0).time(Time::from_nanos(1))]),
            ("cpu s=\"a\r\nb\r\"\r\n", &[Point::new("cpu").field("s", "a\r\nb\r")]),
            ("\u{feff}cpu v=1\r\n", &[point(1.0)]),
            ("\u{feff}", &[]),
            ("\u{feff}\r\n", &[]),
        ] {
            check(LineMapping::new(), message, expected);
        }
        check_refused(
            LineMapping::new(),
            "cpu v=1\r\r\n",
            "line 1, column 8: line contains a line feed, carriage return or NUL",
        );
        check_refused(
            LineMapping::new(),
            "cpu\r v=1\r\n",
            "line 1, column 4: measurement contains a line feed, carriage return or NUL",
        );
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
