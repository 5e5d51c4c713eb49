//! The users of a database.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::call::call;
use super::dialect::{V08, delete, get, post};
use super::{path, reply};
use crate::{
    FromReply, Idempotency, Operation, Reply, Request, RequestError, ResponseError, Secret, Target,
};

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

impl reply::Listed for DatabaseUser {}

impl FromReply<V08> for DatabaseUser {
    fn from_reply(reply: &Reply<'_>) -> Result<Self, ResponseError> {
        reply::object(reply)
    }
}

/// The rights of a database's user: two regular expressions without slashes.
///
/// `.*` is every series, the default; `^$` is none. The server takes both or neither.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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

call! {
    /// Lists a database's users, in any order: `GET /db/:db/users`.
    ///
    /// The server answers an empty list for a missing database.
    ListDatabaseUsers<'a> {
        /// Lists the users of this database.
        database: &'a str,
    }
    (OK, Safe) -> Vec<DatabaseUser>;
    |call, target| get(target, &["db", &path::database(call.database)?, "users"]).build()
}

call! {
    /// Shows one user of a database: `GET /db/:db/users/:user`.
    ///
    /// A user who is not an administrator cannot see even this user's own record.
    ShowDatabaseUser<'a> {
        /// Shows the user of this name.
        database: &'a str,
        name: &'a str,
    }
    (OK, Safe) -> DatabaseUser;
    |call, target| {
        let segments = ["db", &path::database(call.database)?, "users", &path::user(call.name)?];
        get(target, &segments).build()
    }
}

call! {
    /// Asks whether the target's credentials are those of a database's user:
    /// `GET /db/:db/authenticate`.
    ///
    /// Wrong ones, and those of a cluster administrator, are refused as
    /// [`Refusal::InvalidCredentials`](super::Refusal::InvalidCredentials).
    AuthenticateDatabaseUser<'a> {
        /// Asks about a user of this database.
        database: &'a str,
    }
    (OK, Safe, DatabaseUser) -> ();
    |call, target| get(target, &["db", &path::database(call.database)?, "authenticate"]).build()
}

/// Creates a user of a database: `POST /db/:db/users`.
///
/// The password has 4 to 56 bytes.
/// An existing user is refused as [`Refusal::UserExists`](super::Refusal::UserExists).
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
    type Dialect = V08;
    type Output = ();
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;

    fn request(&self, target: &Target) -> Result<Request, RequestError> {
        path::user(self.name)?;
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
        let segments = ["db", &path::database(self.database)?, "users"];
        post(target, &segments).json(Value::from(body).to_string())
    }
}

/// Changes a user of a database: `POST /db/:db/users/:user`.
///
/// Everything that is not set stays as it is. An update that sets nothing is
/// [`RequestError::NothingToUpdate`], since the server would answer success.
/// A missing user is refused as [`Refusal::UserNotFound`](super::Refusal::UserNotFound).
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
    type Dialect = V08;
    type Output = ();
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;

    fn request(&self, target: &Target) -> Result<Request, RequestError> {
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
        let segments = ["db", &path::database(self.database)?, "users", &path::user(self.name)?];
        post(target, &segments).json(Value::from(body).to_string())
    }
}

call! {
    /// Deletes a user of a database: `DELETE /db/:db/users/:user`.
    ///
    /// A missing user or database is refused as
    /// [`Refusal::UserNotFound`](super::Refusal::UserNotFound).
    /// If the user is created again, 0.8.9 accepts the old password instead of the new one
    /// for some time, since it remembers the passwords that it has checked.
    DeleteDatabaseUser<'a> {
        /// Deletes the user of this name.
        database: &'a str,
        name: &'a str,
    }
    (OK, Idempotent) -> ();
    |call, target| {
        let segments = ["db", &path::database(call.database)?, "users", &path::user(call.name)?];
        delete(target, &segments).build()
    }
}
