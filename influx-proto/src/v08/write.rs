//! Writing points.

use bytes::Bytes;
use http::Request;

use super::{Precision, V08, path, post};
use crate::{Idempotency, Operation, RequestError, Series, Target, Value};

/// Writes points: `POST /db/:db/series`.
///
/// A point is identified by its `time` and `sequence_number`. A point without a
/// `sequence_number` gets a new one each time it is sent, even if it has a `time`,
/// so that a repeated write duplicates it; with both, it overwrites itself.
/// A null deletes the cell. Both numbers pass through a double on the server and are rounded
/// beyond 2^53, and a single point has a limit of about 2 MiB.
///
/// If the server refuses a series, it has stored those before it in the body.
#[derive(Clone, Debug)]
pub struct WriteSeries<'a> {
    database: &'a str,
    body: Bytes,
    precision: Option<Precision>,
    identified: bool,
}

impl<'a> WriteSeries<'a> {
    /// Writes an encoded body, such as one of [`Format::SeriesJson`](crate::Format::SeriesJson),
    /// into this database.
    pub fn new(database: &'a str, body: impl Into<Bytes>) -> Self {
        Self { database, body: body.into(), precision: None, identified: false }
    }

    /// Sets the unit of the column `time` in the body; the server's own is milliseconds.
    #[must_use]
    pub fn precision(mut self, precision: Precision) -> Self {
        self.precision = Some(precision);
        self
    }

    /// Sets whether every point has a `time` and a `sequence_number`, as [`is_identified`] tells.
    /// If so, the write is [`Idempotency::Idempotent`]; unless set, it is not.
    #[must_use]
    pub fn identified(mut self, identified: bool) -> Self {
        self.identified = identified;
        self
    }
}

impl Operation for WriteSeries<'_> {
    type Dialect = V08;
    type Output = ();
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        post(target, &["db", &path::database(self.database)?, "series"])
            .optional_pair("time_precision", self.precision.map(Precision::as_str))
            .json(self.body.clone())
    }

    fn idempotency(&self) -> Idempotency {
        if self.identified { Idempotency::Idempotent } else { Self::IDEMPOTENCY }
    }
}

/// Whether every point of a series has the two values that identify it to a 0.8 server:
/// numbers in the columns `time` and `sequence_number`.
pub fn is_identified(series: &Series) -> bool {
    ["time", "sequence_number"].into_iter().all(|name| {
        series.column_index(name).is_some_and(|column| {
            series.points().all(|point| point.get(column).is_some_and(is_number))
        })
    })
}

/// Whether the server gets a number: infinities and NaN travel as null, if at all.
fn is_number(value: &Value) -> bool {
    value.as_f64().is_some_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(columns: &[&str], points: &[&[Value]], expected: bool) {
        let mut series = Series::new("cpu", columns.iter().copied()).unwrap();
        for point in points {
            series.push(point.to_vec()).unwrap();
        }
        assert_eq!(is_identified(&series), expected, "{series:?}");
    }

    #[test]
    fn only_numbers_in_both_columns_identify_points() {
        let [time, number, null] = [Value::Int(1), Value::Int(2), Value::Null];
        let both = &["time", "sequence_number"];
        check(both, &[], true);
        check(&["sequence_number", "time"], &[], true);
        check(both, &[&[time.clone(), number.clone()]], true);
        check(both, &[&[time.clone(), number.clone()], &[time.clone(), null.clone()]], false);
        check(both, &[&[null, number.clone()]], false);
        check(both, &[&[f64::NAN.into(), number]], false);
        check(both, &[&[time.clone(), f64::INFINITY.into()]], false);
        check(&["time"], &[&[time]], false);
        check(&["sequence_number"], &[], false);
    }

    #[test]
    fn only_identified_points_can_be_written_twice() {
        let write = WriteSeries::new("db", "[]");
        assert_eq!(write.idempotency(), Idempotency::NonIdempotent);
        assert_eq!(write.identified(true).idempotency(), Idempotency::Idempotent);
    }
}
