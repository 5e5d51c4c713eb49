//! Writing points.

use bytes::Bytes;
use http::{Method, Request, StatusCode};

use super::{name, reply};
use crate::encode::{EncodeOptions, NonFinite};
use crate::request::RequestBuilder;
use crate::{
    Format, Idempotency, Operation, Precision, RequestError, ResponseError, Series, Table, Target,
    TimeUnit, Value,
};

/// Writes points: `POST /db/:db/series`.
///
/// A point is identified by its `time` and `sequence_number`. A point without a
/// `sequence_number` gets a new one each time it is sent, even if it has a `time`,
/// so that a repeated write duplicates it; with both, it overwrites itself.
/// A null deletes the cell. Both numbers pass through a double on the server and are rounded
/// beyond 2^53, and a single point has a limit of about 2 MiB.
#[derive(Clone, Copy, Debug)]
pub struct WriteSeries<'a> {
    database: &'a str,
    series: &'a [Series],
    precision: Option<Precision>,
    non_finite: NonFinite,
}

impl<'a> WriteSeries<'a> {
    /// Writes the points of these series into this database.
    pub fn new(database: &'a str, series: &'a [Series]) -> Self {
        Self { database, series, precision: None, non_finite: NonFinite::Refuse }
    }

    /// Sets the unit of the column `time`; the server's own is milliseconds.
    #[must_use]
    pub fn precision(mut self, precision: Precision) -> Self {
        self.precision = Some(precision);
        self
    }

    /// Sets what becomes of infinities and not-a-number: an error, unless set otherwise.
    #[must_use]
    pub fn non_finite(mut self, non_finite: NonFinite) -> Self {
        self.non_finite = non_finite;
        self
    }
}

impl Operation for WriteSeries<'_> {
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let segments = ["db", &name::database(self.database)?, "series"];
        // The times travel as they are.
        let unit = TimeUnit::Nanoseconds;
        let options = EncodeOptions {
            non_finite: self.non_finite,
            time_unit: Some(unit),
            ..EncodeOptions::default()
        };
        let table = Table::new("").time_unit(unit);
        let series: Vec<_> = self.series.iter().map(|series| table.series(series)).collect();
        let bodies = Format::SeriesJson.encode(&series, &options, None)?;
        let body = bodies.into_iter().next().map_or_else(|| "[]".into(), |body| body.bytes);
        RequestBuilder::new(target, Method::POST, &segments)
            .optional_pair("time_precision", self.precision.map(Precision::as_v08))
            .json(body)
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::OK, status, body)
    }

    /// [`Idempotency::Idempotent`] if every point has a `time` and a `sequence_number`,
    /// else [`Idempotency::NonIdempotent`].
    fn idempotency(&self) -> Idempotency {
        if self.series.iter().all(is_identified) {
            Idempotency::Idempotent
        } else {
            Idempotency::NonIdempotent
        }
    }
}

/// Whether every point has the two values that identify it.
fn is_identified(series: &Series) -> bool {
    ["time", "sequence_number"].into_iter().all(|name| {
        series.column_index(name).is_some_and(|column| {
            series.points().all(|point| point.get(column).is_some_and(is_number))
        })
    })
}

/// Whether the server gets a number: what is not finite travels as null, if at all.
fn is_number(value: &Value) -> bool {
    value.as_f64().is_some_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(columns: &[&str], points: &[&[Value]], expected: Idempotency) {
        let mut series = Series::new("cpu", columns.iter().copied()).unwrap();
        for point in points {
            series.push(point.to_vec()).unwrap();
        }
        let identified = Series::new("mem", ["sequence_number", "time"]).unwrap();
        assert_eq!(WriteSeries::new("db", &[identified, series]).idempotency(), expected);
    }

    #[test]
    fn only_fully_identified_points_can_be_written_twice() {
        use Idempotency::{Idempotent, NonIdempotent};
        let [time, number, null] = [Value::Int(1), Value::Int(2), Value::Null];
        let both = &["time", "sequence_number"];
        check(both, &[], Idempotent);
        check(both, &[&[time.clone(), number.clone()]], Idempotent);
        check(
            both,
            &[&[time.clone(), number.clone()], &[time.clone(), null.clone()]],
            NonIdempotent,
        );
        check(both, &[&[null, number.clone()]], NonIdempotent);
        check(both, &[&[f64::NAN.into(), number]], NonIdempotent);
        check(both, &[&[time.clone(), f64::INFINITY.into()]], NonIdempotent);
        check(&["time"], &[&[time]], NonIdempotent);
        check(&["sequence_number"], &[], NonIdempotent);
        assert_eq!(WriteSeries::new("db", &[]).idempotency(), Idempotent);
    }
}
