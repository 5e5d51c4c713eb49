//! How peers come and go.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::Hub;
use super::state::State;
use crate::Endpoint;
use crate::bridge::batch::Batch;
use crate::bridge::event::{BridgeError, Departure, PeerId, Undelivered};
use crate::bridge::outbox::{Order, Outbox};
use crate::bridge::stats::{BridgeStats, PeerStats, Traffic};

impl Hub {
    /// Opens a queue, which ends with its connection if it is transient.
    pub(crate) fn join(&self, peer: PeerId, endpoint: Endpoint, is_transient: bool) {
        let mut state = self.state();
        let outbox = Outbox::new(endpoint, is_transient, &self.options, &mut state.log);
        // The new queue can overflow too.
        state.safe_end = state.safe_end.least(outbox.safe_end(&state.log));
        state.outboxes.insert(peer, outbox);
        state.open += 1;
    }

    /// Registers a connection to the peer, whose task is to carry out the orders.
    pub(crate) fn attach(&self, peer: PeerId) -> (mpsc::Receiver<Order>, Arc<Traffic>) {
        let (orders, receiver) = mpsc::channel(ORDERS);
        let mut state = self.state();
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
    pub(crate) fn detach(&self, peer: PeerId, delivered: u64, unfinished: Option<Batch>) {
        let mut state = self.state();
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

    pub(crate) fn leave(&self, peer: PeerId) {
        let mut guard = self.state();
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

    pub(crate) fn disconnect(&self, peer: PeerId) -> Result<(), BridgeError> {
        let order = Order::Leave(Departure::Disconnected);
        let ordered = self.state().outboxes.get(&peer).is_some_and(|outbox| outbox.order(order));
        if ordered { Ok(()) } else { Err(BridgeError::Gone(peer)) }
    }

    /// Registers that the peer has closed its sending side. Returns whether its connection goes on:
    /// a client leaves its server then.
    pub(crate) fn half_close(&self, peer: PeerId) -> bool {
        let mut state = self.state();
        let outbox = state.outboxes.get_mut(&peer).filter(|outbox| outbox.is_transient);
        let Some(outbox) = outbox else { return false };
        outbox.is_half_closed = true;
        state.half_closed.push_back(peer);
        drop(state);
        self.dispensable.notify_one();
        true
    }

    /// Closes the connection that was half closed first, of those with an empty queue.
    pub(crate) fn make_room_for_peer(&self) {
        let mut guard = self.state();
        let State { half_closed, outboxes, log, .. } = &mut *guard;
        let drained =
            |peer: &PeerId| outboxes.get(peer).is_some_and(|outbox| outbox.is_drained(log));
        let index = half_closed.iter().position(drained);
        let peer = index.and_then(|index| half_closed.remove(index));
        if let Some(outbox) = peer.and_then(|peer| outboxes.get(&peer)) {
            outbox.order(Order::Leave(Departure::Closed));
        }
    }

    /// Accepts no more messages, and closes all connections when their queues are empty.
    pub(crate) fn begin_closing(&self) {
        let mut state = self.state();
        state.closing = true;
        for outbox in state.outboxes.values() {
            outbox.order(Order::Finish);
        }
        drop(state);
        self.room.notify_waiters();
    }

    pub(crate) fn is_drained(&self, peer: PeerId) -> bool {
        let state = self.state();
        state.outboxes.get(&peer).is_none_or(|outbox| outbox.is_drained(&state.log))
    }

    pub(crate) fn peer_stats(&self) -> Vec<PeerStats> {
        let state = self.state();
        let outboxes = state.outboxes.iter();
        let mut peers: Vec<_> =
            outboxes.map(|(peer, outbox)| outbox.stats(*peer, &state.log)).collect();
        peers.sort_by_key(|stats| stats.peer);
        peers
    }

    pub(crate) fn stats(&self) -> BridgeStats {
        let state = self.state();
        let mut sum = BridgeStats { buffered_bytes: self.budget.used(), ..state.totals };
        for (peer, outbox) in &state.outboxes {
            add(&mut sum, &outbox.stats(*peer, &state.log));
        }
        sum
    }
}

/// Adds a peer's counters, except `accepted`: it is counted apart for all peers, as a proof.
fn add(sum: &mut BridgeStats, peer: &PeerStats) {
    sum.peers += usize::from(peer.connected);
    sum.received += peer.received;
    sum.received_bytes += peer.received_bytes;
    sum.sent.delivered += peer.sent.delivered;
    sum.sent.dropped_slow += peer.sent.dropped_slow;
    sum.sent.dropped_left += peer.sent.dropped_left;
    sum.sent.queued += peer.sent.queued;
}

/// At most one order of each kind waits; a few more do no harm.
const ORDERS: usize = 4;
