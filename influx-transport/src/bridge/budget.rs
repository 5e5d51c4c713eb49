//! The memory that all peers of a bridge take together.

use std::collections::{BTreeSet, HashMap};
use std::mem::{replace, take};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use crate::lock::Lock;

/// Counts the bytes that are buffered for all peers, each buffer once even if many peers share it,
/// and shares out the memory for large incomplete frames.
///
/// Up to three quarters of the limit, every frame may grow. Above that, only the oldest one may, so
/// that one after the other becomes complete; all others wait.
#[derive(Debug, Default)]
pub(super) struct Budget {
    used: AtomicUsize,
    max: usize,
    claims: Lock<Claims>,
}

#[derive(Debug, Default)]
struct Claims {
    open: BTreeSet<u64>,
    next: u64,
    waiting: HashMap<u64, Waker>,
}

impl Budget {
    pub(super) fn new(max: usize) -> Self {
        Self { max, ..Self::default() }
    }

    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    pub(super) fn is_short(&self, bytes: usize) -> bool {
        self.used().saturating_add(bytes) > self.max
    }
}

#[derive(Debug)]
pub(super) struct Charge {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Charge {
    pub(super) fn new(budget: &Arc<Budget>, bytes: usize) -> Self {
        let mut charge = Self { budget: Arc::clone(budget), bytes: 0 };
        charge.set(bytes);
        charge
    }

    pub(super) fn set(&mut self, bytes: usize) {
        let before = replace(&mut self.bytes, bytes);
        // The sum is never less than one of its parts.
        self.budget.used.fetch_add(bytes.wrapping_sub(before), Ordering::Relaxed);
    }

    /// The bytes for sharing. They stay charged until the last clone or slice is dropped.
    pub(super) fn share(self, bytes: Vec<u8>) -> Bytes {
        Bytes::from_owner(Shared { bytes, _charge: self })
    }

    pub(super) fn claim(&self) -> Claim {
        let mut claims = self.budget.claims.lock();
        let number = claims.next;
        claims.next += 1;
        claims.open.insert(number);
        Claim { budget: Arc::clone(&self.budget), number }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.set(0);
    }
}

struct Shared {
    bytes: Vec<u8>,
    _charge: Charge,
}

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The place of a large incomplete frame in the line.
pub(super) struct Claim {
    budget: Arc<Budget>,
    number: u64,
}

impl Claim {
    /// Waits until the frame may grow by `bytes`. Returns whether the budget suffices for that.
    pub(super) fn poll_more(&self, cx: &mut Context<'_>, bytes: usize) -> Poll<bool> {
        let mut claims = self.budget.claims.lock();
        if self.budget.used().saturating_add(bytes) <= self.budget.max / 4 * 3 {
            return Poll::Ready(true);
        }
        if claims.open.first() == Some(&self.number) {
            return Poll::Ready(!self.budget.is_short(bytes));
        }
        claims.waiting.insert(self.number, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut claims = self.budget.claims.lock();
        claims.open.remove(&self.number);
        let waiting = take(&mut claims.waiting);
        drop(claims);
        waiting.into_values().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_bytes_count_once_and_until_the_last_part_is_dropped() {
        let budget = Arc::new(Budget::new(1000));
        let bytes = Charge::new(&budget, 100).share(b"message".to_vec());
        let part = bytes.slice(1..2);
        drop((bytes.clone(), bytes));
        assert_eq!((budget.used(), &part[..]), (100, &b"e"[..]));
        drop(part);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn a_charge_grows_and_shrinks() {
        let budget = Arc::new(Budget::new(1000));
        let mut charge = Charge::new(&budget, 10);
        let other = Charge::new(&budget, 5);
        charge.set(3);
        assert_eq!(budget.used(), 8);
        charge.set(30);
        drop(other);
        assert_eq!(budget.used(), 30);
        drop(charge);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn beyond_three_quarters_only_the_oldest_gets_more() {
        let budget = Arc::new(Budget::new(100));
        let mut cx = Context::from_waker(Waker::noop());
        let mut used = Charge::new(&budget, 50);
        let (oldest, second) = (used.claim(), used.claim());
        assert_eq!(second.poll_more(&mut cx, 25), Poll::Ready(true));
        assert_eq!(second.poll_more(&mut cx, 26), Poll::Pending);
        assert_eq!(oldest.poll_more(&mut cx, 50), Poll::Ready(true));
        assert_eq!(oldest.poll_more(&mut cx, 51), Poll::Ready(false));
        drop(oldest);
        assert_eq!(second.poll_more(&mut cx, 26), Poll::Ready(true));
        used.set(200);
        assert_eq!(second.poll_more(&mut cx, 1), Poll::Ready(false));
    }
}
