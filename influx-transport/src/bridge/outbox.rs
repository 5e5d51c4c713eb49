//! The queue for one peer.

use std::mem::{replace, take};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Waker;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::block::{Batch, Position};
use super::event::{Departure, PeerId};
use super::feed::Feed;
use super::log::Log;
use super::options::BridgeOptions;
use super::stats::{Deliveries, PeerStats, Traffic};
use crate::Endpoint;

/// The messages for one peer, and the outcomes of earlier ones.
pub(super) struct Outbox {
    pub(super) endpoint: Endpoint,
    /// Whether it ends with its connection, as that of a server's peer does.
    pub(super) is_transient: bool,
    /// The most that may wait.
    max: Position,
    pub(super) feed: Feed,
    /// The rest of a batch whose connection broke.
    resend: Option<Batch>,
    /// `queued` counts the frames that are being written, and `accepted` nothing.
    counts: Deliveries,
    pub(super) traffic: Arc<Traffic>,
    /// To the task of its connection.
    pub(super) orders: Option<mpsc::Sender<Order>>,
    /// The task, if it waits for a message.
    pub(super) waker: Option<Waker>,
    /// Whether the hub lists it as waiting.
    pub(super) is_listed: bool,
    pub(super) is_half_closed: bool,
}

pub(super) enum Order {
    /// End now.
    Leave(Departure),
    /// End when all is written.
    Finish,
}

impl Outbox {
    pub(super) fn new(
        endpoint: Endpoint,
        is_transient: bool,
        options: &BridgeOptions,
        log: &mut Log,
    ) -> Self {
        Self {
            endpoint,
            is_transient,
            max: Position {
                frames: options.max_queued_messages as u64,
                bytes: options.max_queued_bytes as u64,
            },
            feed: Feed::new(log),
            resend: None,
            counts: Deliveries::default(),
            traffic: Arc::default(),
            orders: None,
            waker: None,
            is_listed: false,
            is_half_closed: false,
        }
    }

    /// Gives the connection an order. Returns whether there is a connection.
    pub(super) fn order(&self, order: Order) -> bool {
        // A full channel holds an order to leave already.
        self.orders.as_ref().map(|orders| drop(orders.try_send(order))).is_some()
    }

    /// Whether one more frame of `size` bytes is too much.
    pub(super) fn overflows(&self, size: usize, log: &Log) -> bool {
        let lag = self.feed.lag(log);
        lag.frames >= self.max.frames
            || (lag.frames > 0 && lag.bytes + size as u64 > self.max.bytes)
    }

    /// The end of the log up to which one more frame always fits.
    pub(super) fn safe_end(&self, log: &Log) -> Position {
        if !self.feed.is_open() {
            return Position::MAX;
        }
        let (lag, end) = (self.feed.lag(log), log.end());
        Position {
            frames: end.frames.saturating_add(self.max.frames.saturating_sub(lag.frames)),
            bytes: end.bytes.saturating_add(self.max.bytes.saturating_sub(lag.bytes)),
        }
    }

    pub(super) fn take(&mut self, log: &mut Log, max_frames: u64) -> Option<Batch> {
        let batch = self.resend.take().or_else(|| self.feed.take(log, max_frames))?;
        self.counts.queued = batch.frames();
        Some(batch)
    }

    /// Takes out all frames, and counts them as dropped.
    pub(super) fn take_all(&mut self, log: &mut Log) -> Vec<Bytes> {
        let mut frames = Vec::new();
        while let Some(batch) = self.take(log, u64::MAX) {
            self.counts.dropped_left += take(&mut self.counts.queued);
            frames.extend(batch.into_frames());
        }
        frames
    }

    /// Keeps the waker of the task, which waits for a message. Returns whether the hub has to list
    /// it.
    pub(super) fn park(&mut self, waker: &Waker) -> bool {
        self.waker.get_or_insert_with(|| waker.clone()).clone_from(waker);
        !replace(&mut self.is_listed, true)
    }

    /// Counts frames of the last batch that the system took.
    pub(super) fn delivered(&mut self, frames: u64) {
        self.counts.delivered += frames;
        self.counts.queued -= frames;
    }

    /// Takes back a batch that was not written completely.
    pub(super) fn put_back(&mut self, batch: Batch) {
        self.delivered(batch.frames_written());
        self.counts.queued = 0;
        self.resend = batch.rest();
    }

    pub(super) fn drop_oldest(&mut self, log: &mut Log) {
        self.counts.dropped_slow += u64::from(self.feed.skip(log));
    }

    pub(super) fn drop_all(&mut self, log: &mut Log) {
        self.counts.dropped_slow += self.clear(log);
    }

    /// Ends the queue and drops all frames, because the peer has left.
    pub(super) fn finish(&mut self, log: &mut Log) {
        self.orders = None;
        self.feed.shut(log);
        self.counts.dropped_left += self.clear(log);
    }

    pub(super) fn stats(&self, peer: PeerId, log: &Log) -> PeerStats {
        PeerStats {
            peer,
            endpoint: self.endpoint.clone(),
            connected: self.orders.is_some(),
            received: self.traffic.messages.load(Ordering::Relaxed),
            received_bytes: self.traffic.bytes.load(Ordering::Relaxed),
            lost_bytes: self.traffic.lost_bytes.load(Ordering::Relaxed),
            sent: Deliveries {
                accepted: self.feed.accepted(log),
                queued: self.queued(log),
                ..self.counts
            },
            queued_bytes: self.feed.lag(log).bytes,
        }
    }

    pub(super) fn queued(&self, log: &Log) -> u64 {
        let resend = self.resend.as_ref().map_or(0, Batch::frames);
        self.feed.lag(log).frames + self.counts.queued + resend
    }

    fn clear(&mut self, log: &mut Log) -> u64 {
        let resend = self.resend.take().as_ref().map_or(0, Batch::frames);
        resend + self.feed.clear(log)
    }
}
