//! Points by datagram.

use bytes::Bytes;
use influx_proto::json::{NonFinite, encode_split};
use influx_proto::{Precision, RequestError, Series};
use influx_transport::UdpTransport;

use crate::config::{Origin, Protocol};
use crate::{Config, ConfigError, Error};

/// Writes points to the UDP listener of an InfluxDB 0.8 server.
///
/// A datagram has no answer: **a sent point is not a stored point.**
/// The server says nothing of points that it refuses, of datagrams above 2,048 bytes,
/// or of those that it had no time to read. It takes them without credentials, into the one
/// database of its configuration, with times in seconds.
///
/// ```no_run
/// # async fn run(series: influx_proto::Series) -> Result<(), influx_client::Error> {
/// use influx_client::v08::UdpWriter;
///
/// let writer = UdpWriter::connect("udp+influxdb://localhost:4444")?;
/// let sent = writer.write(&[series]).await?;
/// println!("{} points in {} datagrams", sent.points, sent.datagrams);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct UdpWriter {
    transport: UdpTransport,
    max_datagram: usize,
    non_finite: NonFinite,
}

/// What was handed to the network, including what [`UdpWriter::dropped`] counts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Sent {
    /// How many points.
    pub points: usize,
    /// In how many datagrams.
    pub datagrams: usize,
}

impl UdpWriter {
    /// A writer for a DSN `udp+influxdb://host:port`. Opens nothing yet.
    ///
    /// # Errors
    ///
    /// As [`UdpWriter::new`], and if the text is not a DSN.
    pub fn connect(dsn: &str) -> Result<Self, Error> {
        Self::new(&dsn.parse()?)
    }

    /// A writer for a configuration. Opens nothing yet.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the configuration is not for datagrams, names a database,
    /// or asks for times in another unit than seconds: the server decides both by itself.
    pub fn new(config: &Config) -> Result<Self, Error> {
        let refuse = |part, reason| Err(ConfigError::Malformed { part, reason }.into());
        if config.protocol() != Protocol::Udp {
            return refuse("scheme", "must be udp+influxdb for a UdpWriter");
        }
        if config.database().is_some() {
            return refuse("database", "is decided by the server for datagrams; leave it out");
        }
        let chosen = config.origin("precision") != Some(Origin::Default);
        if chosen && config.settings.precision != Precision::Seconds {
            return refuse("precision", "is always seconds for datagrams; leave it out");
        }
        let max_datagram = config.settings.max_datagram;
        let transport = UdpTransport::new(config.host(), config.port())?.max_datagram(max_datagram);
        Ok(Self { transport, max_datagram, non_finite: NonFinite::default() })
    }

    /// Sets what becomes of infinities and not-a-numbers; by default they are an error.
    #[must_use]
    pub fn non_finite(mut self, non_finite: NonFinite) -> Self {
        self.non_finite = non_finite;
        self
    }

    /// How many datagrams reached a host where nobody listened, as far as its system said so.
    pub fn refused(&self) -> u64 {
        self.transport.refused()
    }

    /// How many datagrams this system had no room for, or refused to send, without an error.
    pub fn dropped(&self) -> u64 {
        self.transport.dropped()
    }

    /// Sends points, times in seconds, packed into as few datagrams as possible.
    ///
    /// With the feature `udp-batch`, on Linux, neighbouring datagrams that happen to be of one size
    /// go out in one system call.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if a point cannot be written or is too long for a datagram;
    /// nothing was sent then. [`Error::Transport`] if the network refuses a datagram,
    /// for the first such; the others were sent unless the network refused them too.
    ///
    /// # Cancel safety
    ///
    /// A dropped call has sent some of the datagrams, each whole or not at all.
    pub async fn write(&self, series: &[Series]) -> Result<Sent, Error> {
        let bodies =
            encode_split(series, self.non_finite, self.max_datagram).map_err(RequestError::from)?;
        let datagrams = bodies.len();
        for outcome in self.transport.send_all(bodies.into_iter().map(Bytes::from)).await {
            outcome?;
        }
        Ok(Sent { points: series.iter().map(Series::len).sum(), datagrams })
    }
}
