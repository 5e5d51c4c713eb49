//! One database: its points, retention policies, schema and subscriptions.

use std::sync::Arc;

use influx_proto::v1::{self, Consistency, FieldKey, RetentionPolicy, TagValue, V1};

use super::Client;
use super::core::DatabaseCore;
use crate::core::Core;
use crate::store::database_methods;
use crate::{Error, Store};

/// One database of a server. Cheap to clone; shares its client's connections.
///
/// ```no_run
/// # async fn run(client: influx_client::v1::Client) -> Result<(), influx_client::Error> {
/// use influx_client::v1::RetentionPolicy;
///
/// let metrics = client.database("metrics");
/// let mut weekly = RetentionPolicy::new("weekly");
/// weekly.duration = std::time::Duration::from_secs(7 * 24 * 3600);
/// metrics.create_retention_policy(&weekly).await?;
/// for name in metrics.measurements().await? {
///     println!("{name}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Database {
    core: Arc<DatabaseCore>,
}

database_methods!(Database, V1, |database: &Database| -> Arc<dyn Core> {
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
    pub(super) fn new(
        client: Client,
        name: &str,
        policy: Option<&str>,
        consistency: Option<Consistency>,
    ) -> Self {
        let policy = policy.map(Arc::from);
        Self { core: Arc::new(DatabaseCore { client, name: Arc::from(name), policy, consistency }) }
    }

    /// The database's name.
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// The same database with another retention policy to write to and read from.
    #[must_use]
    pub fn retention_policy(&self, name: &str) -> Self {
        let core = DatabaseCore::clone(&self.core);
        Self { core: Arc::new(DatabaseCore { policy: Some(Arc::from(name)), ..core }) }
    }

    /// The same database with another number of servers that must have stored a write, which only
    /// clusters heed.
    #[must_use]
    pub fn consistency(&self, consistency: Consistency) -> Self {
        let core = DatabaseCore::clone(&self.core);
        Self { core: Arc::new(DatabaseCore { consistency: Some(consistency), ..core }) }
    }

    fn client(&self) -> &Client {
        &self.core.client
    }
}

/// One-liners; each fails as [`Client::execute`] does.
#[expect(clippy::missing_errors_doc, reason = "they all fail as `execute` does")]
impl Database {
    /// The names of the measurements.
    pub async fn measurements(&self) -> Result<Vec<String>, Error> {
        self.client().execute(&v1::ListMeasurements::new(self.name())).await
    }

    /// The series, each as measurement and tags in line protocol.
    pub async fn series_keys(&self) -> Result<Vec<String>, Error> {
        self.client().execute(&v1::ListSeries::new(self.name())).await
    }

    /// The tags of a measurement.
    pub async fn tag_keys(&self, measurement: &str) -> Result<Vec<String>, Error> {
        self.client().execute(&v1::ListTagKeys::new(self.name(), measurement)).await
    }

    /// The values of a tag in all measurements.
    pub async fn tag_values(&self, tag: &str) -> Result<Vec<TagValue>, Error> {
        self.client().execute(&v1::ListTagValues::new(self.name(), tag)).await
    }

    /// The fields of all measurements with their types. A field can have several types, one in each
    /// shard.
    pub async fn field_keys(&self) -> Result<Vec<FieldKey>, Error> {
        self.client().execute(&v1::ListFieldKeys::new(self.name())).await
    }

    /// Deletes a measurement with all its points. The server does not mind a missing one.
    pub async fn drop_measurement(&self, name: &str) -> Result<(), Error> {
        self.client().execute(&v1::DropMeasurement::new(self.name(), name)).await
    }

    /// Deletes the series of a measurement in which a tag has this value, with all their points.
    pub async fn drop_series(
        &self,
        measurement: &str,
        tag: &str,
        value: &str,
    ) -> Result<(), Error> {
        self.client().execute(&v1::DropSeries::new(self.name(), measurement, tag, value)).await
    }

    /// The retention policies.
    pub async fn retention_policies(&self) -> Result<Vec<RetentionPolicy>, Error> {
        self.client().execute(&v1::ListRetentionPolicies::new(self.name())).await
    }

    /// Creates a retention policy; an existing one of the same settings stays as it is.
    /// Administrators only.
    pub async fn create_retention_policy(&self, policy: &RetentionPolicy) -> Result<(), Error> {
        self.client().execute(&v1::CreateRetentionPolicy::new(self.name(), policy)).await
    }

    /// Deletes a retention policy with all its points. The server does not mind a missing one.
    /// Administrators only.
    pub async fn drop_retention_policy(&self, name: &str) -> Result<(), Error> {
        self.client().execute(&v1::DropRetentionPolicy::new(self.name(), name)).await
    }

    /// Deletes a continuous query. The server does not mind a missing one.
    ///
    /// One is created by [`query`](Self::query): `CREATE CONTINUOUS QUERY …`.
    pub async fn drop_continuous_query(&self, name: &str) -> Result<(), Error> {
        self.client().execute(&v1::DropContinuousQuery::new(self.name(), name)).await
    }

    /// Lets the server send a copy of every write of a retention policy to all of these addresses,
    /// such as `http://host:8086` and `udp://host:8089`. It sends each copy once, without a
    /// repetition. Administrators only.
    pub async fn create_subscription(
        &self,
        policy: &str,
        name: &str,
        destinations: &[&str],
    ) -> Result<(), Error> {
        let create = v1::CreateSubscription::new(self.name(), policy, name, destinations);
        self.client().execute(&create).await
    }

    /// Deletes a subscription; a missing one is an error. Administrators only.
    pub async fn drop_subscription(&self, policy: &str, name: &str) -> Result<(), Error> {
        self.client().execute(&v1::DropSubscription::new(self.name(), policy, name)).await
    }
}
