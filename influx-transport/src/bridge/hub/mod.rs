//! The queues of all peers, behind one lock.

mod state;

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use bytes::BytesMut;
use tokio::sync::{Notify, mpsc};

pub(super) use self::state::Refusal;
use self::state::{State, add};
use super::block::Batch;
use super::budget::Budget;
use super::event::{BridgeError, Departure, PeerId, Undelivered};
use super::options::{BridgeOptions, SlowPeer};
use super::outbox::{Order, Outbox};
use super::stats::Traffic;
use crate::Endpoint;
use crate::lock::Lock;

/// Where messages wait for their peers.
///
/// A message to all takes the lock once for any number of peers, and a write to a peer once for any
/// number of messages.
pub(super) struct Hub {
    pub(super) options: Arc<BridgeOptions>,
    pub(super) budget: Arc<Budget>,
    pub(super) state: Lock<State>,
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
            state: Lock::new(State::new(&options, &budget)),
            options,
            budget,
            room: Notify::new(),
            dispensable: Notify::new(),
        }
    }

    pub(super) fn send(&self, frame: &mut BytesMut) -> Result<usize, Refusal> {
        let mut state = self.state.lock();
        let accepted = state.send(frame)?;
        let wakers = state.take_idle();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        Ok(accepted)
    }

    pub(super) fn send_to(&self, peer: PeerId, frame: &mut BytesMut) -> Result<(), Refusal> {
        let waker = self.state.lock().send_to(peer, frame)?;
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
        let mut guard = self.state.lock();
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

    /// Opens a queue, which ends with its connection if it is transient.
    pub(super) fn join(&self, peer: PeerId, endpoint: Endpoint, is_transient: bool) {
        let mut state = self.state.lock();
        let outbox = Outbox::new(endpoint, is_transient, &self.options, &mut state.log);
        // The new queue can overflow too.
        state.safe_end = state.safe_end.least(outbox.safe_end(&state.log));
        state.outboxes.insert(peer, outbox);
        state.open += 1;
    }

    /// Registers a connection to the peer, whose task is to carry out the orders.
    pub(super) fn attach(&self, peer: PeerId) -> (mpsc::Receiver<Order>, Arc<Traffic>) {
        let (orders, receiver) = mpsc::channel(ORDERS);
        let mut state = self.state.lock();
        state.totals.joined += 1;
        if state.closing {
            drop(orders.try_send(Order::Finish));
        }
        let traffic = state.outboxes.get_mut(&peer).map(|outbox| {
            outbox.orders = Some(orders);
            Arc::clone(&outbox.traffic)
        });
        (receiver, traffic.unwrap_or_default())
    }

    /// Registers the end of the peer's connection. The rest of the queue waits for the next one, or
    /// is dropped if there will be none.
    pub(super) fn detach(&self, peer: PeerId, delivered: u64, unfinished: Option<Batch>) {
        let mut state = self.state.lock();
        let Some(outbox) = state.outboxes.get_mut(&peer) else { return };
        outbox.orders = None;
        outbox.waker = None;
        outbox.delivered(delivered);
        if let Some(batch) = unfinished {
            outbox.put_back(batch);
        }
        let leaves = outbox.is_transient;
        drop(state);
        if leaves {
            self.leave(peer);
        }
    }

    pub(super) fn leave(&self, peer: PeerId) {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        let Some(mut outbox) = state.outboxes.remove(&peer) else { return };
        state.idle.retain(|idle| *idle != peer);
        state.half_closed.retain(|half_closed| *half_closed != peer);
        state.open -= usize::from(outbox.feed.is_open());
        if state.closing {
            let messages = outbox.take_all(&mut state.log);
            if !messages.is_empty() {
                let endpoint = outbox.endpoint.clone();
                state.undelivered.push(Undelivered { peer, endpoint, messages });
            }
        }
        outbox.finish(&mut state.log);
        add(&mut state.totals, &outbox.stats(peer, &state.log));
        drop(guard);
        self.room.notify_waiters();
    }

    /// Registers that the peer has closed its sending side. Returns whether its connection goes on:
    /// a client leaves its server then.
    pub(super) fn half_close(&self, peer: PeerId) -> bool {
        let mut state = self.state.lock();
        let outbox = state.outboxes.get_mut(&peer).filter(|outbox| outbox.is_transient);
        let Some(outbox) = outbox else { return false };
        outbox.is_half_closed = true;
        state.half_closed.push_back(peer);
        drop(state);
        self.dispensable.notify_one();
        true
    }

    /// Closes the connection that was half closed first, of those with an empty queue.
    pub(super) fn make_room_for_peer(&self) {
        let mut guard = self.state.lock();
        let State { half_closed, outboxes, log, .. } = &mut *guard;
        let drained =
            |peer: &PeerId| outboxes.get(peer).is_some_and(|outbox| outbox.queued(log) == 0);
        let index = half_closed.iter().position(drained);
        let peer = index.and_then(|index| half_closed.remove(index));
        if let Some(outbox) = peer.and_then(|peer| outboxes.get(&peer)) {
            outbox.order(Order::Leave(Departure::Closed));
        }
    }

    /// Accepts no more messages, and closes all connections when their queues are empty.
    pub(super) fn begin_closing(&self) {
        let mut state = self.state.lock();
        state.closing = true;
        for outbox in state.outboxes.values() {
            outbox.order(Order::Finish);
        }
        drop(state);
        self.room.notify_waiters();
    }
}

/// At most one order of each kind waits; a few more do no harm.
const ORDERS: usize = 4;
