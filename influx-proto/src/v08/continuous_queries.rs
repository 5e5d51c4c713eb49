//! Continuous queries: `select … into …`, which runs again as points arrive.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::call;
use super::dialect::{delete, get, post};
use super::query::RunQuery;
use super::{path, reply};

/// A continuous query.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ContinuousQuery {
    /// Its number, by which it is dropped.
    pub id: i64,
    /// Its text.
    pub query: String,
}

impl reply::Listed for ContinuousQuery {}

call! {
    /// Lists a database's continuous queries, by the query `list continuous queries`.
    ///
    /// The server answers an empty list for a missing database.
    ListContinuousQueries<'a> {
        /// Lists the continuous queries of this database.
        database: &'a str,
    }
    (OK, Safe) -> Vec<ContinuousQuery>;
    |call, target| RunQuery::new(call.database, "list continuous queries").request(target);
    |reply| reply::rows(reply)
}

call! {
    /// Creates a continuous query, by the query `select … into …`.
    ///
    /// A query that answers with points is an error: it runs, and does not stay.
    CreateContinuousQuery<'a> {
        /// Creates this continuous query, a `select … into …`.
        database: &'a str,
        query: &'a str,
    }
    (OK, NonIdempotent) -> ();
    |call, target| RunQuery::new(call.database, call.query).request(target);
    |reply| reply::no_series(reply)
}

call! {
    /// Drops a continuous query, by the query `drop continuous query`.
    ///
    /// The server answers success for a missing one.
    DropContinuousQuery<'a> {
        /// Drops the continuous query of this number.
        database: &'a str,
        id: i64,
    }
    (OK, Idempotent) -> ();
    |call, target| {
        RunQuery::new(call.database, &format!("drop continuous query {}", call.id)).request(target)
    };
    |reply| reply::no_series(reply)
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
    /// Later servers answer 404; [`CreateContinuousQuery`] works on all.
    CreateContinuousQueryByRest<'a> {
        /// Creates this continuous query, a `select … into …`.
        database: &'a str,
        query: &'a str,
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
    /// Later servers answer 404; [`DropContinuousQuery`] works on all.
    DeleteContinuousQueryByRest<'a> {
        /// Drops the continuous query of this number.
        database: &'a str,
        id: u32,
    }
    (OK, Idempotent) -> ();
    |call, target| {
        let database = path::database(call.database)?;
        delete(target, &["db", &database, "continuous_queries", &call.id.to_string()]).build()
    }
}
