//! Cluster admins, database users and what they may do.

use std::collections::BTreeMap;

use influx_proto::Secret;
use regex::Regex;

use super::State;
use crate::testkit::refusal::Refusal;

/// Who sent a request.
#[derive(Clone, Debug)]
pub(in crate::testkit) enum Requester {
    ClusterAdmin,
    DatabaseUser { name: String, admin: bool, permissions: Permissions },
}

impl Requester {
    /// Whether the requester administers the database of the request.
    pub(in crate::testkit) fn is_admin(&self) -> bool {
        match self {
            Self::ClusterAdmin => true,
            Self::DatabaseUser { admin, .. } => *admin,
        }
    }

    /// Whether the requester is the database user of this name.
    pub(in crate::testkit) fn is_user(&self, user: &str) -> bool {
        matches!(self, Self::DatabaseUser { name, .. } if name == user)
    }

    /// # Errors
    ///
    /// A 403 with the given text, unless the requester administers the database.
    pub(in crate::testkit) fn must_be_admin(&self, text: &str) -> Result<(), Refusal> {
        if self.is_admin() { Ok(()) } else { Err(Refusal::forbidden(text)) }
    }

    pub(in crate::testkit) fn may_read(&self, series: &str) -> bool {
        match self {
            Self::DatabaseUser { admin: false, permissions, .. } => {
                matches(&permissions.read_from, series)
            }
            _ => true,
        }
    }

    /// # Errors
    ///
    /// The server's 403 if the requester may not write the series.
    pub(in crate::testkit) fn must_write(&self, series: &str) -> Result<(), Refusal> {
        match self {
            Self::DatabaseUser { name, admin: false, permissions }
                if !matches(&permissions.write_to, series) =>
            {
                let text = format!("User {name} doesn't have write permissions for {series}");
                Err(Refusal::forbidden(text))
            }
            _ => Ok(()),
        }
    }
}

/// The series that a database user may read and write, as regular expressions.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::testkit) struct Permissions {
    pub(in crate::testkit) read_from: String,
    pub(in crate::testkit) write_to: String,
}

impl Default for Permissions {
    fn default() -> Self {
        Self { read_from: ".*".to_owned(), write_to: ".*".to_owned() }
    }
}

// The server accepts any text as a permission; a malformed one matches nothing.
fn matches(pattern: &str, series: &str) -> bool {
    Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(series))
}

#[derive(Debug)]
pub(in crate::testkit) struct DatabaseUser {
    password: Secret,
    pub(in crate::testkit) admin: bool,
    pub(in crate::testkit) permissions: Permissions,
}

impl DatabaseUser {
    /// # Errors
    ///
    /// The server's text if the password is too short or too long.
    pub(in crate::testkit) fn new(
        password: &str,
        admin: bool,
        permissions: Permissions,
    ) -> Result<Self, Refusal> {
        Ok(Self { password: checked_password(password)?, admin, permissions })
    }

    pub(in crate::testkit) fn set_password(&mut self, password: &str) -> Result<(), Refusal> {
        self.password = checked_password(password)?;
        Ok(())
    }
}

/// The administrators of the whole server, by name.
#[derive(Debug, Default)]
pub(in crate::testkit) struct ClusterAdmins(BTreeMap<String, Secret>);

impl ClusterAdmins {
    pub(in crate::testkit) fn with_root(password: Secret) -> Self {
        Self(BTreeMap::from([("root".to_owned(), password)]))
    }

    pub(in crate::testkit) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(in crate::testkit) fn create(&mut self, name: &str, password: &str) -> Result<(), Refusal> {
        check_name(name)?;
        let password = checked_password(password)?;
        if self.0.contains_key(name) {
            return Err(Refusal::invalid(format!("User {name} already exists")));
        }
        self.0.insert(name.to_owned(), password);
        Ok(())
    }

    pub(in crate::testkit) fn set_password(
        &mut self,
        name: &str,
        password: &str,
    ) -> Result<(), Refusal> {
        let Some(known) = self.0.get_mut(name) else {
            return Err(Refusal::invalid(format!("Invalid user name {name}")));
        };
        *known = checked_password(password)?;
        Ok(())
    }

    pub(in crate::testkit) fn delete(&mut self, name: &str) -> Result<(), Refusal> {
        match self.0.remove(name) {
            Some(_) => Ok(()),
            None => Err(Refusal::invalid(format!("User {name} doesn't exists"))),
        }
    }
}

impl State {
    /// The cluster admin of this name and password.
    pub(in crate::testkit) fn cluster_admin(
        &self,
        name: &str,
        password: &str,
    ) -> Option<Requester> {
        let known = self.admins.0.get(name)?;
        (known.expose() == password).then_some(Requester::ClusterAdmin)
    }

    /// The user of a database of this name and password.
    pub(in crate::testkit) fn database_user(
        &self,
        database: &str,
        name: &str,
        password: &str,
    ) -> Option<Requester> {
        let user = self.databases.get(database)?.users.get(name)?;
        (user.password.expose() == password).then(|| Requester::DatabaseUser {
            name: name.to_owned(),
            admin: user.admin,
            permissions: user.permissions.clone(),
        })
    }

    pub(in crate::testkit) fn create_database_user(
        &mut self,
        database: &str,
        name: &str,
        user: impl FnOnce() -> Result<DatabaseUser, Refusal>,
    ) -> Result<(), Refusal> {
        if name.is_empty() {
            return Err(Refusal::invalid("Username cannot be empty"));
        }
        check_name(name)?;
        let user = user()?;
        let Some(database) = self.databases.get_mut(database) else {
            return Err(Refusal::invalid(format!("No such database {database}")));
        };
        if database.users.contains_key(name) {
            return Err(Refusal::invalid(format!("User {name} already exists")));
        }
        database.users.insert(name.to_owned(), user);
        Ok(())
    }

    /// # Errors
    ///
    /// The server's text if there is no such database or user.
    pub(in crate::testkit) fn user_mut(
        &mut self,
        database: &str,
        name: &str,
    ) -> Result<&mut DatabaseUser, Refusal> {
        let Some(known) = self.databases.get_mut(database) else {
            return Err(Refusal::invalid(format!("Invalid database name {database}")));
        };
        let unknown = || Refusal::invalid(format!("Invalid username {name}"));
        known.users.get_mut(name).ok_or_else(unknown)
    }
}

fn check_name(name: &str) -> Result<(), Refusal> {
    if name.contains('%') {
        return Err(Refusal::invalid(format!("{name} isn't a valid username")));
    }
    Ok(())
}

// Despite its text the server accepts 4 to 56 bytes.
fn checked_password(password: &str) -> Result<Secret, Refusal> {
    if (4..=56).contains(&password.len()) {
        return Ok(Secret::new(password));
    }
    Err(Refusal::invalid("Password must be more than 4 and less than 56 characters"))
}
