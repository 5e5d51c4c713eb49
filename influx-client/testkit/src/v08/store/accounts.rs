//! Cluster admins, database users and their permissions.

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};

use crate::v08::refusal::Refusal;

/// The sender of a request.
pub(crate) enum Requester {
    ClusterAdmin,
    DatabaseUser(String, DatabaseUser),
}

impl Requester {
    /// The name and the account of a requester who administers nothing.
    fn restricted(&self) -> Option<(&str, &DatabaseUser)> {
        match self {
            Self::DatabaseUser(name, user) if !user.admin => Some((name, user)),
            _ => None,
        }
    }

    /// Whether the requester is the database user of this name.
    pub(crate) fn is_user(&self, user: &str) -> bool {
        matches!(self, Self::DatabaseUser(name, _) if name == user)
    }

    /// Error: a 403 that names the action, unless the requester administers the database.
    pub(crate) fn must_be_admin(&self, action: &str) -> Result<(), Refusal> {
        let refusal = |_| Err(Refusal::forbidden(format!("Insufficient permissions to {action}")));
        self.restricted().map_or(Ok(()), refusal)
    }

    /// The judgement of which series the requester may read.
    pub(crate) fn reader(&self) -> impl Fn(&str) -> bool + use<> {
        let pattern = self.restricted().map(|(_, user)| regex(&user.permissions.read_from));
        move |series| match &pattern {
            None => true,
            Some(pattern) => pattern.as_ref().is_some_and(|pattern| pattern.is_match(series)),
        }
    }

    /// Error: the server's 403 if the requester may not write the series.
    pub(crate) fn must_write(&self, series: &str) -> Result<(), Refusal> {
        match self.restricted() {
            Some((name, user))
                if !regex(&user.permissions.write_to).is_some_and(|it| it.is_match(series)) =>
            {
                let text = format!("User {name} doesn't have write permissions for {series}");
                Err(Refusal::forbidden(text))
            }
            _ => Ok(()),
        }
    }
}

/// The series that a database user may read and write, as regular expressions.
#[derive(Clone)]
pub(crate) struct Permissions {
    pub(crate) read_from: String,
    pub(crate) write_to: String,
}

impl Default for Permissions {
    fn default() -> Self {
        Self { read_from: ".*".to_owned(), write_to: ".*".to_owned() }
    }
}

// The server accepts any text as a permission; a malformed one matches nothing.
fn regex(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).size_limit(MAX_REGEX_BYTES).build().ok()
}

/// The size of a compiled permission; a larger one matches nothing.
const MAX_REGEX_BYTES: usize = 1 << 20;

// Without `Debug`, which would show the password.
#[derive(Clone)]
pub(crate) struct DatabaseUser {
    password: String,
    pub(crate) admin: bool,
    pub(crate) permissions: Permissions,
}

impl DatabaseUser {
    /// Error: the server's text if the password is too short or too long.
    pub(crate) fn new(
        password: &str,
        admin: bool,
        permissions: Permissions,
    ) -> Result<Self, Refusal> {
        Ok(Self { password: checked_password(password)?, admin, permissions })
    }

    /// The user as a requester, if the password is right.
    pub(super) fn requester(&self, name: &str, password: &str) -> Option<Requester> {
        (self.password == password).then(|| Requester::DatabaseUser(name.to_owned(), self.clone()))
    }

    pub(crate) fn set_password(&mut self, password: &str) -> Result<(), Refusal> {
        self.password = checked_password(password)?;
        Ok(())
    }
}

/// The passwords of the administrators of the whole server, by name.
#[derive(Clone, Default)]
pub(crate) struct ClusterAdmins(BTreeMap<String, String>);

impl ClusterAdmins {
    pub(super) fn with_root(password: String) -> Self {
        Self(BTreeMap::from([("root".to_owned(), password)]))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn password(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn create(&mut self, name: &str, password: &str) -> Result<(), Refusal> {
        check_name(name)?;
        let password = checked_password(password)?;
        if self.0.contains_key(name) {
            return Err(Refusal::invalid(format!("User {name} already exists")));
        }
        self.0.insert(name.to_owned(), password);
        Ok(())
    }

    pub(crate) fn set_password(&mut self, name: &str, password: &str) -> Result<(), Refusal> {
        let Some(known) = self.0.get_mut(name) else {
            return Err(Refusal::invalid(format!("Invalid user name {name}")));
        };
        *known = checked_password(password)?;
        Ok(())
    }

    pub(crate) fn delete(&mut self, name: &str) -> Result<(), Refusal> {
        match self.0.remove(name) {
            Some(_) => Ok(()),
            None => Err(Refusal::invalid(format!("User {name} doesn't exists"))),
        }
    }
}

pub(super) fn check_name(name: &str) -> Result<(), Refusal> {
    if name.contains('%') {
        return Err(Refusal::invalid(format!("{name} isn't a valid username")));
    }
    Ok(())
}

// Despite its text the server accepts 4 to 56 bytes.
fn checked_password(password: &str) -> Result<String, Refusal> {
    if (4..=56).contains(&password.len()) {
        return Ok(password.to_owned());
    }
    Err(Refusal::invalid("Password must be more than 4 and less than 56 characters"))
}
