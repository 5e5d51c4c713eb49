//! A database of a 1.x server, as the methods that all dialects share see it.

use std::sync::Arc;
use std::time::Duration;

use influx_proto::encode::{Body, EncodeOptions};
use influx_proto::v1::{Consistency, Param, RunQuery, V1, WriteLines};
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
    pub(super) policy: Option<Arc<str>>,
    pub(super) consistency: Option<Consistency>,
}

impl Core for DatabaseCore {
    fn encoding(&self) -> Encoding {
        let config = self.client.config();
        let mut options = EncodeOptions::default();
        options.non_finite = config.write.non_finite;
        options.max_points = config.write.max_points;
        options.max_bytes = config.limits.max_request;
        Encoding { format: Format::Lines, unit: TimeUnit::Nanoseconds, options }
    }

    fn next_number(&self) -> u64 {
        0
    }

    fn send<'a>(
        &'a self,
        body: &'a Body,
        _unit: TimeUnit,
        limit: Option<Duration>,
    ) -> BoxFuture<'a, ()> {
        let mut write = WriteLines::new(&self.name, body.bytes.clone()).identified(body.identified);
        if let Some(policy) = &self.policy {
            write = write.policy(policy);
        }
        if let Some(consistency) = self.consistency {
            write = write.consistency(consistency);
        }
        Box::pin(async move { self.client.call(&write, limit).await })
    }

    fn all<'a>(&'a self, query: &'a Parameters) -> BoxFuture<'a, Vec<Series>> {
        Box::pin(async move { self.client.call(&self.operation(query), query.limit).await })
    }

    fn open<'a>(&'a self, query: &'a Parameters) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            let operation = self.operation(query);
            self.client.open_answer(&operation, operation.decode_options(), query.limit).await
        })
    }
}

/// The values of the parameters of a query.
type Bound = Vec<(String, Param)>;

impl DatabaseCore {
    /// An answer in one piece hides the errors of all statements but the last, and a server that
    /// limits its rows cuts it without a sign (measured on 1.6.7).
    fn operation<'a>(&'a self, query: &'a Parameters) -> RunQuery<'a> {
        let mut operation = RunQuery::new(&query.text)
            .database(&self.name)
            .chunked(true)
            .max_values(self.client.config().limits.max_values);
        if let Some(policy) = &self.policy {
            operation = operation.policy(policy);
        }
        let bound = query.bound.as_ref().and_then(|bound| bound.downcast_ref::<Bound>());
        let params = bound.into_iter().flatten();
        params.fold(operation, |operation, (name, param)| operation.bind(name, param.clone()))
    }
}

impl Query<V1> {
    /// Sets the value of `$name` in the query; a later one of the same name replaces it.
    ///
    /// The server puts it in with its type, so that no text is quoted by hand and none can become a
    /// part of the query. A name, such as that of a measurement, is
    /// [`Param::identifier`].
    pub fn bind(mut self, name: impl Into<String>, value: impl Into<Param>) -> Self {
        let bound = self.parameters.bound.get_or_insert_with(|| Box::new(Bound::new()));
        if let Some(bound) = bound.downcast_mut::<Bound>() {
            bound.push((name.into(), value.into()));
        }
        self
    }
}
