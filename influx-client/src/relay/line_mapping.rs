//! Points of line protocol.

use bytes::Bytes;
use influx_proto::line::{Line, lines};
use influx_proto::{Precision, Value};

use super::{Mapping, Points, Unmapped};

/// Makes points of line protocol: of one line a message, or of several.
///
/// InfluxDB 0.8 has no tags: they become columns of text. Its times are in microseconds: finer
/// ones are rounded down. A message with a bad line is refused as a whole.
#[derive(Clone, Copy, Debug, Default)]
pub struct LineMapping {
    /// `None` for nanoseconds.
    precision: Option<Precision>,
}

impl LineMapping {
    /// The timestamps are in nanoseconds, the default of line protocol.
    pub fn new() -> Self {
        Self::default()
    }

    /// The timestamps are in this unit.
    #[must_use]
    pub fn precision(mut self, precision: Precision) -> Self {
        self.precision = Some(precision);
        self
    }

    fn microseconds(self, timestamp: i64) -> Option<i64> {
        match self.precision {
            None => Some(timestamp.div_euclid(1_000)),
            Some(precision) => timestamp.checked_mul(precision.microseconds()),
        }
    }

    fn point(self, line: Line<'_>, points: &mut Points<'_>) -> Result<(), Unmapped> {
        let tags = line.tags.into_iter().map(|(key, value)| (key, Value::String(value.into())));
        let fields = line.fields.into_iter().map(|(key, value)| (key, value.into()));
        let time = match line.timestamp {
            None => Value::Null,
            Some(timestamp) => self
                .microseconds(timestamp)
                .ok_or_else(|| Unmapped::new(format!("the timestamp {timestamp} is too large")))?
                .into(),
        };
        let cells = tags.chain(fields).chain([("time".into(), time)]);
        points.push(&line.measurement, cells)
    }
}

impl Mapping<Bytes> for LineMapping {
    fn map(&mut self, message: Bytes, points: &mut Points<'_>) -> Result<(), Unmapped> {
        for line in lines(&message) {
            self.point(line.map_err(Unmapped::of)?, points)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::points::shown;
    use super::*;
    use crate::v08::Identities;

    /// The points as JSON, without the sequence numbers. The message came at 99 µs.
    fn check(mut mapping: LineMapping, message: &'static str, expected: &str) {
        let identities = Identities::new();
        let mut points = Points::new(99, &identities);
        let found = match mapping.map(Bytes::from_static(message.as_bytes()), &mut points) {
            Err(unmapped) => unmapped.to_string(),
            Ok(()) => points.into_series().iter().map(shown).collect::<Vec<_>>().join(" "),
        };
        assert_eq!(found, expected, "{message}");
    }

    #[test]
    fn tags_and_fields_become_columns() {
        let nanoseconds = LineMapping::new();
        check(
            nanoseconds,
            "cpu,host=a load=0.5,n=2i 1999",
            r#"cpu["host", "load", "n", "time"][["a",0.5,2,1]]"#,
        );
        check(nanoseconds, "cpu load=1 -1", r#"cpu["load", "time"][[1.0,-1]]"#);
        check(
            nanoseconds,
            "cpu s=\"x\"\nmem s=t\n",
            r#"cpu["s", "time"][["x",99]] mem["s", "time"][[true,99]]"#,
        );
        let seconds = nanoseconds.precision(Precision::Seconds);
        check(seconds, "cpu load=1 2", r#"cpu["load", "time"][[1.0,2000000]]"#);
        check(nanoseconds, "# a comment\n", "");
    }

    #[test]
    fn what_is_no_point_is_refused() {
        let seconds = LineMapping::new().precision(Precision::Seconds);
        check(
            seconds,
            "cpu load=1 9000000000000000000",
            "the timestamp 9000000000000000000 is too large",
        );
        check(seconds, "cpu,a=1 a=2", r#"series "cpu" has the column "a" twice"#);
        check(seconds, "cpu load=1\ncpu", "line 2, column 4: line has no field");
    }
}
