//! A server as a whole.

use std::sync::Arc;
use std::time::Duration;

use influx_proto::v08::{self, Refusal};
use influx_proto::{Operation, Target};
use influx_transport::http::HttpBody;

use super::numbers::SequenceNumbers;
use super::settings::{self, Settings};
use super::{Cluster, Database};
use crate::client::{Shared, client_methods, place};
use crate::connect::{self, Defaults};
use crate::exchange::HttpTransport;
use crate::{Config, ConfigError, Error};

/// A client of an InfluxDB 0.8 server.
///
/// Cheap to clone; clones and handles share one pool of connections.
///
/// ```no_run
/// # async fn run() -> Result<(), influx_client::Error> {
/// use influx_client::v08;
///
/// let client = v08::Client::new("influxdb://root:root@localhost:8086")?;
/// let metrics = client.ensure_database("metrics").await?;
/// println!("{:?} {:?}", client.databases().await?, metrics.series_names().await?);
/// # Ok(())
/// # }
/// ```
///
/// The Python client's `create_scheduled_delete`, `get_list_database_admins` and the like are
/// missing, since the 0.8 servers do not have such routes. Use [`Cluster::create_shard_space`] with
/// a retention period to expire points, and [`Database::set_admin`] to make a user an
/// administrator.
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared<Settings>>,
    target: Arc<Target>,
    numbers: Arc<SequenceNumbers>,
}

client_methods!(Client, settings::defaults(PORT));

impl Client {
    fn of_parts(
        config: Config,
        defaults: &Defaults,
        (settings, transport): (Settings, HttpTransport),
    ) -> Result<Self, Error> {
        if settings.max_datagram != Settings::default().max_datagram {
            let reason = "is for datagrams, which a UdpWriter sends";
            return Err(ConfigError::Useless { setting: "max_datagram", reason }.into());
        }
        let target = connect::target(&config, defaults)?;
        let auth = place(target.auth().clone(), settings.placement);
        let target = Arc::new(target.with_auth(auth));
        let numbers = Arc::new(SequenceNumbers::new());
        Ok(Self {
            shared: Arc::new(Shared::new(config, settings, defaults, transport)),
            target,
            numbers,
        })
    }

    /// A database of the server. Asks nothing.
    pub fn database(&self, name: &str) -> Database {
        Database::new(self.clone(), name, self.shared.settings.precision)
    }

    /// The administrators, servers, shards and shard spaces.
    pub fn cluster(&self) -> Cluster {
        Cluster::new(self.clone())
    }

    /// Carries out an operation whose answer is read piece by piece.
    pub(super) async fn open<O: Operation>(
        &self,
        operation: &O,
        limit: Option<Duration>,
    ) -> Result<HttpBody, Error> {
        Ok(self.shared.exchange.open(operation, &self.target, limit).await?.into_body())
    }

    /// The server in the words of errors.
    pub(crate) fn host(&self) -> &Arc<str> {
        self.shared.exchange.host()
    }

    pub(super) fn next_number(&self) -> u64 {
        self.numbers.next()
    }
}

/// One-liners; each fails as [`Client::execute`] does.
#[expect(clippy::missing_errors_doc, reason = "they all fail as `execute` does")]
impl Client {
    /// Asks whether the server answers; needs no credentials.
    pub async fn ping(&self) -> Result<(), Error> {
        self.execute(&v08::Ping).await
    }

    /// The names of the installed administration interfaces; needs no credentials.
    pub async fn interfaces(&self) -> Result<Vec<String>, Error> {
        self.execute(&v08::ListInterfaces).await
    }

    /// The names of all databases, in no order. Cluster administrators only.
    pub async fn databases(&self) -> Result<Vec<String>, Error> {
        self.execute(&v08::ListDatabases).await
    }

    /// Creates a database; an existing one is an error. Cluster administrators only.
    pub async fn create_database(&self, name: &str) -> Result<(), Error> {
        self.execute(&v08::CreateDatabase::new(name)).await
    }

    /// Creates a database unless it exists. Cluster administrators only.
    pub async fn ensure_database(&self, name: &str) -> Result<Database, Error> {
        match self.create_database(name).await {
            Err(error) if error.server().map(Refusal::of) != Some(Refusal::DatabaseExists) => {
                Err(error)
            }
            _ => Ok(self.database(name)),
        }
    }

    /// Deletes a database with all its points. Cluster administrators only.
    pub async fn drop_database(&self, name: &str) -> Result<(), Error> {
        self.execute(&v08::DeleteDatabase::new(name)).await
    }
}

/// The port of a server's HTTP API.
const PORT: u16 = 8086;
