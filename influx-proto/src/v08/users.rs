//! The users of a database.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde::{Deserialize, Serialize};

use super::{name, reply};
use crate::request::RequestBuilder;
use crate::{Idempotency, Operation, RequestError, ResponseError, Target};

/// A user of a database.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct DatabaseUser {
    /// The user's name.
    pub name: String,
    /// Whether the user may administer the database.
    #[serde(default)]
    pub is_admin: bool,
    /// A regular expression for the series that the user may write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_to: Option<String>,
    /// A regular expression for the series that the user may read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_from: Option<String>,
}

/// Lists a database's users, in no order: `GET /db/:db/users`.
///
/// A missing database has none, says the server.
#[derive(Clone, Copy, Debug)]
pub struct ListDatabaseUsers<'a> {
    database: &'a str,
}

impl<'a> ListDatabaseUsers<'a> {
    /// Lists the users of this database.
    pub fn new(database: &'a str) -> Self {
        Self { database }
    }
}

impl Operation for ListDatabaseUsers<'_> {
    type Output = Vec<DatabaseUser>;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let segments = ["db", &name::database(self.database)?, "users"];
        RequestBuilder::new(target, Method::GET, &segments).build()
    }

    fn response(
        &self,
        status: StatusCode,
        body: &[u8],
    ) -> Result<Vec<DatabaseUser>, ResponseError> {
        reply::list(status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Safe
    }
}

/// Shows one user of a database: `GET /db/:db/users/:user`.
///
/// A user who is no administrator may not even see oneself.
#[derive(Clone, Copy, Debug)]
pub struct ShowDatabaseUser<'a> {
    database: &'a str,
    name: &'a str,
}

impl<'a> ShowDatabaseUser<'a> {
    /// Shows the user of this name.
    pub fn new(database: &'a str, name: &'a str) -> Self {
        Self { database, name }
    }
}

impl Operation for ShowDatabaseUser<'_> {
    type Output = DatabaseUser;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let segments = ["db", &name::database(self.database)?, "users", &name::user(self.name)?];
        RequestBuilder::new(target, Method::GET, &segments).build()
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<DatabaseUser, ResponseError> {
        reply::json(status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Safe
    }
}

/// Asks whether the target's credentials are those of a database's user:
/// `GET /db/:db/authenticate`.
///
/// Wrong ones are an error of kind
/// [`InvalidCredentials`](crate::ServerErrorKind::InvalidCredentials),
/// and so are those of a cluster administrator.
#[derive(Clone, Copy, Debug)]
pub struct AuthenticateDatabaseUser<'a> {
    database: &'a str,
}

impl<'a> AuthenticateDatabaseUser<'a> {
    /// Asks about a user of this database.
    pub fn new(database: &'a str) -> Self {
        Self { database }
    }
}

impl Operation for AuthenticateDatabaseUser<'_> {
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let segments = ["db", &name::database(self.database)?, "authenticate"];
        RequestBuilder::new(target, Method::GET, &segments).build()
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::OK, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Safe
    }
}

/// Deletes a user of a database: `DELETE /db/:db/users/:user`.
///
/// A missing user or database is an error of kind
/// [`UserNotFound`](crate::ServerErrorKind::UserNotFound).
/// If the user is created again, 0.8.9 accepts the old password instead of the new one
/// for some time, since it remembers those that it has checked.
#[derive(Clone, Copy, Debug)]
pub struct DeleteDatabaseUser<'a> {
    database: &'a str,
    name: &'a str,
}

impl<'a> DeleteDatabaseUser<'a> {
    /// Deletes the user of this name.
    pub fn new(database: &'a str, name: &'a str) -> Self {
        Self { database, name }
    }
}

impl Operation for DeleteDatabaseUser<'_> {
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let segments = ["db", &name::database(self.database)?, "users", &name::user(self.name)?];
        RequestBuilder::new(target, Method::DELETE, &segments).build()
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::OK, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Idempotent
    }
}
