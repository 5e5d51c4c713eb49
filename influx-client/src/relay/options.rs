//! The settings of a relay.

use std::time::Duration;

use influx_transport::Backoff;

/// The settings of a [`Relay`](super::Relay).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RelayOptions {
    /// Writes at this many points; the last message may exceed it. Default: 5,000, at least 1.
    pub batch_points: usize,
    /// Writes when the points take about this many bytes in a request. Default: 1 MiB.
    pub batch_bytes: usize,
    /// Writes when a point has waited for this time. Default: 1 s.
    pub linger: Duration,
    /// The pauses before a failed write is repeated. Default: 250 ms, up to 30 s.
    pub backoff: Backoff,
    /// The limit for the writes of the rest when the source has ended. Default: 10 s.
    pub close_timeout: Duration,
}

impl Default for RelayOptions {
    fn default() -> Self {
        Self {
            batch_points: 5_000,
            batch_bytes: 1024 * 1024,
            linger: Duration::from_secs(1),
            backoff: Backoff::new(Duration::from_millis(250), Duration::from_secs(30)),
            close_timeout: Duration::from_secs(10),
        }
    }
}
