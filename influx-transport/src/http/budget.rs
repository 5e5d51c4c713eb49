//! The memory for the bodies of all requests of a server.

use tokio::sync::{Semaphore, SemaphorePermit};

/// The memory for the bodies of all requests.
///
/// When it is used up, bodies wait until others are done. If all of them had only a part of what
/// they need, they would wait for ever; so one at a time may go on without.
#[derive(Debug)]
pub(super) struct Budget {
    bytes: Semaphore,
    overdraft: Semaphore,
}

impl Budget {
    pub(super) fn new(bytes: usize) -> Self {
        let bytes = bytes.min(Semaphore::MAX_PERMITS);
        Self { bytes: Semaphore::new(bytes), overdraft: Semaphore::new(1) }
    }

    pub(super) fn share(&self) -> Share<'_> {
        Share { budget: self, bytes: None, overdraft: None }
    }
}

/// The memory of one body, which is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Share<'a> {
    budget: &'a Budget,
    bytes: Option<SemaphorePermit<'a>>,
    overdraft: Option<SemaphorePermit<'a>>,
}

impl Share<'_> {
    /// Takes memory for this many bytes more, and waits until there is some. Safe to drop.
    pub(super) async fn grow(&mut self, bytes: usize) {
        if self.overdraft.is_some() {
            return;
        }
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        // Neither semaphore is ever closed, which is the only error.
        tokio::select! {
            biased;
            Ok(more) = self.budget.bytes.acquire_many(bytes) => match &mut self.bytes {
                Some(all) => all.merge(more),
                None => self.bytes = Some(more),
            },
            Ok(overdraft) = self.budget.overdraft.acquire() => self.overdraft = Some(overdraft),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn grow(share: &mut Share<'_>, bytes: usize) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        pin!(share.grow(bytes)).poll(&mut context) == Poll::Ready(())
    }

    #[test]
    fn one_body_goes_on_when_all_memory_is_used_up() {
        let budget = Budget::new(10);
        let [mut one, mut two, mut three] = [budget.share(), budget.share(), budget.share()];
        assert!(grow(&mut one, 6) && grow(&mut two, 4));
        assert!(grow(&mut one, 1), "the overdraft");
        assert!(grow(&mut one, usize::MAX) && !grow(&mut two, 1) && !grow(&mut three, 1));
        drop(one);
        assert!(grow(&mut two, 6) && grow(&mut three, 1) && grow(&mut three, 1));
        assert!(!grow(&mut two, 1));
        drop((two, three));
        assert!(grow(&mut budget.share(), 10));
    }
}
