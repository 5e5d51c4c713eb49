//! One database: its points, users and continuous queries.

use std::sync::Arc;

use influx_proto::Secret;
use influx_proto::v08::{self, ContinuousQuery, DatabaseUser, Permissions, Precision, V08};
use influx_transport::http::HttpBody;

use super::Client;
use super::core::DatabaseCore;
use crate::core::Core;
use crate::store::database_methods;
use crate::{Error, Store};

/// One database of a server. Cheap to clone; shares its client's connections.
///
/// ```no_run
/// # async fn run(client: influx_client::v08::Client) -> Result<(), influx_client::Error> {
/// let metrics = client.database("metrics");
/// for name in metrics.series_names().await? {
///     println!("{name}");
/// }
/// metrics.create_user("reader", "secret").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Database {
    core: Arc<DatabaseCore>,
}

database_methods!(Database, V08, |database: &Database| -> Arc<dyn Core> {
    Arc::clone(&database.core) as _
});

impl From<Database> for Store {
    fn from(database: Database) -> Self {
        Self(database.core)
    }
}

impl From<&Database> for Store {
    fn from(database: &Database) -> Self {
        database.clone().into()
    }
}

impl Database {
    pub(super) fn new(client: Client, name: &str, precision: Precision) -> Self {
        Self { core: Arc::new(DatabaseCore { client, name: Arc::from(name), precision }) }
    }

    /// The database's name.
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// The same database with another unit in which times travel. Times are rounded
    /// down to it.
    #[must_use]
    pub fn precision(&self, precision: Precision) -> Self {
        let core = DatabaseCore { precision, ..DatabaseCore::clone(&self.core) };
        Self { core: Arc::new(core) }
    }

    fn client(&self) -> &Client {
        &self.core.client
    }

    /// Exports a shard space as line protocol with the statements that create its schema,
    /// for InfluxDB 0.9 and later. Cluster administrators of a 0.8.9 server only.
    ///
    /// Only the status is checked. The text begins with `# DDL` or `# DML`; anything else was sent
    /// by another program than the server.
    ///
    /// # Errors
    ///
    /// As [`Client::execute`].
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn export(&self, shard_space: &str) -> Result<HttpBody, Error> {
        self.client().open(&v08::Export::new(self.name(), shard_space), None).await
    }
}

/// One-liners; each fails as [`Client::execute`] does.
#[expect(clippy::missing_errors_doc, reason = "they all fail as `execute` does")]
impl Database {
    /// The names of the database's series.
    pub async fn series_names(&self) -> Result<Vec<String>, Error> {
        self.client().execute(&v08::ListSeries::new(self.name())).await
    }

    /// Deletes a series with all its points. The server does not mind a missing one.
    pub async fn drop_series(&self, name: &str) -> Result<(), Error> {
        self.client().execute(&v08::DeleteSeries::new(self.name(), name)).await
    }

    /// The continuous queries.
    pub async fn continuous_queries(&self) -> Result<Vec<ContinuousQuery>, Error> {
        self.client().execute(&v08::ListContinuousQueries::new(self.name())).await
    }

    /// Creates a continuous query, a `select … into …`. Another query is an error if it answers
    /// with points.
    pub async fn create_continuous_query(&self, select_into: &str) -> Result<(), Error> {
        self.client().execute(&v08::CreateContinuousQuery::new(self.name(), select_into)).await
    }

    /// Deletes a continuous query by its number. The server does not mind a missing one.
    pub async fn drop_continuous_query(&self, id: i64) -> Result<(), Error> {
        self.client().execute(&v08::DropContinuousQuery::new(self.name(), id)).await
    }

    /// The database's users. Administrators only.
    pub async fn users(&self) -> Result<Vec<DatabaseUser>, Error> {
        self.client().execute(&v08::ListDatabaseUsers::new(self.name())).await
    }

    /// One of the database's users. Administrators only.
    pub async fn user(&self, name: &str) -> Result<DatabaseUser, Error> {
        self.client().execute(&v08::ShowDatabaseUser::new(self.name(), name)).await
    }

    /// Creates a user who may read and write every series; for others, execute
    /// [`CreateDatabaseUser`](v08::CreateDatabaseUser). The server takes passwords of 4 to 56 bytes.
    pub async fn create_user(&self, name: &str, password: impl Into<Secret>) -> Result<(), Error> {
        let password = password.into();
        self.client().execute(&v08::CreateDatabaseUser::new(self.name(), name, &password)).await
    }

    /// Changes a user's password; this client's own credentials stay as they are.
    pub async fn set_password(&self, user: &str, password: impl Into<Secret>) -> Result<(), Error> {
        let password = password.into();
        let change = v08::UpdateDatabaseUser::new(self.name(), user).password(&password);
        self.client().execute(&change).await
    }

    /// Sets which series a user may read and write.
    pub async fn set_permissions(
        &self,
        user: &str,
        permissions: Permissions<'_>,
    ) -> Result<(), Error> {
        let change = v08::UpdateDatabaseUser::new(self.name(), user).permissions(permissions);
        self.client().execute(&change).await
    }

    /// Makes a user an administrator of this database, or an ordinary user again.
    pub async fn set_admin(&self, user: &str, admin: bool) -> Result<(), Error> {
        let change = v08::UpdateDatabaseUser::new(self.name(), user).admin(admin);
        self.client().execute(&change).await
    }

    /// Deletes a user.
    pub async fn drop_user(&self, name: &str) -> Result<(), Error> {
        self.client().execute(&v08::DeleteDatabaseUser::new(self.name(), name)).await
    }

    /// Asks whether the client's credentials are those of a user of this database.
    /// Wrong ones are an error, and so are a cluster administrator's.
    pub async fn authenticate(&self) -> Result<(), Error> {
        self.client().execute(&v08::AuthenticateDatabaseUser::new(self.name())).await
    }
}
