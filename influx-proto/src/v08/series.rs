//! The series of a database, and their export.

use super::access::Access;
use super::call::call;
use super::dialect::{V08, delete, get};
use super::query::RunQuery;
use super::{path, reply};
use crate::{Idempotency, Operation, Request, RequestError, ServerError, Target};

call! {
    /// Lists the names of a database's series, by the query `list series`.
    ///
    /// The server answers an empty list for a missing database.
    ListSeries<'a> {
        /// Lists the series of this database.
        database: &'a str,
    }
    (OK, Safe) -> Vec<String>;
    |call, target| RunQuery::new(call.database, "list series").request(target);
    |reply| reply::rows(reply).map(reply::into_names)
}

call! {
    /// Deletes a series with all its points: `DELETE /db/:db/series/:series`.
    ///
    /// The server answers success for a missing series or database.
    ///
    /// The server pastes the name into a query. Names that could change the meaning of this query
    /// are an error before anything is sent, see
    /// [`drop_series_segment`](super::drop_series_segment);
    /// the error has the [`RunQuery`] that drops such a series, as in `drop series "a/b"`.
    DeleteSeries<'a> {
        /// Deletes the series of exactly this name.
        database: &'a str,
        name: &'a str,
    }
    (NO_CONTENT, Idempotent) -> ();
    |call, target| {
        let database = path::database(call.database)?;
        delete(target, &["db", &database, "series", &path::dropped_series(call.name)?]).build()
    }
}

/// A part of an export.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server knows these two")]
pub enum ExportPart {
    /// The statements that create the database and its retention policy.
    Definitions,
    /// The points, as line protocol.
    Points,
}

/// Exports the points of a shard space in the form that InfluxDB 0.9 and later import:
/// `GET /export/:db/:sp`, of 0.8.9.
///
/// The answer is text: `# DDL` with statements, `# DML` with line protocol.
/// It is as large as the data, so a streaming client should not collect it.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    database: &'a str,
    space: &'a str,
    part: Option<ExportPart>,
}

impl<'a> Export<'a> {
    /// Exports everything of this shard space.
    pub fn new(database: &'a str, space: &'a str) -> Self {
        Self { database, space, part: None }
    }

    /// Exports only this part.
    #[must_use]
    pub fn part(mut self, part: ExportPart) -> Self {
        self.part = Some(part);
        self
    }
}

impl Operation for Export<'_> {
    type Dialect = V08;
    type Output = Vec<u8>;
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;

    fn hint(refusal: &ServerError) -> Option<&'static str> {
        Access::ClusterAdmin.hint(refusal)
    }

    fn request(&self, target: &Target) -> Result<Request, RequestError> {
        let part = self.part.map(|part| match part {
            ExportPart::Definitions => "ddl",
            ExportPart::Points => "dml",
        });
        let database = path::database(self.database)?;
        let segments = ["export", &database, &path::shard_space(self.space)?];
        get(target, &segments).optional_pair("l", part).build()
    }
}
