//! What a connection did since callers were last told.

use std::vec::Drain;

use super::Stats;
use super::outcomes::Key;
use crate::Error;

/// What a connection did since callers were last told: kept until then, so that one lock serves
/// many messages.
pub(super) struct Ledger<T> {
    outcomes: Vec<(Key, Result<T, Error>)>,
    pub(super) sent: u64,
    /// Answers to requests whose callers were told that they timed out.
    pub(super) late: u64,
    pub(super) unconfirmed: u64,
}

impl<T> Ledger<T> {
    pub(super) fn new() -> Self {
        Self { outcomes: Vec::new(), sent: 0, late: 0, unconfirmed: 0 }
    }

    /// What becomes of a message.
    pub(super) fn settle(&mut self, key: Key, outcome: Result<T, Error>) {
        self.outcomes.push((key, outcome));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.outcomes.is_empty() && self.sent + self.late + self.unconfirmed == 0
    }

    /// Moves the numbers.
    pub(super) fn add_to(&mut self, stats: &mut Stats) {
        stats.sent += std::mem::take(&mut self.sent);
        stats.discarded += std::mem::take(&mut self.late);
        stats.unconfirmed += std::mem::take(&mut self.unconfirmed);
    }

    /// Moves the outcomes, in order.
    pub(super) fn outcomes(&mut self) -> Drain<'_, (Key, Result<T, Error>)> {
        self.outcomes.drain(..)
    }
}
