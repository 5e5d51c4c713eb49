//! What the hub's lock protects.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::task::Waker;

use super::Refusal;
use crate::bridge::batch::Batch;
use crate::bridge::budget::Budget;
use crate::bridge::log::{Log, Position};
use crate::bridge::outbox::Outbox;
use crate::bridge::peer::Order;
use crate::bridge::stats::Totals;
use crate::bridge::{BridgeError, BridgeOptions, Departure, PeerId, SlowPeer, Undelivered};

pub(super) struct State {
    pub(super) log: Log,
    pub(super) outboxes: HashMap<PeerId, Outbox>,
    /// How many outboxes are open.
    pub(super) open: usize,
    /// The peers that may wait for something to write.
    pub(super) idle: Vec<PeerId>,
    /// While the log ends before this, no queue can overflow.
    safe_end: Position,
    /// The peers that have closed their sending sides, the longest ago first.
    pub(super) half_closed: VecDeque<PeerId>,
    pub(super) closing: bool,
    pub(super) undelivered: Vec<Undelivered>,
    pub(super) totals: Totals,
}

impl State {
    pub(super) fn new(budget: &Arc<Budget>) -> Self {
        Self {
            log: Log::new(Arc::clone(budget)),
            outboxes: HashMap::new(),
            open: 0,
            idle: Vec::new(),
            safe_end: Position::MAX,
            half_closed: VecDeque::new(),
            closing: false,
            undelivered: Vec::new(),
            totals: Totals::default(),
        }
    }

    pub(super) fn send(&mut self, frame: &[u8], options: &BridgeOptions) -> Result<usize, Refusal> {
        if self.closing {
            return Err(BridgeError::Closed.into());
        }
        self.make_room(frame.len(), options)?;
        let accepted = self.open;
        if accepted == 0 {
            self.totals.without_peer += 1;
            return Ok(0);
        }
        self.log.push(frame);
        self.totals.accepted += accepted as u64;
        if options.one_message_per_connection {
            for outbox in self.outboxes.values_mut().filter(|outbox| outbox.is_transient()) {
                self.open -= usize::from(outbox.shut(&mut self.log));
            }
        }
        Ok(accepted)
    }

    pub(super) fn send_to(
        &mut self,
        peer: PeerId,
        frame: &[u8],
        options: &BridgeOptions,
        budget: &Arc<Budget>,
    ) -> Result<Option<Waker>, Refusal> {
        if self.closing {
            return Err(BridgeError::Closed.into());
        }
        let outbox = self.outboxes.get_mut(&peer).filter(|outbox| outbox.is_open());
        let outbox = outbox.ok_or(BridgeError::Gone(peer))?;
        let log = &mut self.log;
        let scarce = budget.used().saturating_add(frame.len()) > options.max_buffered_bytes;
        while outbox.overflows(frame.len(), log, options) || (scarce && outbox.lag(log).frames > 0)
        {
            if relieve(outbox, log, options.slow_peer)? == Relief::Disconnected {
                self.open -= usize::from(!outbox.is_open());
                break;
            }
        }
        if !outbox.is_open() {
            return Err(BridgeError::Gone(peer).into());
        }
        outbox.push(frame, log, budget);
        self.totals.accepted += 1;
        if options.one_message_per_connection && outbox.is_transient() {
            self.open -= usize::from(outbox.shut(log));
        }
        self.safe_end = self.safe_end.least(outbox.safe_end(log, options));
        Ok(outbox.waker.take())
    }

    pub(super) fn next(
        &mut self,
        peer: PeerId,
        delivered: u64,
        max_frames: u64,
        budget: &Arc<Budget>,
    ) -> Option<Batch> {
        let outbox = self.outboxes.get_mut(&peer)?;
        outbox.delivered(delivered);
        outbox.take(&mut self.log, max_frames, budget)
    }

    /// Remembers that the peer's task waits for something to write. Returns whether the peer can
    /// make room for another one.
    pub(super) fn park(&mut self, peer: PeerId, waker: &Waker) -> bool {
        let Some(outbox) = self.outboxes.get_mut(&peer) else { return false };
        match &mut outbox.waker {
            Some(known) => known.clone_from(waker),
            None => outbox.waker = Some(waker.clone()),
        }
        if !std::mem::replace(&mut outbox.is_listed, true) {
            self.idle.push(peer);
        }
        outbox.is_half_closed
    }

    /// The wakers of all tasks that wait for something to write.
    pub(super) fn take_idle(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::with_capacity(self.idle.len());
        for peer in self.idle.drain(..) {
            if let Some(outbox) = self.outboxes.get_mut(&peer) {
                outbox.is_listed = false;
                wakers.extend(outbox.waker.take());
            }
        }
        wakers
    }

    /// A new outbox can overflow too.
    pub(super) fn watch(&mut self, outbox: &Outbox, options: &BridgeOptions) {
        self.safe_end = self.safe_end.least(outbox.safe_end(&self.log, options));
    }

    /// Makes room for one more frame, of this size, in all queues.
    fn make_room(&mut self, size: usize, options: &BridgeOptions) -> Result<(), Refusal> {
        let end = self.log.end();
        if end.frames < self.safe_end.frames && end.bytes + size as u64 <= self.safe_end.bytes {
            return Ok(());
        }
        let mut safe_end = Position::MAX;
        for outbox in self.outboxes.values_mut().filter(|outbox| outbox.is_open()) {
            while outbox.overflows(size, &self.log, options) {
                if relieve(outbox, &mut self.log, options.slow_peer)? == Relief::Disconnected {
                    self.open -= usize::from(!outbox.is_open());
                    break;
                }
            }
            safe_end = safe_end.least(outbox.safe_end(&self.log, options));
        }
        self.safe_end = safe_end;
        Ok(())
    }
}

#[derive(PartialEq)]
enum Relief {
    Disconnected,
    DroppedOne,
}

/// Does to a peer whose queue is full what the policy says.
fn relieve(outbox: &mut Outbox, log: &mut Log, policy: SlowPeer) -> Result<Relief, Refusal> {
    match (policy, &outbox.orders) {
        (SlowPeer::Wait, _) => Err(Refusal::Full),
        (SlowPeer::Disconnect, Some(orders)) => {
            // A full channel holds an order to leave already.
            drop(orders.try_send(Order::Leave(Departure::Slow)));
            outbox.drop_all(log);
            if outbox.is_transient() {
                outbox.shut(log);
            }
            Ok(Relief::Disconnected)
        }
        (SlowPeer::Disconnect, None) | (SlowPeer::DropOldest, _) => {
            outbox.drop_oldest(log);
            Ok(Relief::DroppedOne)
        }
    }
}
