//! Writing points.

use bytes::Bytes;

use super::dialect::{V08, post};
use super::path;
use super::precision::Precision;
use crate::{Idempotency, Operation, Request, RequestError, Target};

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
    /// Writes an encoded body, such as one of [`SeriesEncoder`](crate::encode::SeriesEncoder), into
    /// this database.
    pub fn new(database: &'a str, body: impl Into<Bytes>) -> Self {
        Self { database, body: body.into(), precision: None, identified: false }
    }

    /// Sets the unit of the column `time` in the body; the server's own is milliseconds.
    #[must_use]
    pub fn precision(mut self, precision: Precision) -> Self {
        self.precision = Some(precision);
        self
    }

    /// Sets whether every point has a `time` and a `sequence_number`, as
    /// [`Body::identified`](crate::encode::Body::identified) tells.
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

    fn request(&self, target: &Target) -> Result<Request, RequestError> {
        post(target, &["db", &path::database(self.database)?, "series"])
            .optional_pair("time_precision", self.precision.map(Precision::as_str))
            .json(self.body.clone())
    }

    fn idempotency(&self) -> Idempotency {
        if self.identified { Idempotency::Idempotent } else { Self::IDEMPOTENCY }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_identified_points_can_be_written_twice() {
        let write = WriteSeries::new("db", "[]");
        assert_eq!(write.idempotency(), Idempotency::NonIdempotent);
        assert_eq!(write.identified(true).idempotency(), Idempotency::Idempotent);
    }
}
