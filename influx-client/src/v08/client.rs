//! A server, and what can be asked of it as a whole.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use influx_proto::{Credentials, Operation, Precision, Series, Target, v08};
use influx_transport::{Body, BoxTransport};

use super::identity::Identities;
use super::{Cluster, Database, Query, Write};
use crate::connect;
use crate::exchange::{Exchange, HttpExchange};
use crate::{Config, Error};

/// A client of an InfluxDB 0.8 server.
///
/// Cheap to clone; clones and handles share one pool of connections.
/// Nothing is opened before the first call.
///
/// ```no_run
/// # async fn run() -> Result<(), influx_client::Error> {
/// use influx_client::v08;
///
/// let client = v08::Client::connect("influxdb://root:root@localhost:8086/metrics")?;
/// client.create_database("metrics").await?;
/// println!("{:?}", client.databases().await?);
/// # Ok(())
/// # }
/// ```
///
/// The Python client's `create_scheduled_delete`, `get_list_database_admins` and their kin are
/// not here: no 0.8 server ever had such routes. Use [`Cluster::create_shard_space`] with a
/// retention period to expire points, and [`Database::set_admin`] to make a user an administrator.
#[derive(Debug)]
pub struct Client<T = BoxTransport<Request<Bytes>, Response<Body>>> {
    exchange: Arc<Exchange<T>>,
    target: Arc<Target>,
    database: Option<Arc<str>>,
    precision: Precision,
    identities: Arc<Identities>,
}

impl Client {
    /// A client for a DSN. Opens nothing yet.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the text is not a DSN of an HTTP server.
    pub fn connect(dsn: &str) -> Result<Self, Error> {
        Self::new(&dsn.parse()?)
    }

    /// A client for a configuration. Opens nothing yet.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] or [`Error::Request`] if the configuration is not of an HTTP server.
    pub fn new(config: &Config) -> Result<Self, Error> {
        Self::with_transport(config, connect::http(config)?)
    }
}

impl<T: HttpExchange> Client<T> {
    /// A client over a transport of your own, such as a `MemoryTransport` in a test.
    ///
    /// The configuration's address then only appears in the requests.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if host and port do not make an address.
    pub fn with_transport(config: &Config, transport: T) -> Result<Self, Error> {
        Ok(Self {
            exchange: Arc::new(Exchange::new(transport, &config.settings)),
            target: Arc::new(connect::target(config)?),
            database: config.database().map(Arc::from),
            precision: config.settings.precision,
            identities: Arc::new(Identities::new()),
        })
    }

    /// The same server and connections with another user.
    #[must_use]
    pub fn with_credentials(&self, credentials: Credentials) -> Self {
        let target = Target::clone(&self.target).with_credentials(credentials);
        Self { target: Arc::new(target), ..self.clone() }
    }

    /// The same server and connections with another database as the chosen one.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        Self { database: Some(Arc::from(name)), ..self.clone() }
    }

    /// One database of the server.
    pub fn database(&self, name: &str) -> Database<T> {
        Database::new(self.with_database(name), name)
    }

    /// The server's administrators, servers, shards and shard spaces.
    pub fn cluster(&self) -> Cluster<T> {
        Cluster::new(self.clone())
    }

    /// The transport, for its counters.
    pub fn transport(&self) -> &T {
        self.exchange.transport()
    }

    /// Opens one connection now, instead of with the first call.
    ///
    /// # Errors
    ///
    /// [`Error::Transport`] if the server cannot be reached.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped call closes what it opened.
    pub async fn open(&self) -> Result<(), Error> {
        Ok(self.transport().connect().await?)
    }

    /// Closes the idle connections. Calls that are under way go on; later ones open new ones.
    ///
    /// # Errors
    ///
    /// [`Error::Transport`] as the transport says.
    ///
    /// # Cancel safety
    ///
    /// Safe: what is not closed yet stays open.
    pub async fn close(&self) -> Result<(), Error> {
        Ok(self.transport().disconnect().await?)
    }

    /// Carries out any operation, also one of your own.
    ///
    /// All methods of this client and its handles come down to this one.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if it cannot be sent, [`Error::Server`] if the server refuses,
    /// [`Error::Transport`] if the connection fails, [`Error::Response`] if the answer is unreadable,
    /// [`Error::Deadline`] if all of it takes too long.
    ///
    /// # Cancel safety
    ///
    /// Dropping the call closes its connection; whether the server carries it out is unknown.
    pub async fn execute<O: Operation>(&self, operation: &O) -> Result<O::Output, Error> {
        self.exchange.call(operation, &self.target).await
    }

    /// Writes points into the chosen database. See [`Write`].
    pub fn write<'a>(&'a self, series: &'a [Series]) -> Write<'a, T> {
        Write::new(self, self.database.as_deref(), series)
    }

    /// Queries the chosen database. See [`Query`].
    pub fn query<'a>(&'a self, text: &'a str) -> Query<'a, T> {
        Query::new(self, self.database.as_deref(), text)
    }

    /// Carries out an operation whose answer is read piece by piece.
    pub(super) async fn open_body<O: Operation>(&self, operation: &O) -> Result<Body, Error> {
        self.exchange.open(operation, &self.target).await
    }

    pub(super) fn identities(&self) -> &Identities {
        &self.identities
    }

    pub(super) fn precision(&self) -> Precision {
        self.precision
    }
}

/// One-liners; each fails as [`Client::execute`] does.
#[expect(clippy::missing_errors_doc, reason = "they all fail as `execute` does")]
impl<T: HttpExchange> Client<T> {
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

    /// Creates a database. Cluster administrators only.
    pub async fn create_database(&self, name: &str) -> Result<(), Error> {
        self.execute(&v08::CreateDatabase::new(name)).await
    }

    /// Deletes a database with all its points. Cluster administrators only.
    pub async fn drop_database(&self, name: &str) -> Result<(), Error> {
        self.execute(&v08::DeleteDatabase::new(name)).await
    }
}

impl<T> Clone for Client<T> {
    fn clone(&self) -> Self {
        Self {
            exchange: Arc::clone(&self.exchange),
            target: Arc::clone(&self.target),
            database: self.database.clone(),
            precision: self.precision,
            identities: Arc::clone(&self.identities),
        }
    }
}
