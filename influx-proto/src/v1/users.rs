//! Users and their rights.

use serde::Deserialize;

use super::statement::statement;
use super::{Param, RunQuery};
use crate::Secret;

/// A user of the server.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
pub struct User {
    /// The name.
    #[serde(rename = "user")]
    pub name: String,
    /// Whether the user may do everything.
    #[serde(rename = "admin")]
    pub is_admin: bool,
}

/// A right on a database.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Privilege {
    /// To read and write.
    All,
    /// To read.
    Read,
    /// To write.
    Write,
}

impl Privilege {
    fn grant(self) -> &'static str {
        match self {
            Self::All => "GRANT ALL ON $database TO $name",
            Self::Read => "GRANT READ ON $database TO $name",
            Self::Write => "GRANT WRITE ON $database TO $name",
        }
    }

    fn revoke(self) -> &'static str {
        match self {
            Self::All => "REVOKE ALL ON $database FROM $name",
            Self::Read => "REVOKE READ ON $database FROM $name",
            Self::Write => "REVOKE WRITE ON $database FROM $name",
        }
    }
}

/// The right of a user on one database.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
pub struct Permission {
    /// The database.
    pub database: String,
    /// The server's words: `READ`, `WRITE`, `ALL PRIVILEGES` or `NO PRIVILEGES`.
    pub privilege: String,
}

statement! {
    /// Lists the users: `SHOW USERS`.
    ListUsers (Safe) -> Vec<User>;
    RunQuery::new("SHOW USERS")
}

statement! {
    /// Creates a user: `CREATE USER`.
    ///
    /// An existing one with this password and these rights stays as it is, which is a success.
    CreateUser<'a> {
        /// Creates the user `name`; an administrator may do everything.
        name: &'a str,
        password: &'a Secret,
        is_admin: bool,
    }
    (Idempotent) -> ();
    |call| {
        let statement = "CREATE USER $name WITH PASSWORD $password";
        let admin = "CREATE USER $name WITH PASSWORD $password WITH ALL PRIVILEGES";
        RunQuery::new(if call.is_admin { admin } else { statement })
            .bind("name", Param::identifier(call.name))
            .bind("password", call.password.expose())
    }
}

statement! {
    /// Deletes a user: `DROP USER`.
    DropUser<'a> {
        /// Deletes the user of this name.
        name: &'a str,
    }
    (Idempotent) -> ();
    |call| RunQuery::new("DROP USER $name").bind("name", Param::identifier(call.name))
}

statement! {
    /// Sets the password of a user: `SET PASSWORD`. Only administrators may, even for themselves.
    SetPassword<'a> {
        /// Sets the password of the user of this name.
        name: &'a str,
        password: &'a Secret,
    }
    (Idempotent) -> ();
    |call| RunQuery::new("SET PASSWORD FOR $name = $password")
        .bind("name", Param::identifier(call.name))
        .bind("password", call.password.expose())
}

statement! {
    /// Gives a user a right on a database, instead of the one before: `GRANT`.
    Grant<'a> {
        /// Gives this right to the user of this name.
        privilege: Privilege,
        database: &'a str,
        name: &'a str,
    }
    (Idempotent) -> ();
    |call| RunQuery::new(call.privilege.grant())
        .bind("database", Param::identifier(call.database))
        .bind("name", Param::identifier(call.name))
}

statement! {
    /// Takes a right on a database from a user: `REVOKE`. Of reading and writing, the other stays.
    Revoke<'a> {
        /// Takes this right from the user of this name.
        privilege: Privilege,
        database: &'a str,
        name: &'a str,
    }
    (Idempotent) -> ();
    |call| RunQuery::new(call.privilege.revoke())
        .bind("database", Param::identifier(call.database))
        .bind("name", Param::identifier(call.name))
}

statement! {
    /// Lists the rights of a user: `SHOW GRANTS`.
    ListGrants<'a> {
        /// Lists those of the user of this name.
        name: &'a str,
    }
    (Safe) -> Vec<Permission>;
    |call| RunQuery::new("SHOW GRANTS FOR $name").bind("name", Param::identifier(call.name))
}
