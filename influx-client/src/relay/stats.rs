//! The counts of messages and points.

use std::sync::{Arc, Mutex, PoisonError};

use influx_transport::Error;

use crate::Batch;

/// The counts of messages and points so far.
///
/// Every message was mapped or is in `unreadable` or `unmapped`;
/// and `points` = `written` + `rejected` + `pending`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct RelayStats {
    /// Messages that came.
    pub messages: u64,
    /// Those of them that the source could not read.
    pub unreadable: u64,
    /// Those of them that the mapping refused.
    pub unmapped: u64,
    /// Points that the mapping made of the others.
    pub points: u64,
    /// Those of them that the database has stored.
    pub written: u64,
    /// Those of them that the database has refused for good.
    pub rejected: u64,
    /// Those of them that are still on their way.
    pub pending: u64,
    /// Attempts to write that failed and are repeated.
    pub retries: u64,
}

/// Watches a relay from outside. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct RelayMonitor {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    stats: RelayStats,
    trouble: Option<String>,
}

impl RelayMonitor {
    /// The counts of messages and points so far.
    pub fn stats(&self) -> RelayStats {
        self.with(|state| state.stats)
    }

    /// Why the database takes nothing at the moment, for humans; `None` while it does.
    pub fn trouble(&self) -> Option<String> {
        self.with(|state| state.trouble.clone())
    }

    pub(super) fn count(&self, change: impl FnOnce(&mut RelayStats)) {
        self.with(|state| change(&mut state.stats));
    }

    pub(super) fn set_trouble(&self, trouble: Option<String>) {
        self.with(|state| state.trouble = trouble);
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        // Nothing that runs under the lock can leave the state half changed.
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How a relay ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct RelayReport {
    /// The counts of messages and points.
    pub stats: RelayStats,
    /// The points that are pending: the database did not take them in time. They have their
    /// identities, so that sending them once more does no harm even if some were stored.
    pub undelivered: Vec<Batch>,
    /// How the source failed, if that ended the relay.
    pub failure: Option<Error>,
}
