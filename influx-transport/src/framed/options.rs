//! The limits of the framed transports.

use std::time::Duration;

use crate::Backoff;
use crate::alarm::FOREVER;

/// The limits of a [`FramedTransport`](super::FramedTransport) or a
/// [`FramedSender`](super::FramedSender). The codec limits the size of a frame.
///
/// ```
/// use std::time::Duration;
///
/// use influx_transport::framed::FramedOptions;
///
/// let mut options = FramedOptions::default();
/// options.response_timeout = Duration::from_secs(5);
/// options.retry_for = Duration::from_secs(60);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FramedOptions {
    /// Messages that may be under way at once. The queue holds as many again; further callers wait.
    /// At least 1. Default: 256.
    pub max_in_flight: usize,
    /// Bytes of messages that may wait in the queue, besides about 64 KiB that are being written.
    /// Further callers wait and are served in order, so that small messages never overtake a large
    /// one for ever. A single message may be larger. Default: 16 MiB, at most 1 GiB.
    pub max_queued_bytes: usize,
    /// The longest time in which the peer reads no byte. Default: 30 s.
    pub send_timeout: Duration,
    /// The longest time from the last byte of a request that the system took to its answer. A
    /// [`FramedSender`](super::FramedSender) ignores it. Default: 30 s.
    pub response_timeout: Duration,
    /// How long a message of which no byte was sent survives failed attempts to connect. The first
    /// attempt that fails after this time fails the message. Default: 0, which reports a refused
    /// connection at once.
    pub retry_for: Duration,
    /// The pauses between failed attempts. Default: 100 ms, up to 5 s.
    pub backoff: Backoff,
    /// The source of random numbers from 0 to 1 for the pauses. Default: `fastrand::f64`.
    pub random: fn() -> f64,
}

impl FramedOptions {
    /// The same options with impossible limits replaced by the nearest possible ones.
    pub(super) fn sound(mut self) -> Self {
        self.max_in_flight = self.max_in_flight.max(1);
        self.max_queued_bytes = self.max_queued_bytes.clamp(1, MAX_QUEUED_BYTES);
        for limit in [&mut self.send_timeout, &mut self.response_timeout, &mut self.retry_for] {
            *limit = (*limit).min(FOREVER);
        }
        self
    }
}

impl Default for FramedOptions {
    fn default() -> Self {
        Self {
            max_in_flight: 256,
            max_queued_bytes: 16 << 20,
            send_timeout: Duration::from_secs(30),
            response_timeout: Duration::from_secs(30),
            retry_for: Duration::ZERO,
            backoff: Backoff::default(),
            random: fastrand::f64,
        }
    }
}

/// A larger queue is a mistake.
const MAX_QUEUED_BYTES: usize = 1 << 30;
