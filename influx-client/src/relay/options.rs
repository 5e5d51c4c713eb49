//! A relay and its settings.

use std::fmt;
use std::time::Duration;

use influx_proto::Point;
use influx_transport::Backoff;

use super::batch::BatchLimits;
use super::{RelayMonitor, Unmapped};
use crate::{Error, Store};

/// Writes what a source of messages gives into a database. See the [module](super).
#[must_use = "a relay does nothing until `run`"]
pub struct Relay<M> {
    pub(super) database: Store,
    pub(super) mapping: M,
    pub(super) limits: BatchLimits,
    pub(super) backoff: Backoff,
    pub(super) close_timeout: Duration,
    pub(super) monitor: RelayMonitor,
    pub(super) on_unmapped: OnUnmapped,
    pub(super) on_rejected: OnRejected,
}

type OnUnmapped = Box<dyn FnMut(&Unmapped) + Send>;
type OnRejected = Box<dyn FnMut(&Error, &[Point]) + Send>;

impl<M> Relay<M> {
    /// A relay into this database, of any dialect, with this mapping.
    pub fn new(database: impl Into<Store>, mapping: M) -> Self {
        Self {
            database: database.into(),
            mapping,
            limits: BatchLimits {
                points: 5_000,
                bytes: 1024 * 1024,
                linger: Duration::from_secs(1),
            },
            backoff: Backoff::new(Duration::from_millis(250), Duration::from_secs(30)),
            close_timeout: Duration::from_secs(10),
            monitor: RelayMonitor::default(),
            on_unmapped: Box::new(|_| {}),
            on_rejected: Box::new(|_, _| {}),
        }
    }

    /// Writes at this many points; the last message may exceed it. Default: 5,000.
    pub fn batch_points(mut self, points: usize) -> Self {
        self.limits.points = points.max(1);
        self
    }

    /// Writes when the points take about this many bytes in a request. Default: 1 MiB.
    pub fn batch_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// Writes when a point has waited for this time. Default: 1 s.
    pub fn linger(mut self, linger: Duration) -> Self {
        self.limits.linger = linger;
        self
    }

    /// Sets the pauses before a failed write is repeated. Default: 250 ms, up to 30 s.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Limits the writes of the rest when the source has ended. Default: 10 s.
    pub fn close_timeout(mut self, timeout: Duration) -> Self {
        self.close_timeout = timeout;
        self
    }

    /// Tells why a message is not mapped.
    pub fn on_unmapped(mut self, hook: impl FnMut(&Unmapped) + Send + 'static) -> Self {
        self.on_unmapped = Box::new(hook);
        self
    }

    /// Tells which points the database refused for good, and why: the points of one batch.
    pub fn on_rejected(mut self, hook: impl FnMut(&Error, &[Point]) + Send + 'static) -> Self {
        self.on_rejected = Box::new(hook);
        self
    }

    /// Watches the relay while it runs.
    pub fn monitor(&self) -> RelayMonitor {
        self.monitor.clone()
    }
}

impl<M> fmt::Debug for Relay<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("limits", &self.limits)
            .field("monitor", &self.monitor)
            .finish_non_exhaustive()
    }
}
