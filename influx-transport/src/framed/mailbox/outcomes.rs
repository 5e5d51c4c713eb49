//! The outcomes of messages, where their callers find them.

use std::mem;
use std::task::{Context, Poll, Waker};

use crate::Error;
use crate::framed::stats::FramedStats;

/// One entry for each batch of messages that is not settled or not collected yet.
///
/// A batch has two owners: its caller polls or abandons the entry, and the task settles one message
/// of it after the other. The entry is reused when both have finished with it.
pub(crate) struct Outcomes<T> {
    entries: Vec<Entry<T>>,
    free: Vec<Batch>,
    /// Whether callers gave up since the task last asked.
    abandoned: bool,
}

/// Messages that a caller left together: the index of their entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Batch(usize);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    batch: Batch,
    place: usize,
}

struct Entry<T> {
    found: Found<T>,
    open: usize,
    caller: Option<Waker>,
    abandoned: bool,
}

/// The outcomes of a batch, in the order of its messages; `None` where one was lost.
pub(crate) struct Found<T> {
    pub(crate) first: Option<Result<T, Error>>,
    /// All further outcomes: most batches are of one message.
    pub(crate) rest: Vec<Option<Result<T, Error>>>,
}

impl Batch {
    pub(crate) fn keys(self) -> impl Iterator<Item = Key> {
        (0..).map(move |place| Key { batch: self, place })
    }
}

impl<T> Outcomes<T> {
    pub(crate) fn new() -> Self {
        Self { entries: Vec::new(), free: Vec::new(), abandoned: false }
    }

    pub(crate) fn open(&mut self, count: usize) -> Batch {
        let batch = self.free.pop().unwrap_or(Batch(self.entries.len()));
        if batch.0 == self.entries.len() {
            self.entries.push(Entry::default());
        }
        if let Some(entry) = self.entries.get_mut(batch.0) {
            if count > 1 {
                entry.found.rest.resize_with(count - 1, || None);
            }
            entry.open = count;
        }
        batch
    }

    /// Collects the outcomes for the caller when the last one is there. If the task has ended, they
    /// may be incomplete.
    pub(crate) fn poll(&mut self, batch: Batch, cx: &Context<'_>) -> Poll<Found<T>> {
        let Some(entry) = self.entries.get_mut(batch.0) else {
            return Poll::Ready(Found::default());
        };
        if entry.open > 0 {
            entry.caller = Some(cx.waker().clone());
            return Poll::Pending;
        }
        self.free.push(batch);
        Poll::Ready(mem::take(&mut entry.found))
    }

    /// Gives up the caller's part.
    pub(crate) fn abandon(&mut self, batch: Batch) {
        let Some(entry) = self.entries.get_mut(batch.0) else { return };
        entry.caller = None;
        entry.found = Found::default();
        if entry.open > 0 {
            entry.abandoned = true;
            self.abandoned = true;
        } else {
            self.free.push(batch);
        }
    }

    pub(crate) fn were_abandoned(&mut self) -> bool {
        mem::take(&mut self.abandoned)
    }

    pub(crate) fn is_abandoned(&self, key: Key) -> bool {
        self.entries.get(key.batch.0).is_some_and(|entry| entry.abandoned)
    }

    /// Settles a message for the task. Returns whether its caller still wants the outcome. With the
    /// last outcome of the batch, the caller's waker is added to `wakers`.
    pub(crate) fn settle(
        &mut self,
        key: Key,
        outcome: Result<T, Error>,
        wakers: &mut Vec<Waker>,
    ) -> bool {
        let Some(entry) = self.entries.get_mut(key.batch.0) else { return false };
        if entry.abandoned {
            self.forget(key);
            return false;
        }
        entry.open -= 1;
        match key.place.checked_sub(1) {
            None => entry.found.first = Some(outcome),
            Some(place) => {
                if let Some(place) = entry.found.rest.get_mut(place) {
                    *place = Some(outcome);
                }
            }
        }
        if entry.open == 0 {
            wakers.extend(entry.caller.take());
        }
        true
    }

    /// Closes the place of a message whose caller gave up.
    pub(crate) fn forget(&mut self, key: Key) {
        let Some(entry) = self.entries.get_mut(key.batch.0) else { return };
        entry.open -= 1;
        if entry.open == 0 {
            entry.abandoned = false;
            self.free.push(key.batch);
        }
    }

    /// Closes all batches, because the task has ended.
    pub(crate) fn lose_all(&mut self, wakers: &mut Vec<Waker>) {
        for (index, entry) in self.entries.iter_mut().enumerate() {
            entry.open = 0;
            wakers.extend(entry.caller.take());
            if mem::take(&mut entry.abandoned) {
                self.free.push(Batch(index));
            }
        }
    }
}

impl<T> Default for Entry<T> {
    fn default() -> Self {
        Self { found: Found::default(), open: 0, caller: None, abandoned: false }
    }
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self { first: None, rest: Vec::new() }
    }
}

/// Outcomes and counts that callers do not know yet: one lock serves many of them.
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
        stats.sent += mem::take(&mut self.sent);
        stats.discarded += mem::take(&mut self.late);
        stats.unconfirmed += mem::take(&mut self.unconfirmed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Table = Outcomes<usize>;

    /// Checks what a caller of two messages finds after `caller` and `task`; `None` if it gave up.
    fn check(
        caller: impl FnOnce(&mut Table, Batch),
        task: impl FnOnce(&mut Table, Batch),
        expected: Option<Poll<[Option<usize>; 2]>>,
    ) {
        let mut outcomes = Outcomes::new();
        let batch = outcomes.open(2);
        caller(&mut outcomes, batch);
        task(&mut outcomes, batch);
        if let Some(expected) = expected {
            let found = outcomes.poll(batch, &Context::from_waker(Waker::noop()));
            let found = found.map(|found| {
                let [second] = found.rest.try_into().unwrap();
                [found.first, second].map(|outcome| outcome.map(Result::unwrap))
            });
            assert_eq!(found, expected);
        }
        let is_free = !matches!(expected, Some(Poll::Pending));
        assert_eq!(outcomes.free.len(), usize::from(is_free));
        assert_eq!(outcomes.open(1).0, usize::from(!is_free), "entries are used again");
    }

    fn settle(outcomes: &mut Table, batch: Batch, place: usize) {
        outcomes.settle(Key { batch, place }, Ok(place), &mut Vec::new());
    }

    #[test]
    fn an_entry_is_used_again_when_both_owners_have_finished() {
        let keep = |_: &mut Table, _| {};
        let give_up = |outcomes: &mut Table, batch| outcomes.abandon(batch);
        let settle_one = |outcomes: &mut Table, batch| settle(outcomes, batch, 1);
        let settle_both = |outcomes: &mut Table, batch| {
            settle(outcomes, batch, 1);
            settle(outcomes, batch, 0);
        };
        let lose = |outcomes: &mut Table, _| outcomes.lose_all(&mut Vec::new());
        let lose_one = |outcomes: &mut Table, batch| {
            settle(outcomes, batch, 0);
            outcomes.lose_all(&mut Vec::new());
        };
        check(keep, keep, Some(Poll::Pending));
        check(keep, settle_one, Some(Poll::Pending));
        check(keep, settle_both, Some(Poll::Ready([Some(0), Some(1)])));
        check(keep, lose, Some(Poll::Ready([None, None])));
        check(keep, lose_one, Some(Poll::Ready([Some(0), None])));
        for end in [settle_both, lose, lose_one] {
            check(give_up, end, None);
            check(end, give_up, None);
        }
    }

    #[test]
    fn a_waiting_caller_is_woken_by_the_last_outcome() {
        let mut outcomes = Outcomes::new();
        let mut wakers = Vec::new();
        for lost in [false, true] {
            let batch = outcomes.open(2);
            assert!(outcomes.poll(batch, &Context::from_waker(Waker::noop())).is_pending());
            let mut keys = batch.keys();
            assert!(outcomes.settle(keys.next().unwrap(), Ok(0), &mut wakers));
            assert!(wakers.is_empty());
            if lost {
                outcomes.lose_all(&mut wakers);
            } else {
                assert!(outcomes.settle(keys.next().unwrap(), Ok(1), &mut wakers));
            }
            assert_eq!(wakers.drain(..).count(), 1);
        }
    }

    #[test]
    fn outcomes_of_a_batch_that_was_given_up_are_dropped() {
        let mut outcomes = Outcomes::new();
        let mut wakers = Vec::new();
        let batch = outcomes.open(2);
        assert!(outcomes.poll(batch, &Context::from_waker(Waker::noop())).is_pending());
        assert!(!outcomes.were_abandoned());
        outcomes.abandon(batch);
        assert!(outcomes.were_abandoned() && !outcomes.were_abandoned());
        for key in batch.keys().take(2) {
            assert!(outcomes.is_abandoned(key));
            assert!(!outcomes.settle(key, Ok(()), &mut wakers));
        }
        assert!(wakers.is_empty());
    }
}
