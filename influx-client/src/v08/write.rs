//! A write, in one request or in batches.

use std::future::IntoFuture;
use std::pin::Pin;

use influx_proto::json::NonFinite;
use influx_proto::{Precision, RequestError, Series, SeriesError, v08};

use super::Client;
use crate::Error;
use crate::exchange::HttpExchange;

/// Points on their way to the server, sent when awaited.
///
/// All points travel in one request, which the server takes or refuses as a whole,
/// unless [`Write::batch_size`] splits them.
///
/// A failed write is repeated only if that cannot store a point twice:
/// if it surely was not sent, or if every point has both `time` and `sequence_number`,
/// which together identify a point to the server.
#[derive(Debug)]
#[must_use = "a write is sent when awaited"]
pub struct Write<'a, T> {
    client: &'a Client<T>,
    database: Option<&'a str>,
    series: &'a [Series],
    precision: Precision,
    non_finite: NonFinite,
    batch_size: usize,
    repeatable: bool,
}

/// What a write has stored.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Written {
    /// How many points the server has accepted.
    pub points: usize,
    /// How many requests carried them; none if there was no point.
    pub requests: usize,
}

impl<'a, T: HttpExchange> Write<'a, T> {
    pub(super) fn new(
        client: &'a Client<T>,
        database: Option<&'a str>,
        series: &'a [Series],
    ) -> Self {
        let precision = client.precision();
        let non_finite = NonFinite::default();
        let batch_size = usize::MAX;
        Self { client, database, series, precision, non_finite, batch_size, repeatable: false }
    }

    /// Sets the unit of the column `time`; by default the configuration's.
    pub fn precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// Sets what becomes of infinities and not-a-numbers; by default they are an error.
    pub fn non_finite(mut self, non_finite: NonFinite) -> Self {
        self.non_finite = non_finite;
        self
    }

    /// Splits the points into requests of at most so many points, sent one after the other.
    ///
    /// Several short series share a request. 0 counts as 1.
    /// If a batch fails, the ones before it are stored: [`Error::Batch`] says how many points.
    pub fn batch_size(mut self, points: usize) -> Self {
        self.batch_size = points.max(1);
        self
    }

    /// Gives every point the `time` and `sequence_number` that it lacks, so that the write can be
    /// repeated after a failure: a point that arrives twice then overwrites itself.
    ///
    /// A missing time is the current one of this machine.
    /// Sequence numbers are distinct within this client and, by a random part, most likely
    /// distinct from those of other clients.
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    async fn send(self) -> Result<Written, Error> {
        let database = self.database.ok_or(Error::NoDatabase)?;
        let points: usize = self.series.iter().map(Series::len).sum();
        let mut written = Written::default();
        if points == 0 {
            return Ok(written);
        }
        if points <= self.batch_size {
            self.send_batch(database, self.series).await?;
            return Ok(Written { points, requests: 1 });
        }
        for batch in batches(self.series, self.batch_size) {
            let in_batch = batch.iter().map(Series::len).sum();
            if let Err(error) = self.send_batch(database, &batch).await {
                let (written, source) = (written.points, Box::new(error));
                return Err(Error::Batch { written, points, failed: in_batch, source });
            }
            written.points += in_batch;
            written.requests += 1;
        }
        Ok(written)
    }

    async fn send_batch(&self, database: &str, batch: &[Series]) -> Result<(), Error> {
        let complete;
        let batch = if self.repeatable {
            complete = self.complete(batch)?;
            &complete
        } else {
            batch
        };
        let operation = v08::WriteSeries::new(database, batch)
            .precision(self.precision)
            .non_finite(self.non_finite);
        self.client.execute(&operation).await
    }

    fn complete(&self, batch: &[Series]) -> Result<Vec<Series>, Error> {
        let identities = self.client.identities();
        let complete = batch.iter().map(|series| identities.complete(series, self.precision));
        let complete: Result<_, SeriesError> = complete.collect();
        complete.map_err(|error| Error::Request(RequestError::Encode(error.into())))
    }
}

impl<'a, T: HttpExchange> IntoFuture for Write<'a, T> {
    type Output = Result<Written, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// The points in their order, at most `size` a batch, cut only where a batch is full.
fn batches(series: &[Series], size: usize) -> impl Iterator<Item = Vec<Series>> {
    let mut rest = series.iter().filter(|series| !series.is_empty());
    let mut pending: Option<(&Series, usize)> = None;
    std::iter::from_fn(move || {
        let (mut batch, mut room) = (Vec::new(), size);
        while room > 0 {
            let Some((series, from)) = pending.take().or_else(|| Some((rest.next()?, 0))) else {
                break;
            };
            let to = series.len().min(from.saturating_add(room));
            batch.push(series.slice(from..to));
            room -= to - from;
            pending = (to < series.len()).then_some((series, to));
        }
        (!batch.is_empty()).then_some(batch)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, points: usize) -> Series {
        let mut series = Series::new(name, ["v"]).unwrap();
        for point in 0..points {
            series.push([i64::try_from(point).unwrap().into()]).unwrap();
        }
        series
    }

    fn check(lengths: &[usize], size: usize, expected: &[&[(&str, usize)]]) {
        let names = ["a", "b", "c"];
        let all: Vec<_> = names.iter().zip(lengths).map(|(name, &n)| series(name, n)).collect();
        let batches: Vec<_> = batches(&all, size).collect();
        let shape: Vec<Vec<_>> = batches
            .iter()
            .map(|batch| batch.iter().map(|series| (series.name(), series.len())).collect())
            .collect();
        assert_eq!(shape, expected, "{lengths:?} by {size}");
        for (name, whole) in names.iter().zip(&all) {
            let parts = batches.iter().flatten().filter(|series| series.name() == *name);
            assert!(parts.flat_map(Series::points).eq(whole.points()), "{name}");
        }
    }

    #[test]
    fn batches_are_full_and_keep_the_order() {
        check(&[3], 2, &[&[("a", 2)], &[("a", 1)]]);
        check(&[1, 1, 1], 2, &[&[("a", 1), ("b", 1)], &[("c", 1)]]);
        check(&[5, 0, 2], 3, &[&[("a", 3)], &[("a", 2), ("c", 1)], &[("c", 1)]]);
        check(&[2, 2], 4, &[&[("a", 2), ("b", 2)]]);
        check(&[0, 0], 4, &[]);
        check(&[], 1, &[]);
    }
}
