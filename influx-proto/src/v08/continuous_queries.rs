//! Continuous queries: `select … into …`, which runs again as points arrive.
//!
//! They are created by a [`RunQuery`] `select … into …` and ended by one `drop continuous query 1`.

use bytes::Bytes;
use http::Request;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{RunQuery, V08, call, delete, get, path, post, reply};
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

call! {
    /// Lists a database's continuous queries: `GET /db/:db/continuous_queries`, in 0.8.0 to 0.8.3.
    ///
    /// Later servers answer 404; [`ListContinuousQueries`] works on all.
    ListContinuousQueriesByRest<'a> {
        /// Lists the continuous queries of this database.
        database: &'a str,
    }
    (OK, Safe) -> Vec<ContinuousQuery>;
    |call, target| {
        get(target, &["db", &path::database(call.database)?, "continuous_queries"]).build()
    }
}

call! {
    /// Creates a continuous query: `POST /db/:db/continuous_queries`, in 0.8.0 to 0.8.3.
    ///
    /// Later servers answer 404; a [`RunQuery`] works on all.
    CreateContinuousQueryByRest<'a> {
        /// Creates this continuous query, a `select … into …`.
        database: &'a str, query: &'a str,
    }
    (OK, NonIdempotent) -> ();
    |call, target| {
        let segments = ["db", &path::database(call.database)?, "continuous_queries"];
        post(target, &segments).json(json!({ "query": call.query }).to_string())
    }
}

call! {
    /// Drops a continuous query: `DELETE /db/:db/continuous_queries/:id`, in 0.8.0 to 0.8.3.
    ///
    /// Later servers answer 404; a [`RunQuery`] `drop continuous query 1` works on all.
    DeleteContinuousQueryByRest<'a> {
        /// Drops the continuous query of this number.
        database: &'a str, id: u32,
    }
    (OK, Idempotent) -> ();
    |call, target| {
        let database = path::database(call.database)?;
        delete(target, &["db", &database, "continuous_queries", &call.id.to_string()]).build()
    }
}
