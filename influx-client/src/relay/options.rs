//! A relay and its settings.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use influx_proto::Series;
use influx_transport::{Backoff, Body, BoxTransport};

use super::batch::BatchLimits;
use super::{RelayMonitor, Unmapped};
use crate::Error;
use crate::v08::Database;

/// Writes what a source of messages gives into a database. See the [module](super).
#[must_use = "a relay does nothing until `run`"]
pub struct Relay<M, T = BoxTransport<Request<Bytes>, Response<Body>>> {
    pub(super) database: Database<T>,
    pub(super) mapping: M,
    pub(super) limits: BatchLimits,
    pub(super) backoff: Backoff,
    pub(super) close_timeout: Duration,
    pub(super) monitor: RelayMonitor,
    pub(super) on_unmapped: OnUnmapped,
    pub(super) on_rejected: OnRejected,
}

type OnUnmapped = Box<dyn FnMut(&Unmapped) + Send>;
type OnRejected = Box<dyn FnMut(&Error, &[Series]) + Send>;

impl<M, T> Relay<M, T> {
    /// Writes into this database what the mapping makes of messages.
    pub fn new(database: Database<T>, mapping: M) -> Self {
        Self {
            database,
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

    /// Writes when so many points wait. One message more may be among them. Default: 5,000.
    pub fn batch_points(mut self, points: usize) -> Self {
        self.limits.points = points.max(1);
        self
    }

    /// Writes when the points that wait take about so many bytes. Default: 1 MiB.
    pub fn batch_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// Writes when a point has waited so long. Default: 1 s.
    pub fn linger(mut self, linger: Duration) -> Self {
        self.limits.linger = linger;
        self
    }

    /// How long to wait before a failed write is repeated. Default: 250 ms, up to 30 s.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// How long the database may take for what is left at the end. Default: 10 s.
    pub fn close_timeout(mut self, timeout: Duration) -> Self {
        self.close_timeout = timeout;
        self
    }

    /// Tells why something that came is not mapped.
    pub fn on_unmapped(mut self, hook: impl FnMut(&Unmapped) + Send + 'static) -> Self {
        self.on_unmapped = Box::new(hook);
        self
    }

    /// Tells which points the database refused for good, and why.
    pub fn on_rejected(mut self, hook: impl FnMut(&Error, &[Series]) + Send + 'static) -> Self {
        self.on_rejected = Box::new(hook);
        self
    }

    /// Watches the relay while it runs.
    pub fn monitor(&self) -> RelayMonitor {
        self.monitor.clone()
    }
}

impl<M, T> fmt::Debug for Relay<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("limits", &self.limits)
            .field("monitor", &self.monitor)
            .finish_non_exhaustive()
    }
}
