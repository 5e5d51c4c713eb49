//! Creating and changing the users of a database.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde_json::{Map, Value};

use super::{name, reply};
use crate::request::RequestBuilder;
use crate::{Idempotency, Operation, RequestError, ResponseError, Secret, Target};

/// What a database's user may read and write: a regular expression each, without slashes.
///
/// `.*` is every series, the default; `^$` is none. The server takes both or neither.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the server knows these two")]
pub struct Permissions<'a> {
    /// The series that the user may read.
    pub read_from: &'a str,
    /// The series that the user may write.
    pub write_to: &'a str,
}

impl Permissions<'_> {
    fn add_to(self, body: &mut Map<String, Value>) {
        body.insert("readFrom".to_owned(), self.read_from.into());
        body.insert("writeTo".to_owned(), self.write_to.into());
    }
}

/// Creates a user of a database: `POST /db/:db/users`.
///
/// The password has 4 to 56 bytes. An existing user is an error of kind
/// [`UserExists`](crate::ServerErrorKind::UserExists).
#[derive(Clone, Copy, Debug)]
pub struct CreateDatabaseUser<'a> {
    database: &'a str,
    name: &'a str,
    password: &'a Secret,
    permissions: Option<Permissions<'a>>,
    admin: bool,
}

impl<'a> CreateDatabaseUser<'a> {
    /// Creates the user of this name, who may read and write every series.
    pub fn new(database: &'a str, name: &'a str, password: &'a Secret) -> Self {
        Self { database, name, password, permissions: None, admin: false }
    }

    /// Restricts what the user may read and write.
    #[must_use]
    pub fn permissions(mut self, permissions: Permissions<'a>) -> Self {
        self.permissions = Some(permissions);
        self
    }

    /// Makes the user an administrator of the database.
    #[must_use]
    pub fn admin(mut self) -> Self {
        self.admin = true;
        self
    }
}

impl Operation for CreateDatabaseUser<'_> {
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        name::user(self.name)?;
        let mut body = Map::new();
        body.insert("name".to_owned(), self.name.into());
        body.insert("password".to_owned(), self.password.expose().into());
        if let Some(permissions) = self.permissions {
            permissions.add_to(&mut body);
        }
        if self.admin {
            // An update spells this key `admin`; the server ignores the wrong one silently.
            body.insert("isAdmin".to_owned(), true.into());
        }
        let segments = ["db", &name::database(self.database)?, "users"];
        RequestBuilder::new(target, Method::POST, &segments).json(Value::from(body).to_string())
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::OK, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::NonIdempotent
    }
}

/// Changes a user of a database: `POST /db/:db/users/:user`.
///
/// What is not set stays as it is; nothing set is
/// [`RequestError::NothingToUpdate`], since the server would answer success.
/// A missing user is an error of kind [`UserNotFound`](crate::ServerErrorKind::UserNotFound).
#[derive(Clone, Copy, Debug)]
pub struct UpdateDatabaseUser<'a> {
    database: &'a str,
    name: &'a str,
    password: Option<&'a Secret>,
    permissions: Option<Permissions<'a>>,
    admin: Option<bool>,
}

impl<'a> UpdateDatabaseUser<'a> {
    /// Changes the user of this name.
    pub fn new(database: &'a str, name: &'a str) -> Self {
        Self { database, name, password: None, permissions: None, admin: None }
    }

    /// Sets the password, of 4 to 56 bytes.
    #[must_use]
    pub fn password(mut self, password: &'a Secret) -> Self {
        self.password = Some(password);
        self
    }

    /// Sets what the user may read and write.
    #[must_use]
    pub fn permissions(mut self, permissions: Permissions<'a>) -> Self {
        self.permissions = Some(permissions);
        self
    }

    /// Sets whether the user is an administrator of the database.
    #[must_use]
    pub fn admin(mut self, admin: bool) -> Self {
        self.admin = Some(admin);
        self
    }
}

impl Operation for UpdateDatabaseUser<'_> {
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let mut body = Map::new();
        if let Some(password) = self.password {
            body.insert("password".to_owned(), password.expose().into());
        }
        if let Some(permissions) = self.permissions {
            permissions.add_to(&mut body);
        }
        if let Some(admin) = self.admin {
            body.insert("admin".to_owned(), admin.into());
        }
        if body.is_empty() {
            return Err(RequestError::NothingToUpdate);
        }
        let segments = ["db", &name::database(self.database)?, "users", &name::user(self.name)?];
        RequestBuilder::new(target, Method::POST, &segments).json(Value::from(body).to_string())
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::OK, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Idempotent
    }
}
