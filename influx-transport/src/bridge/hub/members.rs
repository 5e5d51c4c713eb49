//! How peers come and go.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::Hub;
use super::state::State;
use crate::Endpoint;
use crate::bridge::batch::Batch;
use crate::bridge::outbox::{Lifetime, Outbox};
use crate::bridge::peer::Order;
use crate::bridge::stats::{BridgeStats, PeerStats};
use crate::bridge::traffic::Traffic;
use crate::bridge::{BridgeError, Departure, PeerId, Undelivered};

impl Hub {
    /// A queue for a new peer.
    pub(in crate::bridge) fn join(&self, peer: PeerId, endpoint: Endpoint, lifetime: Lifetime) {
        let mut state = self.state();
        let outbox = Outbox::new(endpoint, lifetime, &mut state.log);
        state.watch(&outbox, &self.options);
        state.outboxes.insert(peer, outbox);
        state.open += 1;
    }

    /// The peer has a connection. Its task is to carry out the orders.
    pub(in crate::bridge) fn attach(&self, peer: PeerId) -> (mpsc::Receiver<Order>, Arc<Traffic>) {
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

    /// The peer has no connection any more. What it has not taken waits for the next one, or is
    /// dropped if there will be none.
    pub(in crate::bridge) fn detach(
        &self,
        peer: PeerId,
        delivered: u64,
        unfinished: Option<Batch>,
    ) {
        let mut state = self.state();
        let Some(outbox) = state.outboxes.get_mut(&peer) else { return };
        outbox.orders = None;
        outbox.waker = None;
        outbox.delivered(delivered);
        if let Some(batch) = unfinished {
            outbox.put_back(batch);
        }
        let leaves = outbox.is_transient();
        drop(state);
        if leaves {
            self.leave(peer);
        }
    }

    /// Ends a peer's queue.
    pub(in crate::bridge) fn leave(&self, peer: PeerId) {
        let mut guard = self.state();
        let state = &mut *guard;
        let Some(mut outbox) = state.outboxes.remove(&peer) else { return };
        state.idle.retain(|idle| *idle != peer);
        state.half_closed.retain(|half_closed| *half_closed != peer);
        state.open -= usize::from(outbox.is_open());
        if state.closing {
            let messages = outbox.take_all(&mut state.log, &self.budget);
            if !messages.is_empty() {
                let endpoint = outbox.endpoint.clone();
                state.undelivered.push(Undelivered { peer, endpoint, messages });
            }
        }
        let totals = &mut state.totals;
        totals.received += outbox.traffic.messages();
        totals.received_bytes += outbox.traffic.bytes();
        totals.sent += outbox.finish(&mut state.log);
        drop(guard);
        self.room.notify_waiters();
    }

    /// Has the peer's connection closed.
    pub(in crate::bridge) fn disconnect(&self, peer: PeerId) -> Result<(), BridgeError> {
        let state = self.state();
        let outbox = state.outboxes.get(&peer).and_then(|outbox| outbox.orders.as_ref());
        let orders = outbox.ok_or(BridgeError::Gone(peer))?;
        // A full channel holds an order to leave already.
        drop(orders.try_send(Order::Leave(Departure::Disconnected)));
        Ok(())
    }

    /// The peer has closed its sending side.
    pub(in crate::bridge) fn half_closed(&self, peer: PeerId) {
        let mut state = self.state();
        state.half_closed.push_back(peer);
        if let Some(outbox) = state.outboxes.get_mut(&peer) {
            outbox.is_half_closed = true;
        }
        drop(state);
        self.dispensable.notify_one();
    }

    /// Has the connection closed that was half closed the longest, and for which nothing waits.
    pub(in crate::bridge) fn make_room_for_peer(&self) {
        let mut guard = self.state();
        let State { half_closed, outboxes, log, .. } = &mut *guard;
        let drained =
            |peer: &PeerId| outboxes.get(peer).is_some_and(|outbox| outbox.is_drained(log));
        let Some(index) = half_closed.iter().position(drained) else { return };
        let peer = half_closed.remove(index);
        let outbox = peer.and_then(|peer| outboxes.get(&peer));
        if let Some(orders) = outbox.and_then(|outbox| outbox.orders.as_ref()) {
            drop(orders.try_send(Order::Leave(Departure::Closed)));
        }
    }

    /// Accepts no more messages, and has all connections closed when their queues are empty.
    pub(in crate::bridge) fn begin_closing(&self) {
        let mut state = self.state();
        state.closing = true;
        for orders in state.outboxes.values().filter_map(|outbox| outbox.orders.as_ref()) {
            drop(orders.try_send(Order::Finish));
        }
        drop(state);
        self.room.notify_waiters();
    }

    /// What was not delivered when the bridge was closed.
    pub(in crate::bridge) fn take_undelivered(&self) -> Vec<Undelivered> {
        std::mem::take(&mut self.state().undelivered)
    }

    /// Whether nothing waits for the peer.
    pub(in crate::bridge) fn is_drained(&self, peer: PeerId) -> bool {
        let state = self.state();
        state.outboxes.get(&peer).is_none_or(|outbox| outbox.is_drained(&state.log))
    }

    pub(in crate::bridge) fn connect_failed(&self) {
        self.state().totals.connect_failures += 1;
    }

    pub(in crate::bridge) fn peer_stats(&self) -> Vec<PeerStats> {
        let state = self.state();
        let mut peers: Vec<PeerStats> =
            state.outboxes.iter().map(|(peer, outbox)| outbox.stats(*peer, &state.log)).collect();
        peers.sort_by_key(|stats| stats.peer);
        peers
    }

    pub(in crate::bridge) fn stats(&self) -> BridgeStats {
        let state = self.state();
        let totals = &state.totals;
        let mut sum = BridgeStats {
            peers: 0,
            joined: totals.joined,
            connect_failures: totals.connect_failures,
            received: totals.received,
            received_bytes: totals.received_bytes,
            sent: totals.sent,
            without_peer: totals.without_peer,
            buffered_bytes: self.budget.used(),
        };
        for outbox in state.outboxes.values() {
            sum.peers += usize::from(outbox.orders.is_some());
            sum.received += outbox.traffic.messages();
            sum.received_bytes += outbox.traffic.bytes();
            sum.sent += outbox.deliveries(&state.log);
        }
        // Counted apart, so that each proves the other.
        sum.sent.accepted = totals.accepted;
        sum
    }
}

/// At most one order of each kind is waiting; a few more do no harm.
const ORDERS: usize = 4;
