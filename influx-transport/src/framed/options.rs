//! The limits of the framed transports.

use std::time::Duration;

use crate::Backoff;

/// The limits of a [`FramedTransport`](crate::framed::FramedTransport) or a
/// [`FramedSender`](crate::framed::FramedSender). The size of a frame is limited by the codec.
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
    /// How many messages may be under way; further ones wait. As many again may wait in the queue
    /// before callers do. At least 1. Default: 256.
    pub max_in_flight: usize,
    /// How many bytes of messages may wait in the queue, besides some 64 KiB that are being
    /// written; further ones wait. One message alone may be larger. Whoever waits for room gets it
    /// in the order of the calls, so that a large message is not passed by small ones for ever.
    /// Default: 16 MiB, at most 1 GiB.
    pub max_queued_bytes: usize,
    /// How long the peer may take no further byte. Default: 30 s.
    pub write_timeout: Duration,
    /// How long the peer may take to answer a request, from the last byte of it that the system
    /// took. A [`FramedSender`](crate::framed::FramedSender) waits for no answer. Default: 30 s.
    pub response_timeout: Duration,
    /// How long a message of which no byte was sent is kept over failed attempts to connect. The
    /// first attempt that fails after this time fails the message too. Default: 0, so that a
    /// refused connection is reported at once.
    pub retry_for: Duration,
    /// The pauses between failed attempts. Default: 100 ms, up to 5 s.
    pub backoff: Backoff,
    /// Where the pauses' random numbers from 0 to 1 come from. Default: `fastrand::f64`.
    pub random: fn() -> f64,
}

impl Default for FramedOptions {
    fn default() -> Self {
        Self {
            max_in_flight: 256,
            max_queued_bytes: 16 * 1024 * 1024,
            write_timeout: Duration::from_secs(30),
            response_timeout: Duration::from_secs(30),
            retry_for: Duration::ZERO,
            backoff: Backoff::default(),
            random: fastrand::f64,
        }
    }
}
