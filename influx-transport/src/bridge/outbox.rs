//! What waits for one peer.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::batch::Batch;
use super::budget::{Budget, Buffer};
use super::log::{Cursor, Log, Position};
use super::peer::Order;
use super::stats::{Deliveries, PeerStats};
use super::traffic::Traffic;
use super::{BridgeOptions, PeerId};
use crate::Endpoint;

/// What waits for one peer: what is in the log from its place on, and what is sent to it alone.
pub(super) struct Outbox {
    pub(super) endpoint: Endpoint,
    lifetime: Lifetime,
    cursor: Cursor,
    /// How many frames were in the log when it came.
    start: u64,
    /// Where the log ends for it, if it is sent no more.
    until: Option<Position>,
    /// What is sent to it alone, with the number of frames that were in the log then.
    directed: VecDeque<(u64, Bytes)>,
    directed_bytes: u64,
    directed_accepted: u64,
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
            cursor: log.enter(),
            start: log.end().frames,
            until: None,
            directed: VecDeque::new(),
            directed_bytes: 0,
            directed_accepted: 0,
            resend: None,
            in_flight: 0,
            delivered: 0,
            dropped_slow: 0,
            dropped_left: 0,
            traffic: Arc::default(),
            orders: None,
            waker: None,
            is_listed: false,
        }
    }

    /// Whether it is sent more.
    pub(super) fn is_open(&self) -> bool {
        self.until.is_none()
    }

    /// Whether it ends with its connection.
    pub(super) fn is_transient(&self) -> bool {
        self.lifetime == Lifetime::Connection
    }

    /// Sends it no more. Returns whether that is new.
    pub(super) fn shut(&mut self, log: &Log) -> bool {
        let was_open = self.is_open();
        self.until.get_or_insert(log.end());
        was_open
    }

    /// What waits, besides what is being written.
    pub(super) fn lag(&self, log: &Log) -> Position {
        let (place, end) = (log.position(&self.cursor), self.until.unwrap_or(log.end()));
        Position {
            frames: end.frames - place.frames + self.directed.len() as u64,
            bytes: end.bytes - place.bytes + self.directed_bytes,
        }
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
        let frame = Buffer::new(frame.to_vec(), budget).freeze();
        self.directed_bytes += frame.len() as u64;
        self.directed_accepted += 1;
        self.directed.push_back((log.end().frames, frame));
    }

    /// Takes out what is to be written next.
    pub(super) fn take(
        &mut self,
        log: &mut Log,
        max_frames: u64,
        budget: &Arc<Budget>,
    ) -> Option<Batch> {
        let batch = self.resend.take().or_else(|| self.collect(log, max_frames, budget))?;
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
        self.dropped_slow += 1;
        if self.directed_is_next(log) {
            self.pop_directed();
        } else {
            log.advance(&mut self.cursor, 1);
        }
    }

    /// Drops all that waits, because the peer is slow.
    pub(super) fn drop_all(&mut self, log: &mut Log) {
        self.dropped_slow += self.clear(log);
    }

    /// Ends it: all that waits is dropped.
    pub(super) fn finish(mut self, log: &mut Log) -> Deliveries {
        self.shut(log);
        self.dropped_left += self.clear(log);
        let deliveries = self.deliveries(log);
        log.leave(self.cursor);
        deliveries
    }

    pub(super) fn is_drained(&self, log: &Log) -> bool {
        self.deliveries(log).queued == 0
    }

    pub(super) fn deliveries(&self, log: &Log) -> Deliveries {
        let end = self.until.unwrap_or(log.end()).frames;
        let resend = self.resend.as_ref().map_or(0, Batch::frames);
        Deliveries {
            accepted: end - self.start + self.directed_accepted,
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

    /// Takes what waits in order, as much as goes into one write. Small frames are copied
    /// together; many of the log's are shared with other peers.
    fn collect(&mut self, log: &mut Log, max_frames: u64, budget: &Arc<Budget>) -> Option<Batch> {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        while (ends.len() as u64) < max_frames {
            let room = BATCH_SIZE.saturating_sub(bytes.len());
            let first = ends.is_empty();
            if self.directed_is_next(log) {
                let size = self.directed.front().map_or(0, |(_, frame)| frame.len());
                if !first && size > room {
                    break;
                }
                let frame = self.pop_directed();
                if first && size >= SHARED_SIZE {
                    return Some(Batch::new(frame, vec![size]));
                }
                bytes.extend_from_slice(&frame);
                ends.push(bytes.len());
                continue;
            }
            let wanted = self.frames_before_directed(log).min(max_frames - ends.len() as u64);
            let Some(run) = log.run(&mut self.cursor, wanted, room) else { break };
            let frames = run.frames();
            if first && run.bytes().len() >= SHARED_SIZE {
                let batch = run.share();
                log.advance(&mut self.cursor, frames);
                return Some(batch);
            }
            if run.bytes().len() > room {
                break;
            }
            ends.extend(run.ends().map(|end| bytes.len() + end));
            bytes.extend_from_slice(run.bytes());
            log.advance(&mut self.cursor, frames);
        }
        (!ends.is_empty()).then(|| Batch::new(Buffer::new(bytes, budget).freeze(), ends))
    }

    /// How many of the log's frames are to be taken before the next of its own.
    fn frames_before_directed(&self, log: &Log) -> u64 {
        let end = self.until.unwrap_or(log.end()).frames;
        self.directed.front().map_or(end, |(place, _)| *place) - log.position(&self.cursor).frames
    }

    fn directed_is_next(&self, log: &Log) -> bool {
        !self.directed.is_empty() && self.frames_before_directed(log) == 0
    }

    fn pop_directed(&mut self) -> Bytes {
        let frame = self.directed.pop_front().map(|(_, frame)| frame).unwrap_or_default();
        self.directed_bytes -= frame.len() as u64;
        frame
    }

    /// Forgets all that waits, and says how much that was.
    fn clear(&mut self, log: &mut Log) -> u64 {
        let rest = self.resend.take().as_ref().map_or(0, Batch::frames);
        let cleared = rest + self.lag(log).frames;
        self.directed.clear();
        self.directed_bytes = 0;
        let shared = self.frames_before_directed(log);
        log.advance(&mut self.cursor, shared);
        cleared
    }
}

/// How much is written at once, unless one frame is larger.
const BATCH_SIZE: usize = 64 * 1024;

/// From this size on, sharing costs less than copying.
const SHARED_SIZE: usize = 16 * 1024;
