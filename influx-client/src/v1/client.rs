//! A server as a whole: its databases, users, and running queries.

use std::sync::Arc;

use influx_proto::v1::{
    self, ContinuousQuery, Permission, Privilege, RunningQuery, Subscription, User,
};
use influx_proto::{Secret, Target};

use super::Database;
use super::settings::{self, Settings};
use crate::client::{Shared, client_methods, place};
use crate::connect::{self, Defaults};
use crate::exchange::HttpTransport;
use crate::{Config, Error};

/// A client of an InfluxDB 1.x server.
///
/// Cheap to clone; clones and handles share one pool of connections.
///
/// ```no_run
/// # async fn run() -> Result<(), influx_client::Error> {
/// use influx_client::v1;
///
/// let client = v1::Client::new("influxdb1://admin:secret@localhost")?;
/// client.create_user("reader", "password").await?;
/// client.grant(v1::Privilege::Read, "metrics", "reader").await?;
/// for query in client.running_queries().await? {
///     println!("{} {}", query.id, query.text);
/// }
/// # Ok(())
/// # }
/// ```
///
/// A server with users takes user and password, or with a shared secret a token of it by
/// [`Auth::bearer`](crate::Auth::bearer); since 1.8 also
/// [`Auth::Token`](crate::Auth::Token) with `user:password`.
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared<Settings>>,
    target: Arc<Target>,
}

client_methods!(Client, settings::defaults());

impl Client {
    fn of_parts(
        config: Config,
        defaults: &Defaults,
        (settings, transport): (Settings, HttpTransport),
    ) -> Result<Self, Error> {
        settings.refuse_datagrams("is for datagrams, which a LineWriter sends")?;
        let target = connect::target(&config, defaults)?;
        let auth = place(target.auth().clone(), settings.placement);
        let target = Arc::new(target.with_auth(auth));
        Ok(Self { shared: Arc::new(Shared::new(config, settings, defaults, transport)), target })
    }

    /// A database of the server, with the retention policy and the consistency of the
    /// configuration. Asks nothing.
    pub fn database(&self, name: &str) -> Database {
        let Settings { policy, consistency, .. } = &self.shared.settings;
        Database::new(self.clone(), name, policy.as_deref(), *consistency)
    }
}

/// One-liners; each fails as [`Client::execute`] does.
#[expect(clippy::missing_errors_doc, reason = "they all fail as `execute` does")]
impl Client {
    /// Asks whether the server answers; needs no credentials.
    pub async fn ping(&self) -> Result<(), Error> {
        self.execute(&v1::Ping).await
    }

    /// The names of the databases that the user may see.
    pub async fn databases(&self) -> Result<Vec<String>, Error> {
        self.execute(&v1::ListDatabases).await
    }

    /// Creates a database; an existing one stays as it is. Administrators only.
    pub async fn create_database(&self, name: &str) -> Result<(), Error> {
        self.execute(&v1::CreateDatabase::new(name)).await
    }

    /// Creates a database unless it exists. Administrators only.
    pub async fn ensure_database(&self, name: &str) -> Result<Database, Error> {
        self.create_database(name).await?;
        Ok(self.database(name))
    }

    /// Deletes a database with all its points. The server does not mind a missing one.
    /// Administrators only.
    pub async fn drop_database(&self, name: &str) -> Result<(), Error> {
        self.execute(&v1::DropDatabase::new(name)).await
    }

    /// The users. Administrators only.
    pub async fn users(&self) -> Result<Vec<User>, Error> {
        self.execute(&v1::ListUsers).await
    }

    /// Creates a user without rights; an existing one with another password is an error.
    /// Administrators only.
    pub async fn create_user(&self, name: &str, password: impl Into<Secret>) -> Result<(), Error> {
        self.execute(&v1::CreateUser::new(name, &password.into(), false)).await
    }

    /// Creates a user who may do everything. A server without users lets everybody create the
    /// first.
    pub async fn create_admin(&self, name: &str, password: impl Into<Secret>) -> Result<(), Error> {
        self.execute(&v1::CreateUser::new(name, &password.into(), true)).await
    }

    /// Changes a user's password; this client's own credentials stay as they are. Administrators
    /// only.
    pub async fn set_password(&self, user: &str, password: impl Into<Secret>) -> Result<(), Error> {
        self.execute(&v1::SetPassword::new(user, &password.into())).await
    }

    /// Deletes a user; a missing one is an error. Administrators only.
    pub async fn drop_user(&self, name: &str) -> Result<(), Error> {
        self.execute(&v1::DropUser::new(name)).await
    }

    /// Gives a user a right on a database, instead of the one before. Administrators only.
    pub async fn grant(
        &self,
        privilege: Privilege,
        database: &str,
        user: &str,
    ) -> Result<(), Error> {
        self.execute(&v1::Grant::new(privilege, database, user)).await
    }

    /// Takes a right on a database from a user. Administrators only.
    pub async fn revoke(
        &self,
        privilege: Privilege,
        database: &str,
        user: &str,
    ) -> Result<(), Error> {
        self.execute(&v1::Revoke::new(privilege, database, user)).await
    }

    /// The rights of a user. Administrators only.
    pub async fn grants(&self, user: &str) -> Result<Vec<Permission>, Error> {
        self.execute(&v1::ListGrants::new(user)).await
    }

    /// The continuous queries of all databases.
    pub async fn continuous_queries(&self) -> Result<Vec<ContinuousQuery>, Error> {
        self.execute(&v1::ListContinuousQueries).await
    }

    /// The subscriptions of all databases. Administrators only.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, Error> {
        self.execute(&v1::ListSubscriptions).await
    }

    /// The queries that the server is running, this one among them.
    pub async fn running_queries(&self) -> Result<Vec<RunningQuery>, Error> {
        self.execute(&v1::ListQueries).await
    }

    /// Ends a running query; its reader gets [`Refusal::QueryKilled`](super::Refusal::QueryKilled).
    pub async fn kill_query(&self, id: u64) -> Result<(), Error> {
        self.execute(&v1::KillQuery::new(id)).await
    }
}
