//! Continuous queries: `select … into …`, which runs again as points arrive.
//!
//! They are created by a [`Query`] `select … into …` and ended by one `drop continuous query 1`.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Query, name, reply};
use crate::request::RequestBuilder;
use crate::{Idempotency, Operation, RequestError, ResponseError, Target};

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
    type Output = Vec<ContinuousQuery>;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        Query::new(self.database, "list continuous queries").request(target)
    }

    fn response(
        &self,
        status: StatusCode,
        body: &[u8],
    ) -> Result<Vec<ContinuousQuery>, ResponseError> {
        reply::rows(status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Safe
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
    type Output = Vec<ContinuousQuery>;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let segments = ["db", &name::database(self.database)?, "continuous_queries"];
        RequestBuilder::new(target, Method::GET, &segments).build()
    }

    fn response(
        &self,
        status: StatusCode,
        body: &[u8],
    ) -> Result<Vec<ContinuousQuery>, ResponseError> {
        reply::list(status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Safe
    }
}

/// Creates a continuous query: `POST /db/:db/continuous_queries`, in 0.8.0 to 0.8.3.
///
/// Later servers answer 404; a [`Query`] works on all.
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
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let segments = ["db", &name::database(self.database)?, "continuous_queries"];
        RequestBuilder::new(target, Method::POST, &segments)
            .json(json!({ "query": self.query }).to_string())
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::OK, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::NonIdempotent
    }
}

/// Drops a continuous query: `DELETE /db/:db/continuous_queries/:id`, in 0.8.0 to 0.8.3.
///
/// Later servers answer 404; a [`Query`] `drop continuous query 1` works on all.
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
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let database = name::database(self.database)?;
        let segments = ["db", &database, "continuous_queries", &self.id.to_string()];
        RequestBuilder::new(target, Method::DELETE, &segments).build()
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::OK, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Idempotent
    }
}
