//! The order in which peers get memory for large incomplete frames.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::budget::Budget;

/// Shares out the memory for large incomplete frames.
///
/// Up to three quarters of the budget, every frame may grow. Above that, only the oldest one may, so
/// that one after the other becomes complete; all others wait. If the budget does not even suffice
/// for the oldest frame, it is given up.
pub(super) struct Claims {
    budget: Arc<Budget>,
    max_bytes: usize,
    state: Mutex<State>,
}

/// A large incomplete frame.
pub(super) struct Claim {
    claims: Arc<Claims>,
    number: u64,
}

/// The budget does not suffice for the oldest frame.
#[derive(Debug, PartialEq)]
pub(super) struct Overloaded;

#[derive(Default)]
struct State {
    /// The oldest claim has the lowest number.
    claims: BTreeSet<u64>,
    next: u64,
    waiting: HashMap<u64, Waker>,
}

impl Claims {
    pub(super) fn new(budget: &Arc<Budget>, max_bytes: usize) -> Self {
        Self { budget: Arc::clone(budget), max_bytes, state: Mutex::default() }
    }

    pub(super) fn enter(self: &Arc<Self>) -> Claim {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        state.claims.insert(number);
        Claim { claims: Arc::clone(self), number }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code under the lock can leave the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Claim {
    /// Waits until the frame may grow by `bytes`.
    pub(super) fn poll_more(
        &self,
        cx: &mut Context<'_>,
        bytes: usize,
    ) -> Poll<Result<(), Overloaded>> {
        let Claims { budget, max_bytes, .. } = &*self.claims;
        let mut state = self.claims.state();
        let demand = budget.used().saturating_add(bytes);
        if demand <= max_bytes / 4 * 3 {
            return Poll::Ready(Ok(()));
        }
        if state.claims.first() == Some(&self.number) {
            return Poll::Ready(if demand <= *max_bytes { Ok(()) } else { Err(Overloaded) });
        }
        state.waiting.insert(self.number, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut state = self.claims.state();
        state.claims.remove(&self.number);
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_values().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use super::super::budget::Charge;
    use super::*;

    #[test]
    fn beyond_three_quarters_only_the_oldest_gets_more() {
        let budget = Arc::new(Budget::default());
        let claims = Arc::new(Claims::new(&budget, 100));
        let mut cx = Context::from_waker(Waker::noop());
        let granted = Poll::Ready(Ok(()));
        let (oldest, second) = (claims.enter(), claims.enter());
        let mut used = Charge::new(&budget, 50);
        assert_eq!(second.poll_more(&mut cx, 25), granted);
        assert_eq!(second.poll_more(&mut cx, 26), Poll::Pending);
        assert_eq!(oldest.poll_more(&mut cx, 50), granted);
        assert_eq!(oldest.poll_more(&mut cx, 51), Poll::Ready(Err(Overloaded)));
        drop(oldest);
        assert_eq!(second.poll_more(&mut cx, 26), granted);
        used.set(200);
        assert_eq!(second.poll_more(&mut cx, 1), Poll::Ready(Err(Overloaded)));
    }
}
