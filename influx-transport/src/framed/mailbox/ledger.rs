//! Outcomes and counts that callers do not know yet.

use super::outcomes::Key;
use crate::Error;
use crate::framed::stats::FramedStats;

/// They are kept so that one lock serves many messages.
pub(crate) struct Ledger<T> {
    pub(crate) outcomes: Vec<(Key, Result<T, Error>)>,
    pub(crate) sent: u64,
    /// Answers to requests that were reported as timed out.
    pub(crate) late: u64,
    pub(crate) unconfirmed: u64,
}

impl<T> Ledger<T> {
    pub(crate) fn new() -> Self {
        Self { outcomes: Vec::new(), sent: 0, late: 0, unconfirmed: 0 }
    }

    pub(crate) fn settle(&mut self, key: Key, outcome: Result<T, Error>) {
        self.outcomes.push((key, outcome));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.outcomes.is_empty() && self.sent + self.late + self.unconfirmed == 0
    }

    pub(crate) fn add_to(&mut self, stats: &mut FramedStats) {
        stats.sent += std::mem::take(&mut self.sent);
        stats.discarded += std::mem::take(&mut self.late);
        stats.unconfirmed += std::mem::take(&mut self.unconfirmed);
    }
}
