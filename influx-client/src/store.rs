//! The methods of databases of all dialects: write points, send batches, run queries.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use influx_proto::encode::Body;
use influx_proto::flavour::{Flavour, Identity, Probe, UnknownServer};
use influx_proto::{Format, Points, Time, TimeUnit};

use crate::config::Dialect;
use crate::core::{BoxFuture, Core, Encoding};
use crate::query::AnyDialect;
use crate::{Config, ConfigError, Error, Written, v1, v08};

/// A database of any dialect: for code that serves several, and for a dialect that is known only
/// at run time.
///
/// The database of each dialect converts into it. Cheap to clone.
///
/// ```
/// use influx_client::{Error, Point, Store, v08};
///
/// async fn report(database: impl Into<Store>, load: f64) -> Result<(), Error> {
///     database.into().write(Point::new("cpu").field("load", load)).await?;
///     Ok(())
/// }
///
/// # async fn run() -> Result<(), Error> {
/// report(v08::Client::new("influxdb://localhost")?.database("metrics"), 0.5).await?;
/// report(Store::new("influxdb08://localhost/metrics")?, 0.5).await
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Store(pub(crate) Arc<dyn Core>);

impl Store {
    /// The database of a DSN that names its dialect, such as `influxdb08://localhost/metrics`.
    /// Opens nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the configuration cannot be used or
    /// names no dialect, [`ErrorKind::NoDatabase`](crate::ErrorKind::NoDatabase) if it names no
    /// database.
    pub fn new(config: impl TryInto<Config, Error: Into<ConfigError>>) -> Result<Self, Error> {
        let config = config.try_into().map_err(Into::into)?;
        let unusable = |reason| Err(ConfigError::Malformed { part: "scheme", reason }.into());
        match config.dialect {
            Some(Dialect::V08) => Ok(v08::Client::new(config)?.default_database()?.into()),
            Some(Dialect::V1) => Ok(v1::Client::new(config)?.default_database()?.into()),
            Some(_) => unusable("names a dialect that this version of influx-client lacks"),
            None => unusable("must name the dialect, as influxdb1 does"),
        }
    }

    /// The database of a DSN that need not name its dialect: asks the server for its version.
    ///
    /// A server that does not name itself needs a DSN that names the dialect, and so does a key that
    /// only one dialect has. `VictoriaMetrics` is served as InfluxDB 1.x: it takes writes only.
    ///
    /// # Errors
    ///
    /// As [`Store::new`], and all those of a call.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped call changes nothing.
    pub async fn connect(
        config: impl TryInto<Config, Error: Into<ConfigError>>,
    ) -> Result<Self, Error> {
        let config = config.try_into().map_err(Into::into)?;
        if config.dialect.is_some() {
            return Self::new(config);
        }
        let prober = v08::Client::new(&config)?;
        let identity = match prober.execute(&Probe::Ping).await {
            Ok(Err(unnamed @ UnknownServer::Unnamed { .. })) => {
                // The first answer counts if the second one says no more.
                prober.execute(&Probe::Healthy).await.unwrap_or(Err(unnamed))
            }
            Ok(identity) => identity,
            Err(error) => match error.server() {
                // Other statuses say something about the call, not about the server.
                Some(refusal) if matches!(refusal.status.as_u16(), 404 | 405) => {
                    Identity::of_refusal(refusal)
                }
                _ => return Err(error),
            },
        };
        let found = match identity {
            Ok(Identity { flavour: Flavour::V08, .. }) => {
                return Ok(prober.default_database()?.into());
            }
            Ok(Identity {
                flavour: Flavour::V1_0 | Flavour::V1_8 | Flavour::VictoriaMetrics,
                ..
            }) => return Ok(v1::Client::new(config)?.default_database()?.into()),
            Ok(identity) => identity.to_string(),
            Err(unknown) => unknown.to_string(),
        };
        Err(Error::wrong_dialect(found).at(prober.host()))
    }
}

/// A write that is sent when awaited.
///
/// The points are already encoded, so that it borrows nothing, can move to another task, and needs
/// nothing of the type of the points. A point that cannot be encoded is the error of the await.
///
/// All points travel in one request, unless they exceed
/// [`max_points`](crate::WriteOptions::max_points) or [`max_request`](crate::Limits::max_request).
/// Several requests are sent one after the other; if one fails, the rest is not sent, and
/// [`Error::written`] says how many points are stored.
///
/// A request whose answer is lost is repeated only if each of its points has its identity, so that
/// no point can be stored twice. `encode` gives points their identity.
#[must_use = "a write is sent when awaited"]
#[derive(Debug)]
pub struct Write {
    core: Arc<dyn Core>,
    batch: Result<Batch, Error>,
    limit: Option<Duration>,
}

impl Write {
    /// Limits each request of this write, with all its attempts, instead of
    /// [`Timeouts::call`](crate::Timeouts::call).
    pub fn timeout(self, limit: Duration) -> Self {
        Self { limit: Some(limit), ..self }
    }
}

impl IntoFuture for Write {
    type Output = Result<Written, Error>;
    type IntoFuture = BoxFuture<'static, Written>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { send(&self.core, &self.batch?, self.limit).await })
    }
}

/// Points that are encoded once and may be sent several times.
///
/// Every point has its identity: its time, which is the time of `encode` where the point has none,
/// and in formats that have them a sequence number. Therefore a batch that arrives twice is stored
/// once, and the caller may repeat a `send` whose answer was lost.
#[derive(Clone)]
pub struct Batch {
    format: Format,
    unit: TimeUnit,
    bodies: Vec<Body>,
}

impl Batch {
    /// The number of points.
    pub fn len(&self) -> usize {
        self.bodies.iter().map(|body| body.points).sum()
    }

    /// Whether there are no points.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The size of all request bodies before compression, in bytes.
    pub fn bytes(&self) -> usize {
        self.bodies.iter().map(|body| body.bytes.len()).sum()
    }
}

impl fmt::Debug for Batch {
    /// Shows sizes, not points.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("points", &self.len()).field("bytes", &self.bytes()).finish()
    }
}

pub(crate) fn write(core: Arc<dyn Core>, points: impl Points) -> Write {
    let batch = encode_as(core.encoding(), points, None);
    Write { core, batch, limit: None }
}

/// Encodes points with their identities.
pub(crate) fn encode(core: &Arc<dyn Core>, points: impl Points) -> Result<Batch, Error> {
    let mut encoding = core.encoding();
    encoding.options.time = Some(Time::from(SystemTime::now()));
    encode_as(encoding, points, Some(&mut || core.next_number()))
}

fn encode_as(
    Encoding { format, unit, mut options }: Encoding,
    points: impl Points,
    sequence_numbers: Option<&mut dyn FnMut() -> u64>,
) -> Result<Batch, Error> {
    options.time_unit = Some(unit);
    let bodies = format.encode(&points, &options, sequence_numbers)?;
    Ok(Batch { format, unit, bodies })
}

/// Sends the bodies of a batch one after the other.
pub(crate) async fn send(
    core: &Arc<dyn Core>,
    batch: &Batch,
    limit: Option<Duration>,
) -> Result<Written, Error> {
    if batch.format != core.encoding().format {
        let reason = "was encoded for a database of another dialect";
        return Err(ConfigError::Useless { setting: "batch", reason }.into());
    }
    let mut written = Written::default();
    for body in &batch.bodies {
        core.send(body, batch.unit, limit).await.map_err(|error| match written {
            Written { requests: 0, .. } => error,
            written => error.behind(written),
        })?;
        written.points += body.points;
        written.requests += 1;
    }
    Ok(written)
}

/// The methods that every database has, with the same words.
macro_rules! database_methods {
    ($type:ty, $dialect:ty, $core:expr) => {
        impl $type {
            /// Writes points. See [`Write`](crate::Write) for the requests, and
            /// [`Points`](crate::Points) for everything that can be written.
            ///
            /// The points are encoded here; nothing is sent before the result is awaited.
            pub fn write(&self, points: impl $crate::Points) -> $crate::Write {
                $crate::store::write($core(self), points)
            }

            /// Encodes points once, with their identities, so that they may be sent several
            /// times.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::Encode`](crate::ErrorKind::Encode) names the point and the column
            /// that cannot be written.
            pub fn encode(
                &self,
                points: impl $crate::Points,
            ) -> Result<$crate::Batch, $crate::Error> {
                $crate::store::encode(&$core(self), points)
            }

            /// Sends a batch. After an error the same batch may be sent again: points that have
            /// arrived already are stored once.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::Server`](crate::ErrorKind::Server) if the server refuses,
            /// [`ErrorKind::Transport`](crate::ErrorKind::Transport) if it cannot be reached or the
            /// connection fails, [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) if all attempts
            /// together take too long, [`ErrorKind::Config`](crate::ErrorKind::Config) if the batch
            /// was encoded for another dialect.
            ///
            /// # Cancel safety
            ///
            /// Dropping the call closes its connection; how much of the batch the server has stored
            /// is unknown.
            pub async fn send(
                &self,
                batch: &$crate::Batch,
            ) -> Result<$crate::Written, $crate::Error> {
                $crate::store::send(&$core(self), batch, None).await
            }

            /// A query in the language of the server. See [`Query`](crate::Query).
            pub fn query(&self, text: impl Into<String>) -> $crate::Query<$dialect> {
                $crate::Query::new($core(self), text.into())
            }
        }
    };
}
pub(crate) use database_methods;

database_methods!(Store, AnyDialect, |store: &Store| Arc::clone(&store.0));
