//! Line protocol without answers.

use std::sync::Arc;

use influx_proto::{Auth, Format, Placement, Points, TimeUnit};
use influx_transport::framed::FramedStats;
use influx_transport::udp::{UdpOptions, UdpStats};

use super::settings::{self, Settings};
use crate::config::Protocol;
use crate::connect::{self, Defaults};
use crate::unanswered::{Datagrams, LineStream};
use crate::{Config, ConfigError, Error, Sent};

/// Writes line protocol over UDP, TCP, TLS or a Unix socket to a listener that never answers, such
/// as the UDP input of InfluxDB 1.x, the TCP port of VictoriaMetrics, or Telegraf.
///
/// Cheap to clone; clones share the socket or the connection.
///
/// ```no_run
/// # async fn run() -> Result<(), influx_client::Error> {
/// use influx_client::{Point, v1};
///
/// let writer = v1::LineWriter::new("tcp+influxdb1://localhost:9009")?;
/// let sent = writer.write(Point::new("cpu").tag("host", "web-1").field("load", 0.5)).await?;
/// println!("{} points in {} messages", sent.points, sent.messages);
/// # Ok(())
/// # }
/// ```
///
/// | DSN | carrier |
/// |---|---|
/// | `udp+influxdb1://host:8089` | whole lines in datagrams of up to `max_datagram` bytes; the default port is 8089 |
/// | `tcp+influxdb1://host:9009` | a byte stream; the DSN must name the port |
/// | `tls+influxdb1://host:9009` | the same over TLS (feature `tls`), with the `tls_` keys |
/// | `unix+influxdb1://%2Frun%2Flines.sock` | the same over a Unix socket |
///
/// # Not promised
///
/// No server answers, so **a sent point is not a stored point**:
///
/// - A server does not tell which points it refuses. For one malformed line, InfluxDB 1.6.7 discards
///   the whole datagram; its own log alone tells.
/// - A datagram can get lost, arrive twice or out of order.
/// - A stream takes points that the server never reads, if the connection ends:
///   [`unconfirmed`](FramedStats::unconfirmed) counts the messages that this may concern.
/// - A piece of a stream that a lost connection cut is sent again from its beginning. Lines before
///   the cut may arrive twice, which changes nothing for points that have a time. A server may take
///   the cut line, which lacks its end, for a whole one.
/// - The database, the retention policy and the unit of time are settings of the listener. Times
///   travel as nanoseconds; InfluxDB reads them so unless its setting `precision` says otherwise.
/// - Nothing carries credentials: every program that reaches the port can write.
#[derive(Clone, Debug)]
pub struct LineWriter(Carrier);

#[derive(Clone, Debug)]
enum Carrier {
    Datagrams(Arc<Datagrams>),
    Stream(Arc<LineStream>),
}

/// The counters of a [`LineWriter`], by its carrier.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum LineStats {
    /// UDP: datagrams that a host refused or this system dropped.
    Datagrams(UdpStats),
    /// TCP, TLS, Unix socket: connections, and messages that were sent, failed or are unconfirmed.
    Stream(FramedStats),
}

impl LineWriter {
    /// A writer for a DSN or a [`Config`]. Opens nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the configuration is for HTTP, names a
    /// database, a retention policy, a consistency or credentials, or has a setting that has no
    /// effect on the carrier; for TCP and TLS also if it names no port.
    pub fn new(config: impl TryInto<Config, Error: Into<ConfigError>>) -> Result<Self, Error> {
        let config = config.try_into().map_err(Into::into)?;
        let defaults = Defaults { port: PORT, ..settings::defaults() };
        Self::build(&config, &defaults).map_err(|error| {
            match connect::named_host(&config, &defaults) {
                Some(host) => error.at(&host),
                None => error,
            }
        })
    }

    fn build(config: &Config, defaults: &Defaults) -> Result<Self, Error> {
        let settings = settings::read(config, defaults)?;
        let carrier = match config.protocol {
            Protocol::Http | Protocol::Https => {
                let reason = "must be udp+influxdb1, tcp+influxdb1, tls+influxdb1 or \
                              unix+influxdb1 for a LineWriter";
                return Err(ConfigError::Malformed { part: "scheme", reason }.into());
            }
            Protocol::Udp => {
                check(config, &settings)?;
                let form = (Format::Lines, TimeUnit::Nanoseconds);
                let (max, udp) = (settings.max_datagram, UdpOptions::default());
                let datagrams = Datagrams::new(config, defaults, max, form, udp)?;
                Carrier::Datagrams(Arc::new(datagrams))
            }
            Protocol::Tcp | Protocol::Tls | Protocol::Unix => {
                check(config, &settings)?;
                settings.refuse_datagrams("is for datagrams, as by udp+influxdb1://")?;
                Carrier::Stream(Arc::new(connect::line_stream(config, defaults)?))
            }
        };
        Ok(Self(carrier))
    }

    /// Sends points.
    ///
    /// Over UDP, they are packed into as few datagrams as possible, and none of them splits a line.
    /// A stream takes pieces of up to 1,000 points, or `max_points` if that is less, one after the
    /// other. `call_timeout` limits the whole call on a stream.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encode`](crate::ErrorKind::Encode) if a point cannot be written or is too long
    /// for a datagram; nothing was sent then.
    /// [`ErrorKind::Transport`](crate::ErrorKind::Transport) if the network refuses points,
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) after `call_timeout`. [`Error::sent`] then
    /// counts the points that were sent. On a stream these are the first; the next message was
    /// surely not sent if [`Error::delivery`] is [`NotSent`](crate::Delivery::NotSent), and no
    /// message behind it was.
    ///
    /// # Cancel safety
    ///
    /// A dropped call has sent some of the messages. On a stream, the one under way is still sent.
    pub async fn write(&self, points: impl Points) -> Result<Sent, Error> {
        match &self.0 {
            Carrier::Datagrams(datagrams) => datagrams.write(points).await,
            Carrier::Stream(stream) => stream.write(points).await,
        }
    }

    /// The counters so far.
    pub fn stats(&self) -> LineStats {
        match &self.0 {
            Carrier::Datagrams(datagrams) => LineStats::Datagrams(datagrams.stats()),
            Carrier::Stream(stream) => LineStats::Stream(stream.stats()),
        }
    }

    /// Opens the connection of a stream now, instead of with the first write. Does nothing over
    /// UDP.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Transport`](crate::ErrorKind::Transport) if the server cannot be reached.
    ///
    /// # Cancel safety
    ///
    /// Safe. The connection may be opened nevertheless.
    pub async fn connect(&self) -> Result<(), Error> {
        match &self.0 {
            Carrier::Datagrams(_) => Ok(()),
            Carrier::Stream(stream) => stream.connect().await,
        }
    }

    /// Sends the waiting messages of a stream and closes its connection; the next write opens
    /// another. Does nothing over UDP.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Transport`](crate::ErrorKind::Transport) as the transport says.
    ///
    /// # Cancel safety
    ///
    /// Safe. The connection is closed nevertheless.
    pub async fn disconnect(&self) -> Result<(), Error> {
        match &self.0 {
            Carrier::Datagrams(_) => Ok(()),
            Carrier::Stream(stream) => stream.disconnect().await,
        }
    }
}

/// The usual port of the server's UDP input.
const PORT: u16 = 8089;

/// Refuses settings that only requests can carry.
fn check(config: &Config, settings: &Settings) -> Result<(), ConfigError> {
    let has_auth = !matches!(config.auth, None | Some(Auth::None));
    for (setting, is_set, reason) in [
        ("database", config.database.is_some(), "is a setting of the listener"),
        ("rp", settings.policy.is_some(), "is a setting of the listener"),
        ("user", has_auth, "is not sent without a request"),
        ("credentials", settings.placement != Placement::Auto, "are not sent without a request"),
        ("consistency", settings.consistency.is_some(), "is not sent without a request"),
    ] {
        if is_set {
            return Err(ConfigError::Useless { setting, reason });
        }
    }
    Ok(())
}
