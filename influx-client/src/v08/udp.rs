//! Points by datagram.

use influx_proto::encode::EncodeOptions;
use influx_proto::v08::Precision;
use influx_proto::{Auth, Format, Placement, Points};
use influx_transport::Endpoint;
use influx_transport::udp::{UdpOptions, UdpStats, UdpTransport};

use super::settings;
use crate::config::Protocol;
use crate::connect::{self, Defaults};
use crate::{Config, ConfigError, Error};

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
/// println!("{} points in {} datagrams", sent.points, sent.datagrams);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct UdpWriter {
    transport: UdpTransport,
    options: EncodeOptions,
}

/// The points handed to the network, including those that [`UdpWriter::stats`] counts as dropped.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Sent {
    /// How many points.
    pub points: usize,
    /// In how many datagrams.
    pub datagrams: usize,
}

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

    fn build(config: &Config, defaults: &Defaults, mut udp: UdpOptions) -> Result<Self, Error> {
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
        connect::check_datagrams(config)?;
        if settings.precision_is_set && settings.precision != Precision::Seconds {
            return refuse("precision", "is always seconds for datagrams");
        }
        let (host, port) = connect::address(config, defaults);
        udp.max_datagram = settings.max_datagram;
        udp.resolve_timeout = config.timeouts.resolve;
        let transport = UdpTransport::with_options(Endpoint::new(host, port)?, udp);
        let mut options = EncodeOptions::default();
        options.non_finite = config.write.non_finite;
        options.time_unit = Some(Precision::Seconds.into());
        options.max_bytes = settings.max_datagram;
        Ok(Self { transport, options })
    }

    /// The counters of the socket: datagrams refused by a host where no program listens, as far as
    /// its system says so, and those that this system had no room for or refused to send.
    pub fn stats(&self) -> UdpStats {
        self.transport.stats()
    }

    /// Sends points, packed into as few datagrams as possible.
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
        let bodies = Format::SeriesJson.encode(&points, &self.options, None)?;
        drop(points);
        let sent =
            Sent { points: bodies.iter().map(|body| body.points).sum(), datagrams: bodies.len() };
        for outcome in self.transport.send_all(bodies.into_iter().map(|body| body.bytes)).await {
            outcome?;
        }
        Ok(sent)
    }
}

/// The port of the server's UDP input.
const PORT: u16 = 4444;
