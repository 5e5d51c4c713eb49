//! A cluster: its administrators, servers, shards and shard spaces.

use influx_proto::Secret;
use influx_proto::v08::{self, Server, Shard, ShardSpace};

use super::Client;
use crate::Error;

/// The things that all servers of a cluster share. For cluster administrators only.
///
/// Cheap to clone; shares its client's connections.
/// Rare calls go by [`Client::execute`]: removing servers
/// ([`DeleteServer`](v08::DeleteServer)), creating and dropping shards
/// ([`CreateShards`](v08::CreateShards), [`DeleteShard`](v08::DeleteShard)), the configuration with
/// its password hashes ([`ShowConfiguration`](v08::ShowConfiguration)), a database with its shard
/// spaces in one call ([`ConfigureDatabase`](v08::ConfigureDatabase)), and the routes that only
/// 0.8.0 to 0.8.3 have ([`MigrateData`](v08::MigrateData), continuous queries by REST).
#[derive(Clone, Debug)]
pub struct Cluster {
    client: Client,
}

impl Cluster {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }
}

/// One-liners; each fails as [`Client::execute`] does.
#[expect(clippy::missing_errors_doc, reason = "they all fail as `execute` does")]
impl Cluster {
    /// The names of the cluster administrators.
    pub async fn admins(&self) -> Result<Vec<String>, Error> {
        self.client.execute(&v08::ListClusterAdmins).await
    }

    /// Creates a cluster administrator. The server takes passwords of 4 to 56 bytes.
    pub async fn create_admin(&self, name: &str, password: impl Into<Secret>) -> Result<(), Error> {
        self.client.execute(&v08::CreateClusterAdmin::new(name, &password.into())).await
    }

    /// Changes an administrator's password; this client's own credentials stay as they are.
    pub async fn set_admin_password(
        &self,
        name: &str,
        password: impl Into<Secret>,
    ) -> Result<(), Error> {
        self.client.execute(&v08::UpdateClusterAdmin::new(name, &password.into())).await
    }

    /// Deletes a cluster administrator.
    pub async fn drop_admin(&self, name: &str) -> Result<(), Error> {
        self.client.execute(&v08::DeleteClusterAdmin::new(name)).await
    }

    /// Asks whether the client's credentials are those of a cluster administrator.
    /// Wrong ones are an error.
    pub async fn authenticate(&self) -> Result<(), Error> {
        self.client.execute(&v08::AuthenticateClusterAdmin).await
    }

    /// The servers.
    pub async fn servers(&self) -> Result<Vec<Server>, Error> {
        self.client.execute(&v08::ListServers).await
    }

    /// The shards of all databases.
    pub async fn shards(&self) -> Result<Vec<Shard>, Error> {
        self.client.execute(&v08::ListShards).await
    }

    /// The shard spaces of all databases.
    pub async fn shard_spaces(&self) -> Result<Vec<ShardSpace>, Error> {
        self.client.execute(&v08::ListShardSpaces).await
    }

    /// Creates a shard space in a database.
    pub async fn create_shard_space(
        &self,
        database: &str,
        space: &ShardSpace,
    ) -> Result<(), Error> {
        self.client.execute(&v08::CreateShardSpace::new(database, space)).await
    }

    /// Changes a database's shard space of the same name. Settings that are absent stay as they
    /// are: they are read first, since the server would set them to 0 or nothing.
    ///
    /// If another program changes the space between the two calls, the later change wins.
    pub async fn update_shard_space(
        &self,
        database: &str,
        space: &ShardSpace,
    ) -> Result<(), Error> {
        let is_same = |known: &ShardSpace| {
            known.name == space.name && known.database.as_deref() == Some(database)
        };
        let known = self.shard_spaces().await?.into_iter().find(is_same);
        // The server refuses the change of a missing space in its own words.
        let known = known.unwrap_or_else(|| {
            let whole = ShardSpace::new(&*space.name, ".*").retention_policy("inf");
            whole.shard_duration("7d").replication_factor(1).split(1)
        });
        let whole = space.clone().or(&known);
        self.client.execute(&v08::UpdateShardSpace::new(database, &whole)).await
    }

    /// Deletes a database's shard space. The server does not mind a missing one.
    pub async fn drop_shard_space(&self, database: &str, name: &str) -> Result<(), Error> {
        self.client.execute(&v08::DeleteShardSpace::new(database, name)).await
    }

    /// Whether the server has applied all changes of the cluster.
    pub async fn is_in_sync(&self) -> Result<bool, Error> {
        self.client.execute(&v08::CheckSync).await
    }

    /// Compacts the log of the cluster's changes now.
    pub async fn force_compaction(&self) -> Result<(), Error> {
        self.client.execute(&v08::ForceCompaction).await
    }
}
