//! What waits for the peers, behind one lock.

mod members;
mod state;

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

use tokio::sync::Notify;

use self::state::State;
use super::batch::Batch;
use super::budget::Budget;
use super::claims::Claims;
use super::{BridgeError, BridgeOptions, PeerId, SlowPeer};

/// Where messages wait for their peers.
///
/// A message to all takes the lock once, whatever the number of peers, and so does every write to
/// a peer, whatever the number of its messages.
pub(super) struct Hub {
    pub(super) options: BridgeOptions,
    pub(super) budget: Arc<Budget>,
    pub(super) claims: Arc<Claims>,
    state: Mutex<State>,
    /// Tells senders that a queue has become shorter.
    room: Notify,
    /// Tells a server that a peer can make room for a new one.
    pub(super) dispensable: Notify,
}

/// Why a message was not put into a queue.
pub(super) enum Refusal {
    /// A queue is full, which is worth waiting for.
    Full,
    Error(BridgeError),
}

impl Hub {
    pub(super) fn new(options: BridgeOptions) -> Self {
        let budget = Arc::new(Budget::default());
        Self {
            claims: Arc::new(Claims::new(&budget, options.max_buffered_bytes)),
            options,
            state: Mutex::new(State::new(&budget)),
            budget,
            room: Notify::new(),
            dispensable: Notify::new(),
        }
    }

    /// Puts a frame into the queues of all peers. Returns of how many.
    pub(super) fn send(&self, frame: &[u8]) -> Result<usize, Refusal> {
        let mut state = self.state();
        let accepted = state.send(frame, &self.options)?;
        let wakers = state.take_idle();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        Ok(accepted)
    }

    /// Puts a frame into the queue of one peer.
    pub(super) fn send_to(&self, peer: PeerId, frame: &[u8]) -> Result<(), Refusal> {
        let waker = self.state().send_to(peer, frame, &self.options, &self.budget)?;
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// Tries again whenever a queue has become shorter.
    pub(super) async fn when_room<T>(
        &self,
        mut attempt: impl FnMut() -> Result<T, Refusal>,
    ) -> Result<T, BridgeError> {
        loop {
            let mut room = pin!(self.room.notified());
            room.as_mut().enable();
            match attempt() {
                Ok(done) => return Ok(done),
                Err(Refusal::Error(error)) => return Err(error),
                Err(Refusal::Full) => room.await,
            }
        }
    }

    /// Counts what the peer took, and takes what is to be written to it next. If there is nothing,
    /// the task is woken when there is.
    pub(super) fn next(
        &self,
        peer: PeerId,
        delivered: u64,
        max_frames: u64,
        cx: &mut Context<'_>,
    ) -> Option<Batch> {
        let mut state = self.state();
        let batch = state.next(peer, delivered, max_frames, &self.budget);
        let dispensable = batch.is_none() && state.park(peer, cx.waker());
        drop(state);
        if dispensable {
            self.dispensable.notify_one();
        }
        if self.options.slow_peer == SlowPeer::Wait {
            self.room.notify_waiters();
        }
        batch
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that runs under the lock can leave it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<BridgeError> for Refusal {
    fn from(error: BridgeError) -> Self {
        Self::Error(error)
    }
}
