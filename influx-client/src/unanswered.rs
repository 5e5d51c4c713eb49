//! Writes without answers: datagrams and streams of points.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use influx_framing::{Encoder, FrameError};
use influx_proto::encode::{Body, EncodeOptions};
use influx_proto::{Format, Points, TimeUnit};
use influx_transport::framed::{FramedOptions, FramedSender, FramedStats};
use influx_transport::udp::{UdpOptions, UdpStats, UdpTransport};
use influx_transport::{BoxTransport, Connect, Delivery, Endpoint, Transport as _};
use tokio::time::timeout_at;

use crate::connect::{self, Defaults};
use crate::{Config, Error};

/// The points that a writer without answers handed to the network. The server need not have stored
/// them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Sent {
    /// How many points.
    pub points: usize,
    /// In how many messages: datagrams, or pieces of a stream.
    pub messages: usize,
}

impl Sent {
    fn add(&mut self, points: usize) {
        self.points += points;
        self.messages += 1;
    }
}

/// Sends points of one format by datagram.
#[derive(Debug)]
pub(crate) struct Datagrams {
    transport: UdpTransport,
    format: Format,
    options: EncodeOptions,
}

impl Datagrams {
    /// Opens nothing. The size limit and the limit of the lookup replace those of `udp`.
    pub(crate) fn new(
        config: &Config,
        defaults: &Defaults,
        max_datagram: usize,
        (format, unit): (Format, TimeUnit),
        mut udp: UdpOptions,
    ) -> Result<Self, Error> {
        connect::check_datagrams(config)?;
        let (host, port) = connect::address(config, defaults);
        udp.max_datagram = max_datagram;
        udp.resolve_timeout = config.timeouts.resolve;
        let transport = UdpTransport::with_options(Endpoint::new(host, port)?, udp);
        let mut options = EncodeOptions::default();
        options.non_finite = config.write.non_finite;
        options.time_unit = Some(unit);
        options.max_bytes = max_datagram;
        Ok(Self { transport, format, options })
    }

    pub(crate) fn stats(&self) -> UdpStats {
        self.transport.stats()
    }

    /// Sends all datagrams, and returns the first error.
    pub(crate) async fn write(&self, points: impl Points) -> Result<Sent, Error> {
        let bodies = self.format.encode(&points, &self.options, None)?;
        drop(points);
        let counts: Vec<usize> = bodies.iter().map(|body| body.points).collect();
        let outcomes = self.transport.send_all(bodies.into_iter().map(|body| body.bytes)).await;
        let mut sent = Sent::default();
        let mut first_error = None;
        for (outcome, points) in outcomes.into_iter().zip(counts) {
            match outcome {
                Ok(()) => sent.add(points),
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        match first_error {
            Some(error) => Err(Error::from(error).after_sending(sent)),
            None => Ok(sent),
        }
    }
}

/// Sends lines over one connection, which is opened again when it ends.
#[derive(Debug)]
pub(crate) struct LineStream {
    sender: Box<dyn Sender>,
    transport: BoxTransport<Bytes, ()>,
    options: EncodeOptions,
    limit: Duration,
    host: Arc<str>,
}

/// The part of a sender that its transport lacks.
trait Sender: fmt::Debug + Send + Sync {
    fn stats(&self) -> FramedStats;
}

impl<C: Connect> Sender for FramedSender<C, WholeLines> {
    fn stats(&self) -> FramedStats {
        Self::stats(self)
    }
}

/// The largest number of points in one piece: it bounds how many points a lost connection leaves
/// uncertain.
const MAX_PIECE: usize = 1_000;

impl LineStream {
    pub(crate) fn new(config: &Config, host: Arc<str>, connector: impl Connect) -> Self {
        let mut framed = FramedOptions::default();
        framed.send_timeout = config.timeouts.send;
        let sender = FramedSender::with_options(connector, WholeLines, framed);
        let mut options = EncodeOptions::default();
        options.non_finite = config.write.non_finite;
        options.time_unit = Some(TimeUnit::Nanoseconds);
        options.max_points = config.write.max_points.min(MAX_PIECE);
        options.max_bytes = config.limits.max_request;
        let transport = BoxTransport::new(sender.clone());
        Self { sender: Box::new(sender), transport, options, limit: config.timeouts.call, host }
    }

    pub(crate) fn stats(&self) -> FramedStats {
        self.sender.stats()
    }

    /// Sends piece after piece up to the first error, so that the points that were sent stand
    /// before all others.
    pub(crate) async fn write(&self, points: impl Points) -> Result<Sent, Error> {
        let bodies = Format::Lines.encode(&points, &self.options, None)?;
        drop(points);
        let mut sent = Sent::default();
        let deadline = tokio::time::Instant::now() + self.limit;
        for Body { bytes, points, .. } in bodies {
            let outcome = match timeout_at(deadline, self.transport.send(bytes)).await {
                Ok(outcome) => outcome.map_err(Error::from),
                // The piece is still in the queue.
                Err(_) => Err(Error::call_timeout(self.limit, Delivery::MaybeSent)),
            };
            outcome.map_err(|error| error.at(&self.host).after_sending(sent))?;
            sent.add(points);
        }
        Ok(sent)
    }

    pub(crate) async fn connect(&self) -> Result<(), Error> {
        Ok(self.transport.connect().await?)
    }

    pub(crate) async fn disconnect(&self) -> Result<(), Error> {
        Ok(self.transport.disconnect().await?)
    }
}

/// Takes lines as the encoder writes them: a text in a line may have line breaks of its own, so
/// that a codec of single lines would refuse it.
#[derive(Clone, Debug)]
pub(crate) struct WholeLines;

impl Encoder<&[u8]> for WholeLines {
    fn encode(&mut self, lines: &[u8], out: &mut BytesMut) -> Result<(), FrameError> {
        out.extend_from_slice(lines);
        // An unended line would run into the next piece.
        if !lines.ends_with(b"\n") {
            out.extend_from_slice(b"\n");
        }
        Ok(())
    }
}
