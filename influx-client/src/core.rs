//! A database of one dialect, as the handles of all dialects see it.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use influx_proto::encode::{Body, EncodeOptions};
use influx_proto::{Format, Series, TimeUnit};

use crate::Error;
use crate::cursor::Answer;

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// A database of one dialect, as an object.
pub(crate) trait Core: fmt::Debug + Send + Sync {
    /// How this database encodes points.
    fn encoding(&self) -> Encoding;

    /// A number that no other point of this client has; only formats with such numbers ask.
    fn next_number(&self) -> u64;

    /// Sends one body whose times are in this unit.
    fn send<'a>(
        &'a self,
        body: &'a Body,
        unit: TimeUnit,
        limit: Option<Duration>,
    ) -> BoxFuture<'a, ()>;

    /// Runs a query and reads its whole answer.
    fn all<'a>(&'a self, query: &'a Parameters) -> BoxFuture<'a, Vec<Series>>;

    /// Runs a query whose answer is read piece by piece.
    fn open<'a>(&'a self, query: &'a Parameters) -> BoxFuture<'a, Answer>;
}

/// How a database encodes points.
#[derive(Debug)]
pub(crate) struct Encoding {
    pub(crate) format: Format,
    /// The unit in which times travel.
    pub(crate) unit: TimeUnit,
    pub(crate) options: EncodeOptions,
}

/// The parts of a query that go to the server.
#[derive(Debug)]
pub(crate) struct Parameters {
    pub(crate) text: String,
    /// The unit in which times travel, if it is not the database's.
    pub(crate) unit: Option<TimeUnit>,
    /// The values that the query is bound to, in the form of its dialect.
    pub(crate) bound: Option<Box<dyn Any + Send + Sync>>,
    /// The limit of the call, if it is not the configured one.
    pub(crate) limit: Option<Duration>,
}
