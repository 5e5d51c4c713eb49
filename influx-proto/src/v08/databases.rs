//! Databases.

use http::StatusCode;
use serde_json::json;

use super::access::Access;
use super::call::call;
use super::dialect::{V08, delete, get, post};
use super::path;
use super::shard_spaces::ShardSpace;
use crate::{Idempotency, Operation, Request, RequestError, ServerError, Target};

call! {
    /// Lists the names of all databases, in any order: `GET /db`.
    ///
    /// For cluster administrators only; a database's user gets 401.
    ListDatabases (OK, Safe, ClusterAdmin) -> Vec<String>;
    |target| get(target, &["db"]).build()
}

call! {
    /// Creates a database: `POST /db`.
    ///
    /// An existing one stays as it is and is refused as
    /// [`Refusal::DatabaseExists`](super::Refusal::DatabaseExists).
    CreateDatabase<'a> {
        /// Creates the database of this name.
        name: &'a str,
    }
    (CREATED, Idempotent, ClusterAdmin) -> ();
    |call, target| {
        path::database(call.name)?;
        post(target, &["db"]).json(json!({ "name": call.name }).to_string())
    }
}

/// Creates a database with its shard spaces and continuous queries:
/// `POST /cluster/database_configs/:db`.
///
/// An existing database is refused as [`Refusal::DatabaseExists`](super::Refusal::DatabaseExists).
/// A query that is not a continuous one is refused with 400 and the text `{}`.
#[derive(Clone, Copy, Debug)]
pub struct ConfigureDatabase<'a> {
    database: &'a str,
    spaces: &'a [ShardSpace],
    continuous_queries: &'a [&'a str],
}

impl<'a> ConfigureDatabase<'a> {
    /// Creates the database of this name, with the server's default shard space.
    pub fn new(database: &'a str) -> Self {
        Self { database, spaces: &[], continuous_queries: &[] }
    }

    /// Sets the database's shard spaces.
    #[must_use]
    pub fn shard_spaces(mut self, spaces: &'a [ShardSpace]) -> Self {
        self.spaces = spaces;
        self
    }

    /// Sets the database's continuous queries, each a `select … into …`.
    #[must_use]
    pub fn continuous_queries(mut self, queries: &'a [&'a str]) -> Self {
        self.continuous_queries = queries;
        self
    }
}

impl Operation for ConfigureDatabase<'_> {
    type Dialect = V08;
    type Output = ();
    const SUCCESS: StatusCode = StatusCode::CREATED;
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;

    fn hint(refusal: &ServerError) -> Option<&'static str> {
        Access::ClusterAdmin.hint(refusal)
    }

    fn request(&self, target: &Target) -> Result<Request, RequestError> {
        for space in self.spaces {
            path::shard_space(&space.name)?;
        }
        let spaces: Vec<_> = self.spaces.iter().map(ShardSpace::to_json).collect();
        let body = json!({ "spaces": spaces, "continuousQueries": self.continuous_queries });
        let segments = ["cluster", "database_configs", &path::database(self.database)?];
        post(target, &segments).json(body.to_string())
    }
}

call! {
    /// Deletes a database with all its data: `DELETE /db/:name`.
    ///
    /// A missing one is refused as [`Refusal::DatabaseNotFound`](super::Refusal::DatabaseNotFound).
    DeleteDatabase<'a> {
        /// Deletes the database of this name.
        name: &'a str,
    }
    (NO_CONTENT, Idempotent, ClusterAdmin) -> ();
    |call, target| delete(target, &["db", &path::database(call.name)?]).build()
}
