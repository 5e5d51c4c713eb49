//! Continuous queries: `select … into …`, which runs again as points arrive.
//!
//! They are created by a [`RunQuery`] `select … into …` and ended by one `drop continuous query 1`.

use bytes::Bytes;
use http::Request;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{RunQuery, V08, delete, get, path, post, reply};
use crate::{Idempotency, Operation, Reply, RequestError, ResponseError, Target};

/// A continuous query.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ContinuousQuery {
    /// Its number, by which it is dropped.
    pub id: i64,
    /// Its text.
    pub query: String,
}

/// Lists a database's continuous queries, by the query `list continuous queries`.
///
/// A missing database has none, says the server.
#[derive(Clone, Copy, Debug)]
pub struct ListContinuousQueries<'a> {
    database: &'a str,
}

impl<'a> ListContinuousQueries<'a> {
    /// Lists the continuous queries of this database.
    pub fn new(database: &'a str) -> Self {
        Self { database }
    }
}

impl Operation for ListContinuousQueries<'_> {
    type Dialect = V08;
    type Output = Vec<ContinuousQuery>;
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        RunQuery::new(self.database, "list continuous queries").request(target)
    }

    fn response(&self, reply: &Reply<'_>) -> Result<Vec<ContinuousQuery>, ResponseError> {
        reply::rows(reply)
    }
}

/// Lists a database's continuous queries: `GET /db/:db/continuous_queries`, in 0.8.0 to 0.8.3.
///
/// Later servers answer 404; [`ListContinuousQueries`] works on all.
#[derive(Clone, Copy, Debug)]
pub struct ListContinuousQueriesByRest<'a> {
    database: &'a str,
}

impl<'a> ListContinuousQueriesByRest<'a> {
    /// Lists the continuous queries of this database.
    pub fn new(database: &'a str) -> Self {
        Self { database }
    }
}

impl Operation for ListContinuousQueriesByRest<'_> {
    type Dialect = V08;
    type Output = Vec<ContinuousQuery>;
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        get(target, &["db", &path::database(self.database)?, "continuous_queries"]).build()
    }
}

/// Creates a continuous query: `POST /db/:db/continuous_queries`, in 0.8.0 to 0.8.3.
///
/// Later servers answer 404; a [`RunQuery`] works on all.
#[derive(Clone, Copy, Debug)]
pub struct CreateContinuousQueryByRest<'a> {
    database: &'a str,
    query: &'a str,
}

impl<'a> CreateContinuousQueryByRest<'a> {
    /// Creates this continuous query, a `select … into …`.
    pub fn new(database: &'a str, query: &'a str) -> Self {
        Self { database, query }
    }
}

impl Operation for CreateContinuousQueryByRest<'_> {
    type Dialect = V08;
    type Output = ();
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let segments = ["db", &path::database(self.database)?, "continuous_queries"];
        post(target, &segments).json(json!({ "query": self.query }).to_string())
    }
}

/// Drops a continuous query: `DELETE /db/:db/continuous_queries/:id`, in 0.8.0 to 0.8.3.
///
/// Later servers answer 404; a [`RunQuery`] `drop continuous query 1` works on all.
#[derive(Clone, Copy, Debug)]
pub struct DeleteContinuousQueryByRest<'a> {
    database: &'a str,
    id: u32,
}

impl<'a> DeleteContinuousQueryByRest<'a> {
    /// Drops the continuous query of this number.
    pub fn new(database: &'a str, id: u32) -> Self {
        Self { database, id }
    }
}

impl Operation for DeleteContinuousQueryByRest<'_> {
    type Dialect = V08;
    type Output = ();
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let database = path::database(self.database)?;
        delete(target, &["db", &database, "continuous_queries", &self.id.to_string()]).build()
    }
}
