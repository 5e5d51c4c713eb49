//! A server as a whole.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use influx_proto::v08::{self, Refusal, RunQuery};
use influx_proto::{Auth, Operation, Target};
use influx_transport::http::HttpBody;
use influx_transport::{BoxTransport, Transport};

use super::numbers::SequenceNumbers;
use super::settings::{self, Settings};
use super::{Cluster, Database};
use crate::connect::{self, Defaults};
use crate::cursor::Answer;
use crate::exchange::{Exchange, HttpTransport};
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
    shared: Arc<Shared>,
    target: Arc<Target>,
}

/// The part that clones share, and clients that differ only by their user.
#[derive(Debug)]
struct Shared {
    exchange: Exchange,
    config: Config,
    settings: Settings,
    numbers: SequenceNumbers,
}

impl Client {
    /// A client for a DSN or a [`Config`]. Opens nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the DSN cannot be read, or the
    /// configuration is not one of an HTTP server of this generation.
    pub fn new(config: impl TryInto<Config, Error: Into<ConfigError>>) -> Result<Self, Error> {
        Self::build(config.try_into().map_err(Into::into)?, |config, defaults| {
            let settings = settings::read(config, defaults)?;
            Ok((settings, connect::http(config, defaults)?))
        })
    }

    /// A client over a transport of your own, such as a `MemoryTransport` or an `Arc` of one in a
    /// test.
    ///
    /// The address of the configuration then appears only in the requests. A setting that only
    /// a socket of this crate has is refused by name.
    ///
    /// # Errors
    ///
    /// As [`Client::new`].
    pub fn with_transport(
        config: impl TryInto<Config, Error: Into<ConfigError>>,
        transport: impl Transport<Request = Request<Bytes>, Response = Response<HttpBody>>,
    ) -> Result<Self, Error> {
        Self::build(config.try_into().map_err(Into::into)?, |config, defaults| {
            connect::check_own_transport(config)?;
            Ok((settings::read(config, defaults)?, BoxTransport::new(transport)))
        })
    }

    /// Builds a client; each error names the host.
    fn build(
        config: Config,
        parts: impl FnOnce(&Config, &Defaults) -> Result<(Settings, HttpTransport), Error>,
    ) -> Result<Self, Error> {
        let defaults = settings::defaults(PORT);
        let host = connect::named_host(&config, &defaults);
        let parts = parts(&config, &defaults);
        let client = parts.and_then(|parts| Self::of_parts(config, &defaults, parts));
        client.map_err(|error| match host {
            Some(host) => error.at(&host),
            None => error,
        })
    }

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
        let auth = target.auth().clone();
        let target = Arc::new(target.with_auth(place(auth, &settings)));
        let host = connect::host_text(&config, defaults);
        let exchange = Exchange::new(transport, host, &config);
        let numbers = SequenceNumbers::new();
        Ok(Self { shared: Arc::new(Shared { exchange, config, settings, numbers }), target })
    }

    /// The same server and connections with other credentials.
    #[must_use]
    pub fn with_auth(&self, auth: Auth) -> Self {
        let target = Target::clone(&self.target).with_auth(place(auth, &self.shared.settings));
        Self { target: Arc::new(target), ..self.clone() }
    }

    /// A database of the server. Asks nothing.
    pub fn database(&self, name: &str) -> Database {
        Database::new(self.clone(), name, self.shared.settings.precision)
    }

    /// The database of the configuration. Asks nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoDatabase`](crate::ErrorKind::NoDatabase) if the configuration names none.
    pub fn default_database(&self) -> Result<Database, Error> {
        let name = self.shared.config.database.as_deref();
        let name = name.ok_or_else(|| Error::no_database().at(self.shared.exchange.host()))?;
        Ok(self.database(name))
    }

    /// The administrators, servers, shards and shard spaces.
    pub fn cluster(&self) -> Cluster {
        Cluster::new(self.clone())
    }

    /// Opens one connection now, instead of with the first call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Transport`](crate::ErrorKind::Transport) if the server cannot be reached.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped call closes what it opened.
    pub async fn connect(&self) -> Result<(), Error> {
        let exchange = &self.shared.exchange;
        exchange.transport().connect().await.map_err(|error| Error::from(error).at(exchange.host()))
    }

    /// Closes the idle connections. Calls that are under way go on; later ones open new ones.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Transport`](crate::ErrorKind::Transport) as the transport says.
    ///
    /// # Cancel safety
    ///
    /// Safe: what is not closed yet stays open.
    pub async fn disconnect(&self) -> Result<(), Error> {
        let exchange = &self.shared.exchange;
        let closed = exchange.transport().disconnect().await;
        closed.map_err(|error| Error::from(error).at(exchange.host()))
    }

    /// Carries out any operation, also one of your own.
    ///
    /// All methods of this client and its handles come down to this one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) if it cannot be sent,
    /// [`ErrorKind::Server`](crate::ErrorKind::Server) if the server refuses,
    /// [`ErrorKind::Transport`](crate::ErrorKind::Transport) if the connection fails,
    /// [`ErrorKind::Response`](crate::ErrorKind::Response) if the answer is unreadable,
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) if all of it takes too long.
    ///
    /// # Cancel safety
    ///
    /// Dropping the call closes its connection; whether the server carries it out is unknown.
    pub async fn execute<O: Operation>(&self, operation: &O) -> Result<O::Output, Error> {
        self.call(operation, None).await
    }

    pub(super) async fn call<O: Operation>(
        &self,
        operation: &O,
        limit: Option<Duration>,
    ) -> Result<O::Output, Error> {
        self.shared.exchange.call(operation, &self.target, limit).await
    }

    /// Carries out an operation whose answer is read piece by piece.
    pub(super) async fn open<O: Operation>(
        &self,
        operation: &O,
        limit: Option<Duration>,
    ) -> Result<HttpBody, Error> {
        self.shared.exchange.open(operation, &self.target, limit).await
    }

    /// Runs a query whose answer is read piece by piece.
    pub(super) async fn open_answer(
        &self,
        query: &RunQuery<'_>,
        limit: Option<Duration>,
    ) -> Result<Answer, Error> {
        let body = self.open(query, limit).await?;
        let max_response = self.shared.config.limits.max_response;
        let judge = self.shared.exchange.judge::<RunQuery<'_>>();
        Ok(Answer { body, judge, options: query.decode_options(), max_response })
    }

    pub(super) fn config(&self) -> &Config {
        &self.shared.config
    }

    pub(super) fn next_number(&self) -> u64 {
        self.shared.numbers.next()
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

/// The credentials where the key `credentials` wants them.
fn place(auth: Auth, settings: &Settings) -> Auth {
    match auth {
        Auth::Basic { user, password, .. } => {
            Auth::Basic { user, password, placement: settings.placement }
        }
        other => other,
    }
}
