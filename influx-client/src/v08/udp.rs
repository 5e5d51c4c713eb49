//! Points by datagram.

use influx_proto::v08::Precision;
use influx_proto::{Auth, Format, Placement, Points};
use influx_transport::udp::{UdpOptions, UdpStats};

use super::settings;
use crate::config::Protocol;
use crate::connect::{self, Defaults};
use crate::unanswered::Datagrams;
use crate::{Config, ConfigError, Error, Sent};

/// Writes points to the UDP listener of an InfluxDB 0.8 server.
///
/// A datagram has no answer: **a sent point is not a stored point.**
/// The server does not tell which points it refuses, and reads neither datagrams above 2,048 bytes
/// nor those for which it has no time. It takes points without credentials, into the one
/// database of its configuration, with times in seconds.
///
/// The server's name is looked up again when its host refuses a datagram, and every 5 minutes.
///
/// ```no_run
/// # async fn run() -> Result<(), influx_client::Error> {
/// use influx_client::{Point, v08};
///
/// let writer = v08::UdpWriter::new("udp+influxdb://localhost:4444")?;
/// let sent = writer.write(Point::new("cpu").field("load", 0.5)).await?;
/// println!("{} points in {} datagrams", sent.points, sent.messages);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct UdpWriter(Datagrams);

impl UdpWriter {
    /// A writer for a DSN `udp+influxdb://host:port` or a [`Config`]; the default port is 4444.
    /// Opens nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the configuration is not for datagrams,
    /// names a database, has credentials, or asks for times in another unit than seconds: the
    /// server decides all of these by itself. So it is if a setting has no effect on datagrams.
    pub fn new(config: impl TryInto<Config, Error: Into<ConfigError>>) -> Result<Self, Error> {
        Self::with_options(config, UdpOptions::default())
    }

    /// As [`new`](Self::new), with these options of the socket and of the lookup. Their
    /// `max_datagram` and `resolve_timeout` have no effect: the configuration has both.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_options(
        config: impl TryInto<Config, Error: Into<ConfigError>>,
        udp: UdpOptions,
    ) -> Result<Self, Error> {
        let config = config.try_into().map_err(Into::into)?;
        let defaults = settings::defaults(PORT);
        Self::build(&config, &defaults, udp).map_err(|error| {
            match connect::named_host(&config, &defaults) {
                Some(host) => error.at(&host),
                None => error,
            }
        })
    }

    fn build(config: &Config, defaults: &Defaults, udp: UdpOptions) -> Result<Self, Error> {
        let settings = settings::read(config, defaults)?;
        let refuse = |setting, reason| Err(ConfigError::Useless { setting, reason }.into());
        if config.protocol != Protocol::Udp {
            let reason = "must be udp+influxdb for a UdpWriter";
            return Err(ConfigError::Malformed { part: "scheme", reason }.into());
        }
        if config.database.is_some() {
            return refuse("database", "is decided by the server for datagrams");
        }
        if !matches!(config.auth, None | Some(Auth::None)) || settings.placement != Placement::Auto
        {
            return refuse("user", "is not sent in datagrams");
        }
        if settings.precision_is_set && settings.precision != Precision::Seconds {
            return refuse("precision", "is always seconds for datagrams");
        }
        let form = (Format::SeriesJson, Precision::Seconds.into());
        Ok(Self(Datagrams::new(config, defaults, settings.max_datagram, form, udp)?))
    }

    /// The counters of the socket: datagrams refused by a host where no program listens, as far as
    /// its system says so, and those that this system had no room for or refused to send.
    pub fn stats(&self) -> UdpStats {
        self.0.stats()
    }

    /// Sends points, packed into as few datagrams as possible. The count includes the datagrams that
    /// [`stats`](Self::stats) counts as dropped.
    ///
    /// With the feature `udp-batch`, on Linux, neighbouring datagrams that happen to be of one size
    /// go out in one system call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encode`](crate::ErrorKind::Encode) if a point cannot be written or is too long
    /// for a datagram; nothing was sent then. [`ErrorKind::Transport`](crate::ErrorKind::Transport)
    /// if the network refuses a datagram, for the first such; the others were sent unless the
    /// network refused them too.
    ///
    /// # Cancel safety
    ///
    /// A dropped call has sent some of the datagrams, each whole or not at all.
    pub async fn write(&self, points: impl Points) -> Result<Sent, Error> {
        self.0.write(points).await
    }
}

/// The port of the server's UDP input.
const PORT: u16 = 4444;
