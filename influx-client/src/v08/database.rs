//! One database: its points, users and continuous queries.

use bytes::Bytes;
use http::{Request, Response};
use influx_proto::v08::{self, ContinuousQuery, DatabaseUser, Permissions};
use influx_proto::{Secret, Series};
use influx_transport::{Body, BoxTransport};

#[cfg(feature = "relay")]
use super::identity::Identities;
use super::{Client, Query, Write};
use crate::Error;
use crate::exchange::HttpExchange;

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
#[derive(Debug)]
pub struct Database<T = BoxTransport<Request<Bytes>, Response<Body>>> {
    client: Client<T>,
    name: String,
}

impl<T: HttpExchange> Database<T> {
    pub(super) fn new(client: Client<T>, name: &str) -> Self {
        Self { client, name: name.to_owned() }
    }

    /// The database's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    #[cfg(feature = "relay")]
    pub(crate) fn identities(&self) -> &Identities {
        self.client.identities()
    }

    /// Writes points. See [`Write`].
    pub fn write<'a>(&'a self, series: &'a [Series]) -> Write<'a, T> {
        self.client.write(series)
    }

    /// Queries points. See [`Query`].
    pub fn query<'a>(&'a self, text: &'a str) -> Query<'a, T> {
        self.client.query(text)
    }

    /// Exports a shard space as line protocol with the statements that create its schema,
    /// for InfluxDB 0.9 and later. Cluster administrators of a 0.8.9 server only.
    ///
    /// # Errors
    ///
    /// As [`Client::execute`].
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn export(&self, shard_space: &str) -> Result<Body, Error> {
        self.client.open_body(&v08::Export::new(&self.name, shard_space)).await
    }
}

/// One-liners; each fails as [`Client::execute`] does.
#[expect(clippy::missing_errors_doc, reason = "they all fail as `execute` does")]
impl<T: HttpExchange> Database<T> {
    /// The names of the database's series.
    pub async fn series_names(&self) -> Result<Vec<String>, Error> {
        self.client.execute(&v08::ListSeries::new(&self.name)).await
    }

    /// Deletes a series with all its points. A missing one is no error to the server.
    pub async fn drop_series(&self, name: &str) -> Result<(), Error> {
        self.client.execute(&v08::DeleteSeries::new(&self.name, name)).await
    }

    /// The continuous queries.
    pub async fn continuous_queries(&self) -> Result<Vec<ContinuousQuery>, Error> {
        self.client.execute(&v08::ListContinuousQueries::new(&self.name)).await
    }

    /// Creates a continuous query, a `select … into …`.
    pub async fn create_continuous_query(&self, select_into: &str) -> Result<(), Error> {
        self.query(select_into).all().await.map(drop)
    }

    /// Deletes a continuous query by its number. A missing one is no error to the server.
    pub async fn drop_continuous_query(&self, id: i64) -> Result<(), Error> {
        self.query(&format!("drop continuous query {id}")).all().await.map(drop)
    }

    /// The database's users. Administrators only.
    pub async fn users(&self) -> Result<Vec<DatabaseUser>, Error> {
        self.client.execute(&v08::ListDatabaseUsers::new(&self.name)).await
    }

    /// One of the database's users. Administrators only.
    pub async fn user(&self, name: &str) -> Result<DatabaseUser, Error> {
        self.client.execute(&v08::ShowDatabaseUser::new(&self.name, name)).await
    }

    /// Creates a user who may read and write every series; for others, execute
    /// [`CreateDatabaseUser`](v08::CreateDatabaseUser). The server takes passwords of 4 to 56 bytes.
    pub async fn create_user(&self, name: &str, password: impl Into<Secret>) -> Result<(), Error> {
        let password = password.into();
        self.client.execute(&v08::CreateDatabaseUser::new(&self.name, name, &password)).await
    }

    /// Changes a user's password; this client's own credentials stay as they are.
    pub async fn set_password(&self, user: &str, password: impl Into<Secret>) -> Result<(), Error> {
        let password = password.into();
        let change = v08::UpdateDatabaseUser::new(&self.name, user).password(&password);
        self.client.execute(&change).await
    }

    /// Sets which series a user may read and write.
    pub async fn set_permissions(
        &self,
        user: &str,
        permissions: Permissions<'_>,
    ) -> Result<(), Error> {
        let change = v08::UpdateDatabaseUser::new(&self.name, user).permissions(permissions);
        self.client.execute(&change).await
    }

    /// Makes a user an administrator of this database, or an ordinary user again.
    pub async fn set_admin(&self, user: &str, admin: bool) -> Result<(), Error> {
        let change = v08::UpdateDatabaseUser::new(&self.name, user).admin(admin);
        self.client.execute(&change).await
    }

    /// Deletes a user.
    pub async fn drop_user(&self, name: &str) -> Result<(), Error> {
        self.client.execute(&v08::DeleteDatabaseUser::new(&self.name, name)).await
    }

    /// Asks whether the client's credentials are those of a user of this database.
    /// Wrong ones are an error, and so are a cluster administrator's.
    pub async fn authenticate(&self) -> Result<(), Error> {
        self.client.execute(&v08::AuthenticateDatabaseUser::new(&self.name)).await
    }
}

impl<T> Clone for Database<T> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), name: self.name.clone() }
    }
}
