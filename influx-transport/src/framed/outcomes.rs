//! Where callers look for the outcomes of their messages.

use std::mem;
use std::task::{Context, Poll, Waker};

use crate::Error;

/// One entry for each message whose caller or whose outcome is still to come.
///
/// A message has two owners: its caller, who polls or abandons the entry, and the task, which
/// settles it. The entry is used again when both are through with it.
pub(super) struct Outcomes<T> {
    entries: Vec<Entry<T>>,
    free: Vec<Key>,
}

/// Which entry belongs to a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key(usize);

enum Entry<T> {
    Free,
    /// The caller, if it waits.
    Open(Option<Waker>),
    Abandoned,
    Settled(Result<T, Error>),
    /// The task has ended before the outcome.
    Lost,
}

impl<T> Outcomes<T> {
    pub(super) fn new() -> Self {
        Self { entries: Vec::new(), free: Vec::new() }
    }

    pub(super) fn open(&mut self) -> Key {
        let key = self.free.pop().unwrap_or(Key(self.entries.len()));
        match self.entries.get_mut(key.0) {
            Some(entry) => *entry = Entry::Open(None),
            None => self.entries.push(Entry::Open(None)),
        }
        key
    }

    /// The caller asks: `None` if the task has ended before the outcome.
    pub(super) fn poll(&mut self, key: Key, cx: &Context<'_>) -> Poll<Option<Result<T, Error>>> {
        let Some(entry) = self.entries.get_mut(key.0) else { return Poll::Ready(None) };
        if let Entry::Open(waker) = entry {
            *waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        match self.close(key) {
            Entry::Settled(outcome) => Poll::Ready(Some(outcome)),
            _ => Poll::Ready(None),
        }
    }

    /// The caller gives up.
    pub(super) fn abandon(&mut self, key: Key) {
        match self.entries.get_mut(key.0) {
            Some(entry @ Entry::Open(_)) => *entry = Entry::Abandoned,
            _ => drop(self.close(key)),
        }
    }

    pub(super) fn is_abandoned(&self, key: Key) -> bool {
        matches!(self.entries.get(key.0), Some(Entry::Abandoned))
    }

    /// The task knows the outcome. Returns whether there is a caller, who is to be woken then.
    pub(super) fn settle(
        &mut self,
        key: Key,
        outcome: Result<T, Error>,
        wakers: &mut Vec<Waker>,
    ) -> bool {
        let Some(entry @ Entry::Open(_)) = self.entries.get_mut(key.0) else {
            drop(self.close(key));
            return false;
        };
        if let Entry::Open(Some(waker)) = mem::replace(entry, Entry::Settled(outcome)) {
            wakers.push(waker);
        }
        true
    }

    /// The task has ended, so no outcome will come.
    pub(super) fn lose_all(&mut self, wakers: &mut Vec<Waker>) {
        for (index, entry) in self.entries.iter_mut().enumerate() {
            match entry {
                Entry::Open(waker) => {
                    wakers.extend(waker.take());
                    *entry = Entry::Lost;
                }
                Entry::Abandoned => {
                    *entry = Entry::Free;
                    self.free.push(Key(index));
                }
                Entry::Free | Entry::Settled(_) | Entry::Lost => {}
            }
        }
    }

    /// Makes room for another message.
    fn close(&mut self, key: Key) -> Entry<T> {
        self.free.push(key);
        self.entries.get_mut(key.0).map_or(Entry::Free, |entry| mem::replace(entry, Entry::Free))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the caller is there, and what it finds in the end.
    fn check(
        caller: impl FnOnce(&mut Outcomes<u8>, Key),
        task: impl FnOnce(&mut Outcomes<u8>, Key),
        expected: Option<Poll<Option<u8>>>,
    ) {
        let mut outcomes = Outcomes::new();
        let key = outcomes.open();
        caller(&mut outcomes, key);
        task(&mut outcomes, key);
        if let Some(expected) = expected {
            let found = outcomes.poll(key, &Context::from_waker(Waker::noop()));
            assert_eq!(found.map(|outcome| outcome.map(Result::unwrap)), expected);
        }
        let is_free = !matches!(expected, Some(Poll::Pending));
        assert_eq!(outcomes.free.len(), usize::from(is_free));
        assert_eq!(outcomes.open().0, usize::from(!is_free), "entries are used again");
    }

    #[test]
    fn an_entry_is_used_again_when_both_owners_are_through() {
        let keep = |_: &mut Outcomes<u8>, _| {};
        let give_up = |outcomes: &mut Outcomes<u8>, key| outcomes.abandon(key);
        let settle = |outcomes: &mut Outcomes<u8>, key| {
            outcomes.settle(key, Ok(7), &mut Vec::new());
        };
        let lose = |outcomes: &mut Outcomes<u8>, _| outcomes.lose_all(&mut Vec::new());
        check(keep, keep, Some(Poll::Pending));
        check(keep, settle, Some(Poll::Ready(Some(7))));
        check(keep, lose, Some(Poll::Ready(None)));
        check(give_up, settle, None);
        check(give_up, lose, None);
        check(settle, give_up, None);
        check(lose, give_up, None);
    }

    #[test]
    fn who_waits_is_woken() {
        let mut outcomes = Outcomes::new();
        let mut wakers = Vec::new();
        for settle in [true, false] {
            let key = outcomes.open();
            assert!(outcomes.poll(key, &Context::from_waker(Waker::noop())).is_pending());
            if settle {
                assert!(outcomes.settle(key, Ok(()), &mut wakers));
            } else {
                outcomes.lose_all(&mut wakers);
            }
            assert_eq!(wakers.drain(..).count(), 1);
        }
        let key = outcomes.open();
        outcomes.abandon(key);
        assert!(outcomes.is_abandoned(key));
        assert!(!outcomes.settle(key, Ok(()), &mut wakers));
        assert!(wakers.is_empty());
    }
}
