//! What waits for one peer.

use std::sync::Arc;
use std::task::Waker;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::batch::Batch;
use super::budget::Budget;
use super::feed::Feed;
use super::log::{Log, Position};
use super::peer::Order;
use super::stats::{Deliveries, PeerStats};
use super::traffic::Traffic;
use super::{BridgeOptions, PeerId};
use crate::Endpoint;

/// What waits for one peer, and what became of it.
pub(super) struct Outbox {
    pub(super) endpoint: Endpoint,
    lifetime: Lifetime,
    feed: Feed,
    /// What a connection that broke left over.
    resend: Option<Batch>,
    /// How many frames are being written.
    in_flight: u64,
    delivered: u64,
    dropped_slow: u64,
    dropped_left: u64,
    pub(super) traffic: Arc<Traffic>,
    /// To the task of its connection.
    pub(super) orders: Option<mpsc::Sender<Order>>,
    /// The task, if it waits for something to write.
    pub(super) waker: Option<Waker>,
    /// Whether it is in the hub's list of those that wait.
    pub(super) is_listed: bool,
    /// Whether the peer has closed its sending side.
    pub(super) is_half_closed: bool,
}

/// How long a queue lasts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Lifetime {
    /// As long as the bridge.
    Bridge,
    /// As long as the connection.
    Connection,
}

impl Outbox {
    pub(super) fn new(endpoint: Endpoint, lifetime: Lifetime, log: &mut Log) -> Self {
        Self {
            endpoint,
            lifetime,
            feed: Feed::new(log),
            resend: None,
            in_flight: 0,
            delivered: 0,
            dropped_slow: 0,
            dropped_left: 0,
            traffic: Arc::default(),
            orders: None,
            waker: None,
            is_listed: false,
            is_half_closed: false,
        }
    }

    /// Whether it is sent more.
    pub(super) fn is_open(&self) -> bool {
        self.feed.is_open()
    }

    /// Whether it ends with its connection.
    pub(super) fn is_transient(&self) -> bool {
        self.lifetime == Lifetime::Connection
    }

    /// Sends it no more. Returns whether that is new.
    pub(super) fn shut(&mut self, log: &mut Log) -> bool {
        self.feed.shut(log)
    }

    /// What waits, besides what is being written.
    pub(super) fn lag(&self, log: &Log) -> Position {
        self.feed.lag(log)
    }

    /// Whether one more frame, of this size, is too much.
    pub(super) fn overflows(&self, size: usize, log: &Log, options: &BridgeOptions) -> bool {
        let lag = self.lag(log);
        lag.frames >= options.max_queued_messages as u64
            || (lag.frames > 0 && lag.bytes + size as u64 > options.max_queued_bytes as u64)
    }

    /// How far the log can grow until one more frame may be too much.
    pub(super) fn safe_end(&self, log: &Log, options: &BridgeOptions) -> Position {
        if !self.is_open() {
            return Position::MAX;
        }
        let (lag, end) = (self.lag(log), log.end());
        let frames = (options.max_queued_messages as u64).saturating_sub(lag.frames);
        let bytes = (options.max_queued_bytes as u64).saturating_sub(lag.bytes);
        Position {
            frames: end.frames.saturating_add(frames),
            bytes: end.bytes.saturating_add(bytes),
        }
    }

    /// Adds a frame that no other peer is sent.
    pub(super) fn push(&mut self, frame: &[u8], log: &Log, budget: &Arc<Budget>) {
        self.feed.push(frame, log, budget);
    }

    /// Takes out what is to be written next.
    pub(super) fn take(
        &mut self,
        log: &mut Log,
        max_frames: u64,
        budget: &Arc<Budget>,
    ) -> Option<Batch> {
        let batch = self.resend.take().or_else(|| self.feed.take(log, max_frames, budget))?;
        self.in_flight = batch.frames();
        Some(batch)
    }

    /// Takes out all that waits, frame by frame, and counts it as dropped.
    pub(super) fn take_all(&mut self, log: &mut Log, budget: &Arc<Budget>) -> Vec<Bytes> {
        let mut frames = Vec::new();
        while let Some(batch) = self.take(log, u64::MAX, budget) {
            self.dropped_left += std::mem::take(&mut self.in_flight);
            frames.extend(batch.into_frames());
        }
        frames
    }

    /// The system took so many frames of what was taken out.
    pub(super) fn delivered(&mut self, frames: u64) {
        self.delivered += frames;
        self.in_flight -= frames;
    }

    /// What was taken out could not all be written.
    pub(super) fn put_back(&mut self, batch: Batch) {
        self.delivered(batch.frames_written());
        self.in_flight = 0;
        self.resend = batch.rest();
    }

    /// Drops what has waited longest.
    pub(super) fn drop_oldest(&mut self, log: &mut Log) {
        self.dropped_slow += u64::from(self.feed.skip(log));
    }

    /// Drops all that waits, because the peer is slow.
    pub(super) fn drop_all(&mut self, log: &mut Log) {
        self.dropped_slow += self.clear(log);
    }

    /// Ends it: all that waits is dropped.
    pub(super) fn finish(mut self, log: &mut Log) -> Deliveries {
        self.shut(log);
        self.dropped_left += self.clear(log);
        self.deliveries(log)
    }

    pub(super) fn is_drained(&self, log: &Log) -> bool {
        self.deliveries(log).queued == 0
    }

    pub(super) fn deliveries(&self, log: &Log) -> Deliveries {
        let resend = self.resend.as_ref().map_or(0, Batch::frames);
        Deliveries {
            accepted: self.feed.accepted(log),
            delivered: self.delivered,
            dropped_slow: self.dropped_slow,
            dropped_left: self.dropped_left,
            queued: self.lag(log).frames + self.in_flight + resend,
        }
    }

    pub(super) fn stats(&self, peer: PeerId, log: &Log) -> PeerStats {
        PeerStats {
            peer,
            endpoint: self.endpoint.clone(),
            connected: self.orders.is_some(),
            received: self.traffic.messages(),
            received_bytes: self.traffic.bytes(),
            sent: self.deliveries(log),
            queued_bytes: self.lag(log).bytes,
        }
    }

    /// Forgets all that waits, and says how much that was.
    fn clear(&mut self, log: &mut Log) -> u64 {
        let rest = self.resend.take().as_ref().map_or(0, Batch::frames);
        rest + self.feed.clear(log)
    }
}
