//! A database of a 0.8 server, as the methods that all dialects share see it.

use std::sync::Arc;
use std::time::Duration;

use influx_proto::encode::{Body, EncodeOptions};
use influx_proto::v08::{Precision, RunQuery, V08, WriteSeries};
use influx_proto::{Format, Series, TimeUnit};

use super::Client;
use crate::Query;
use crate::core::{BoxFuture, Core, Encoding, Parameters};
use crate::cursor::Answer;

/// A database of a server.
#[derive(Clone, Debug)]
pub(super) struct DatabaseCore {
    pub(super) client: Client,
    pub(super) name: Arc<str>,
    pub(super) precision: Precision,
}

impl Core for DatabaseCore {
    fn encoding(&self) -> Encoding {
        let config = self.client.config();
        let mut options = EncodeOptions::default();
        options.non_finite = config.write.non_finite;
        options.max_points = config.write.max_points;
        options.max_bytes = config.limits.max_request;
        Encoding { format: Format::SeriesJson, unit: self.precision.into(), options }
    }

    fn next_number(&self) -> u64 {
        self.client.next_number()
    }

    fn send<'a>(
        &'a self,
        body: &'a Body,
        unit: TimeUnit,
        limit: Option<Duration>,
    ) -> BoxFuture<'a, ()> {
        let write = WriteSeries::new(&self.name, body.bytes.clone())
            .precision(precision_of(unit))
            .identified(body.identified);
        Box::pin(async move { self.client.call(&write, limit).await })
    }

    fn all<'a>(&'a self, query: &'a Parameters) -> BoxFuture<'a, Vec<Series>> {
        Box::pin(async move { self.client.call(&self.operation(query), query.limit).await })
    }

    fn open<'a>(&'a self, query: &'a Parameters) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            let operation = self.operation(query).chunked(true);
            self.client.open_answer(&operation, operation.decode_options(), query.limit).await
        })
    }
}

impl DatabaseCore {
    fn operation<'a>(&'a self, query: &'a Parameters) -> RunQuery<'a> {
        RunQuery::new(&self.name, &query.text)
            .precision(precision_of(self.unit(query)))
            .max_values(self.client.config().limits.max_values)
    }

    fn unit(&self, query: &Parameters) -> TimeUnit {
        query.unit.unwrap_or(self.precision.into())
    }
}

/// The encoder and the query have their unit from a [`Precision`].
fn precision_of(unit: TimeUnit) -> Precision {
    match unit {
        TimeUnit::Seconds => Precision::Seconds,
        TimeUnit::Milliseconds => Precision::Milliseconds,
        _ => Precision::Microseconds,
    }
}

impl Query<V08> {
    /// Sets the unit in which the times of the answer travel. The program sees nanoseconds in any
    /// case. Default: that of the database.
    pub fn precision(mut self, precision: Precision) -> Self {
        self.parameters.unit = Some(precision.into());
        self
    }
}
