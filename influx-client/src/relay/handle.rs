//! A relay before it runs.

use std::fmt;

use influx_proto::Point;

use super::{RelayMonitor, RelayOptions, Unmapped};
use crate::{Error, Store};

/// Writes what a source of messages gives into a database. See the [module](super).
#[must_use = "a relay does nothing until `run`"]
pub struct Relay<M> {
    pub(super) database: Store,
    pub(super) mapping: M,
    pub(super) options: RelayOptions,
    pub(super) monitor: RelayMonitor,
    pub(super) on_unmapped: OnUnmapped,
    pub(super) on_rejected: OnRejected,
}

type OnUnmapped = Box<dyn FnMut(&Unmapped) + Send>;
type OnRejected = Box<dyn FnMut(&Error, &[Point]) + Send>;

impl<M> Relay<M> {
    /// A relay into this database, of any dialect, with this mapping and the default options.
    pub fn new(database: impl Into<Store>, mapping: M) -> Self {
        Self::with_options(database, mapping, RelayOptions::default())
    }

    /// A relay into this database, of any dialect, with this mapping and these options.
    pub fn with_options(database: impl Into<Store>, mapping: M, options: RelayOptions) -> Self {
        Self {
            database: database.into(),
            mapping,
            options,
            monitor: RelayMonitor::default(),
            on_unmapped: Box::new(|_| {}),
            on_rejected: Box::new(|_, _| {}),
        }
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
            .field("options", &self.options)
            .field("monitor", &self.monitor)
            .finish_non_exhaustive()
    }
}
