//! The state behind the hub's lock.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::task::Waker;

use bytes::BytesMut;

use crate::bridge::block::Position;
use crate::bridge::budget::Budget;
use crate::bridge::event::{BridgeError, Departure, PeerId, Undelivered};
use crate::bridge::log::Log;
use crate::bridge::options::{BridgeOptions, SlowPeer};
use crate::bridge::outbox::{Order, Outbox};
use crate::bridge::stats::{BridgeStats, PeerStats};

pub(crate) struct State {
    options: Arc<BridgeOptions>,
    pub(crate) log: Log,
    pub(crate) outboxes: HashMap<PeerId, Outbox>,
    pub(crate) open: usize,
    /// The peers whose tasks may wait for a message.
    pub(crate) idle: Vec<PeerId>,
    /// While the log ends before this, no queue can overflow.
    pub(crate) safe_end: Position,
    /// The peers that have closed their sending sides, in this order.
    pub(crate) half_closed: VecDeque<PeerId>,
    pub(crate) closing: bool,
    pub(crate) undelivered: Vec<Undelivered>,
    pub(crate) totals: BridgeStats,
}

pub(crate) enum Refusal {
    Full,
    Error(BridgeError),
}

impl State {
    pub(crate) fn new(options: &Arc<BridgeOptions>, budget: &Arc<Budget>) -> Self {
        Self {
            options: Arc::clone(options),
            log: Log::new(Arc::clone(budget)),
            outboxes: HashMap::new(),
            open: 0,
            idle: Vec::new(),
            safe_end: Position::MAX,
            half_closed: VecDeque::new(),
            closing: false,
            undelivered: Vec::new(),
            totals: BridgeStats::default(),
        }
    }

    pub(crate) fn send(&mut self, frame: &mut BytesMut) -> Result<usize, Refusal> {
        if self.closing {
            return Err(Refusal::Error(BridgeError::Closed));
        }
        let end = self.log.end();
        if end.frames >= self.safe_end.frames
            || end.bytes + frame.len() as u64 > self.safe_end.bytes
        {
            self.make_room(frame.len())?;
        }
        let accepted = self.open;
        if accepted == 0 {
            self.totals.without_peer += 1;
            return Ok(0);
        }
        self.log.push(frame);
        self.totals.sent.accepted += accepted as u64;
        if self.options.one_message_per_connection {
            for outbox in self.outboxes.values_mut().filter(|outbox| outbox.is_transient) {
                self.open -= usize::from(outbox.feed.shut(&mut self.log));
            }
        }
        Ok(accepted)
    }

    pub(crate) fn send_to(
        &mut self,
        peer: PeerId,
        frame: &mut BytesMut,
    ) -> Result<Option<Waker>, Refusal> {
        if self.closing {
            return Err(Refusal::Error(BridgeError::Closed));
        }
        let Self { options, log, .. } = self;
        let outbox = self.outboxes.get_mut(&peer).filter(|outbox| outbox.feed.is_open());
        let outbox = outbox.ok_or(Refusal::Error(BridgeError::Gone(peer)))?;
        let scarce = log.budget().is_short(frame.len());
        relieve(outbox, log, options.slow_peer, |outbox, log| {
            outbox.overflows(frame.len(), log) || scarce && outbox.feed.lag(log).frames > 0
        })?;
        if !outbox.feed.is_open() {
            self.open -= 1;
            return Err(Refusal::Error(BridgeError::Gone(peer)));
        }
        outbox.feed.push(frame, log);
        self.totals.sent.accepted += 1;
        if options.one_message_per_connection && outbox.is_transient {
            self.open -= usize::from(outbox.feed.shut(log));
        }
        self.safe_end = self.safe_end.least(outbox.safe_end(log));
        Ok(outbox.waker.take())
    }

    pub(crate) fn take_idle(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::with_capacity(self.idle.len());
        for peer in self.idle.drain(..) {
            if let Some(outbox) = self.outboxes.get_mut(&peer) {
                outbox.is_listed = false;
                wakers.extend(outbox.waker.take());
            }
        }
        wakers
    }

    pub(crate) fn disconnect(&self, peer: PeerId) -> Result<(), BridgeError> {
        let order = Order::Leave(Departure::Disconnected);
        let ordered = self.outboxes.get(&peer).is_some_and(|outbox| outbox.order(order));
        if ordered { Ok(()) } else { Err(BridgeError::Gone(peer)) }
    }

    pub(crate) fn is_drained(&self, peer: PeerId) -> bool {
        self.outboxes.get(&peer).is_none_or(|outbox| outbox.queued(&self.log) == 0)
    }

    pub(crate) fn peer_stats(&self) -> Vec<PeerStats> {
        let outboxes = self.outboxes.iter();
        let mut peers: Vec<_> =
            outboxes.map(|(peer, outbox)| outbox.stats(*peer, &self.log)).collect();
        peers.sort_by_key(|stats| stats.peer);
        peers
    }

    pub(crate) fn stats(&self) -> BridgeStats {
        let mut sum = BridgeStats { buffered_bytes: self.log.budget().used(), ..self.totals };
        for (peer, outbox) in &self.outboxes {
            add(&mut sum, &outbox.stats(*peer, &self.log));
        }
        sum
    }

    /// Makes room for one more frame of `size` bytes in all queues.
    fn make_room(&mut self, size: usize) -> Result<(), Refusal> {
        let mut safe_end = Position::MAX;
        for outbox in self.outboxes.values_mut().filter(|outbox| outbox.feed.is_open()) {
            relieve(outbox, &mut self.log, self.options.slow_peer, |outbox, log| {
                outbox.overflows(size, log)
            })?;
            self.open -= usize::from(!outbox.feed.is_open());
            safe_end = safe_end.least(outbox.safe_end(&self.log));
        }
        self.safe_end = safe_end;
        Ok(())
    }
}

/// Treats a peer by the policy while its queue is full.
fn relieve(
    outbox: &mut Outbox,
    log: &mut Log,
    policy: SlowPeer,
    is_full: impl Fn(&Outbox, &Log) -> bool,
) -> Result<(), Refusal> {
    while is_full(outbox, log) {
        match policy {
            SlowPeer::Wait => return Err(Refusal::Full),
            SlowPeer::Disconnect if outbox.orders.is_some() => {
                outbox.order(Order::Leave(Departure::Slow));
                outbox.drop_all(log);
                if outbox.is_transient {
                    outbox.feed.shut(log);
                }
                break;
            }
            SlowPeer::Disconnect | SlowPeer::DropOldest => outbox.drop_oldest(log),
        }
    }
    Ok(())
}

/// Adds a peer's counters, except `accepted`: it is counted apart for all peers, as a proof.
pub(super) fn add(sum: &mut BridgeStats, peer: &PeerStats) {
    sum.peers += usize::from(peer.connected);
    sum.received += peer.received;
    sum.received_bytes += peer.received_bytes;
    sum.lost_bytes += peer.lost_bytes;
    sum.sent.delivered += peer.sent.delivered;
    sum.sent.dropped_slow += peer.sent.dropped_slow;
    sum.sent.dropped_left += peer.sent.dropped_left;
    sum.sent.queued += peer.sent.queued;
}
