//! Who may have more memory for an incomplete frame.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::sync::mpsc;

use super::Departure;
use super::budget::Budget;
use super::peer::Order;

/// Shares out the memory for large incomplete frames.
///
/// Up to three quarters of the budget everybody gets what is asked for. Beyond that, only those do
/// who have less than the average, and the oldest frame, so that one after the other becomes
/// complete. If not even that fits, the oldest frame is given up.
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

#[derive(Default)]
struct State {
    /// The orders to the peers' tasks, the oldest frame first.
    claims: BTreeMap<u64, mpsc::Sender<Order>>,
    next: u64,
    waiting: HashMap<u64, Waker>,
    /// The claim that is given up and not gone yet.
    condemned: Option<u64>,
}

impl Claims {
    pub(super) fn new(budget: &Arc<Budget>, max_bytes: usize) -> Self {
        Self { budget: Arc::clone(budget), max_bytes, state: Mutex::default() }
    }

    /// A claim of the peer whose task takes these orders.
    pub(super) fn enter(self: &Arc<Self>, orders: &mpsc::Sender<Order>) -> Claim {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        state.claims.insert(number, orders.clone());
        Claim { claims: Arc::clone(self), number }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that runs under the lock can leave it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Claim {
    /// Waits until a buffer of this capacity may become twice as large.
    pub(super) fn poll_double(&self, cx: &mut Context<'_>, capacity: usize) -> Poll<()> {
        let Claims { budget, max_bytes, .. } = &*self.claims;
        let mut state = self.claims.state();
        let demand = budget.used().saturating_add(capacity);
        let ample = max_bytes / 4 * 3;
        let share = ample / state.claims.len().max(1);
        let oldest = state.claims.keys().next() == Some(&self.number);
        if demand <= ample || (demand <= *max_bytes && (oldest || capacity * 2 <= share)) {
            return Poll::Ready(());
        }
        if demand > *max_bytes {
            state.give_up_oldest();
        }
        state.waiting.insert(self.number, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut state = self.claims.state();
        state.claims.remove(&self.number);
        state.condemned.take_if(|condemned| *condemned == self.number);
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_values().for_each(Waker::wake);
    }
}

impl State {
    /// One at a time: what it frees may suffice.
    fn give_up_oldest(&mut self) {
        if self.condemned.is_some() {
            return;
        }
        if let Some((number, orders)) = self.claims.first_key_value() {
            // A full channel holds an order to leave already.
            drop(orders.try_send(Order::Leave(Departure::Overloaded)));
            self.condemned = Some(*number);
        }
    }
}
