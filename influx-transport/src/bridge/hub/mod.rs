//! The queues of all peers, behind one lock.

mod members;
mod state;

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

use tokio::sync::Notify;

pub(super) use self::state::Refusal;
use self::state::State;
use super::batch::Batch;
use super::budget::Budget;
use super::event::{BridgeError, PeerId};
use super::options::{BridgeOptions, SlowPeer};

/// Where messages wait for their peers.
///
/// A message to all takes the lock once for any number of peers, and a write to a peer once for any
/// number of messages.
pub(super) struct Hub {
    pub(super) options: Arc<BridgeOptions>,
    pub(super) budget: Arc<Budget>,
    state: Mutex<State>,
    /// Tells senders that a queue has become shorter.
    room: Notify,
    /// Tells a server that a peer can make room for a new one.
    pub(super) dispensable: Notify,
}

impl Hub {
    pub(super) fn new(options: BridgeOptions) -> Self {
        let budget = Arc::new(Budget::new(options.max_buffered_bytes));
        let options = Arc::new(options);
        Self {
            state: Mutex::new(State::new(&options, &budget)),
            options,
            budget,
            room: Notify::new(),
            dispensable: Notify::new(),
        }
    }

    pub(super) fn send(&self, frame: &[u8]) -> Result<usize, Refusal> {
        let mut state = self.state();
        let accepted = state.send(frame)?;
        let wakers = state.take_idle();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        Ok(accepted)
    }

    pub(super) fn send_to(&self, peer: PeerId, frame: &[u8]) -> Result<(), Refusal> {
        let waker = self.state().send_to(peer, frame)?;
        waker.into_iter().for_each(Waker::wake);
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

    /// Counts the frames that the peer took, and takes out the next batch. If there is none, the
    /// task is woken for the next message.
    pub(super) fn next(
        &self,
        peer: PeerId,
        delivered: u64,
        max_frames: u64,
        cx: &mut Context<'_>,
    ) -> Option<Batch> {
        let mut guard = self.state();
        let State { log, outboxes, idle, .. } = &mut *guard;
        let outbox = outboxes.get_mut(&peer)?;
        outbox.delivered(delivered);
        let batch = outbox.take(log, max_frames);
        if batch.is_none() && outbox.park(cx.waker()) {
            idle.push(peer);
        }
        let dispensable = batch.is_none() && outbox.is_half_closed;
        drop(guard);
        if dispensable {
            self.dispensable.notify_one();
        }
        if self.options.slow_peer == SlowPeer::Wait {
            self.room.notify_waiters();
        }
        batch
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // No code under the lock can leave the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
