//! Databases.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde_json::json;

use super::reply::{self, Named};
use super::{ShardSpace, name};
use crate::request::RequestBuilder;
use crate::{Idempotency, Operation, RequestError, ResponseError, Target};

/// Lists the names of all databases, in no order: `GET /db`.
///
/// For cluster administrators only; a database's user gets 401.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the call has no parameters")]
pub struct ListDatabases;

impl Operation for ListDatabases {
    type Output = Vec<String>;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        RequestBuilder::new(target, Method::GET, &["db"]).build()
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<Vec<String>, ResponseError> {
        reply::list(status, body).map(Named::into_names)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Safe
    }
}

/// Creates a database: `POST /db`.
///
/// An existing one is an error of kind
/// [`DatabaseExists`](crate::ServerErrorKind::DatabaseExists), and is left as it is.
#[derive(Clone, Copy, Debug)]
pub struct CreateDatabase<'a> {
    name: &'a str,
}

impl<'a> CreateDatabase<'a> {
    /// Creates the database of this name.
    pub fn new(name: &'a str) -> Self {
        Self { name }
    }
}

impl Operation for CreateDatabase<'_> {
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        name::database(self.name)?;
        RequestBuilder::new(target, Method::POST, &["db"])
            .json(json!({ "name": self.name }).to_string())
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::CREATED, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Idempotent
    }
}

/// Creates a database with its shard spaces and continuous queries:
/// `POST /cluster/database_configs/:db`.
///
/// An existing database is an error of kind
/// [`DatabaseExists`](crate::ServerErrorKind::DatabaseExists).
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
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        for space in self.spaces {
            name::shard_space(&space.name)?;
        }
        let spaces: Vec<_> = self.spaces.iter().map(ShardSpace::to_json).collect();
        let body = json!({ "spaces": spaces, "continuousQueries": self.continuous_queries });
        let segments = ["cluster", "database_configs", &name::database(self.database)?];
        RequestBuilder::new(target, Method::POST, &segments).json(body.to_string())
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::CREATED, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Idempotent
    }
}

/// Deletes a database with all its data: `DELETE /db/:name`.
///
/// A missing one is an error of kind
/// [`DatabaseNotFound`](crate::ServerErrorKind::DatabaseNotFound).
#[derive(Clone, Copy, Debug)]
pub struct DeleteDatabase<'a> {
    name: &'a str,
}

impl<'a> DeleteDatabase<'a> {
    /// Deletes the database of this name.
    pub fn new(name: &'a str) -> Self {
        Self { name }
    }
}

impl Operation for DeleteDatabase<'_> {
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let segments = ["db", &name::database(self.name)?];
        RequestBuilder::new(target, Method::DELETE, &segments).build()
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::NO_CONTENT, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Idempotent
    }
}
