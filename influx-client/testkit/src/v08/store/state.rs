//! All data of a server.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::accounts::{ClusterAdmins, DatabaseUser, Requester, check_name};
use super::cluster::Cluster;
use super::database::Database;
use crate::Limits;
use crate::v08::refusal::Refusal;

/// The data of a server, shared by its calls.
pub(crate) struct Store(Mutex<State>);

impl Store {
    pub(crate) fn new(state: State) -> Self {
        Self(Mutex::new(state))
    }

    /// The data, while nothing else reads or changes it: for short work only.
    // No code panics while it holds the lock; a poisoned one is still whole.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All data of a server.
#[derive(Clone, Default)]
pub(crate) struct State {
    pub(crate) databases: BTreeMap<String, Database>,
    pub(crate) admins: ClusterAdmins,
    pub(crate) cluster: Cluster,
    /// The number of sequence numbers that the server has given away.
    sequence: u64,
    pub(crate) limits: Limits,
}

impl State {
    /// An empty server, with the password of its administrator.
    pub(crate) fn new(password: String) -> Self {
        Self { admins: ClusterAdmins::with_root(password), ..Self::default() }
    }

    /// Error: a 500 if this number of points or other entries would exceed the limit.
    pub(crate) fn must_have_room(&self, added: usize) -> Result<(), Refusal> {
        let databases: usize = self.databases.values().map(Database::entries).sum();
        let entries = databases + self.admins.names().count() + self.cluster.entries();
        let max = self.limits.max_points;
        if entries.saturating_add(added) <= max {
            return Ok(());
        }
        Err(Refusal::internal(format!("The embedded server keeps at most {max} points")))
    }

    /// Removes a shard, if it exists, with its points.
    pub(crate) fn drop_shard(&mut self, id: u32) {
        let database = self.cluster.drop_shard(id);
        self.drop_points(database.as_deref(), &[id]);
    }

    /// Removes a shard space, if it exists, with its points.
    pub(crate) fn drop_space(&mut self, database: &str, name: &str) {
        let shards = self.cluster.drop_space(database, name);
        self.drop_points(Some(database), &shards);
    }

    fn drop_points(&mut self, database: Option<&str>, shards: &[u32]) {
        if let Some(database) = database.and_then(|name| self.databases.get_mut(name)) {
            database.series.drop_shards(shards);
        }
    }

    // The server's number is 10,000 times a counter plus its own id, 1.
    pub(crate) fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence * 10_000 + 1
    }

    /// The cluster admin of this name and password.
    pub(crate) fn cluster_admin(&self, name: &str, password: &str) -> Option<Requester> {
        (self.admins.password(name)? == password).then_some(Requester::ClusterAdmin)
    }

    /// The user of a database of this name and password.
    pub(crate) fn database_user(
        &self,
        database: &str,
        name: &str,
        password: &str,
    ) -> Option<Requester> {
        self.databases.get(database)?.users.get(name)?.requester(name, password)
    }

    pub(crate) fn create_database_user(
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

    /// Error: the server's text if the database or the user does not exist.
    pub(crate) fn user_mut(
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
