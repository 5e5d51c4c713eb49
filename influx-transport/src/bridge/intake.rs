//! The input from one peer.

use std::future::Future;
use std::mem::{replace, take};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use influx_framing::Decoder;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::Instant;

use super::budget::{Charge, Claim};
use super::event::{BridgeEvent, Departure, PeerId};
use super::hub::Hub;
use super::inbox::{Inbox, Measured};
use super::stats::Traffic;
use crate::Endpoint;

/// Reads from a peer, decodes, and hands events over to the program.
pub(super) struct Intake<K: Decoder> {
    peer: PeerId,
    codec: K,
    input: BytesMut,
    charge: Charge,
    progress: Progress,
    /// The events that must be handed over before anything else is done.
    pub(super) decoded: Vec<Measured<K::Item>>,
    /// Whether they wait for the program.
    blocked: bool,
    /// The end of the input behind the decoded events.
    failure: Option<Departure>,
    /// When the first byte of an incomplete frame arrived.
    frame_since: Option<Instant>,
    /// The bytes of an incomplete frame that the codec has consumed.
    consumed: u64,
    pub(super) last_read: Instant,
    pub(super) has_read: bool,
    traffic: Arc<Traffic>,
    /// Held while an incomplete frame is large.
    claim: Option<Claim>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Progress {
    /// All is decoded, and more may be read.
    Reading,
    /// The input may hold another frame.
    Decoding,
    /// The input may hold another frame, and has ended.
    DecodingLast,
    /// All is decoded, and the input has ended.
    Done,
}

impl<K: Decoder> Intake<K> {
    pub(super) fn new(
        peer: PeerId,
        endpoint: Endpoint,
        codec: K,
        traffic: Arc<Traffic>,
        hub: &Hub,
    ) -> Self {
        Self {
            peer,
            codec,
            input: BytesMut::new(),
            charge: Charge::new(&hub.budget, 0),
            progress: Progress::Reading,
            decoded: vec![(BridgeEvent::Joined(endpoint), 0)],
            blocked: false,
            failure: None,
            frame_since: None,
            consumed: 0,
            last_read: Instant::now(),
            has_read: false,
            traffic,
            claim: None,
        }
    }

    pub(super) fn poll<S: AsyncRead + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut S,
        inbox: &Inbox<K::Item>,
    ) -> Poll<Result<(), Departure>> {
        loop {
            if !self.decoded.is_empty() {
                let was_blocked = replace(&mut self.blocked, true);
                ready!(inbox.poll_push(cx, self.peer, &mut self.decoded));
                self.blocked = false;
                if was_blocked {
                    // The frame could not be completed meanwhile.
                    self.frame_since = self.frame_since.map(|_| Instant::now());
                }
            }
            if let Some(failure) = self.failure.take() {
                return Poll::Ready(Err(failure));
            }
            match self.progress {
                Progress::Reading => break,
                Progress::Decoding | Progress::DecodingLast => self.decode(),
                Progress::Done => return Poll::Pending,
            }
        }
        ready!(self.poll_reserve(cx))?;
        let read = ready!(pin!(stream.read_buf(&mut self.input)).poll(cx));
        let bytes = read.map_err(|error| Departure::Failed(Arc::new(error)))?;
        self.traffic.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.has_read |= bytes > 0;
        self.progress = if bytes > 0 { Progress::Decoding } else { Progress::DecodingLast };
        self.last_read = Instant::now();
        Poll::Ready(Ok(()))
    }

    /// Whether the peer has closed its sending side and all its events were handed over.
    pub(super) fn is_done(&self) -> bool {
        self.progress == Progress::Done && self.decoded.is_empty() && self.failure.is_none()
    }

    /// When the first byte of an incomplete frame arrived, unless the program holds up the rest.
    pub(super) fn frame_since(&self) -> Option<Instant> {
        self.frame_since.filter(|_| !self.blocked)
    }

    /// Counts the bytes that are in no message when the connection ends, and returns their number.
    pub(super) fn count_lost(&self) -> u64 {
        let lost = self.consumed + self.input.len() as u64;
        self.traffic.lost_bytes.fetch_add(lost, Ordering::Relaxed);
        lost
    }

    fn poll_reserve(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Departure>> {
        let capacity = self.input.capacity();
        if capacity - self.input.len() >= READ_SIZE / 4 {
            return Poll::Ready(Ok(()));
        }
        if self.input.len() >= READ_SIZE / 2 {
            let claim = self.claim.get_or_insert_with(|| self.charge.claim());
            // The buffer will grow by its capacity.
            if !ready!(claim.poll_more(cx, capacity)) {
                return Poll::Ready(Err(Departure::Overloaded));
            }
        }
        self.input.reserve(READ_SIZE);
        self.charge.set(self.input.capacity());
        Poll::Ready(Ok(()))
    }

    fn decode(&mut self) {
        let last = self.progress == Progress::DecodingLast;
        for _ in 0..BATCH {
            let before = self.input.len();
            let decoded = if last {
                self.codec.decode_eof(&mut self.input)
            } else {
                self.codec.decode(&mut self.input)
            };
            let bytes = before.saturating_sub(self.input.len());
            match decoded {
                Ok(Some(item)) => {
                    self.frame_since = None;
                    self.consumed = 0;
                    self.traffic.messages.fetch_add(1, Ordering::Relaxed);
                    self.decoded.push((BridgeEvent::Message(item), bytes));
                }
                Ok(None) => {
                    // A codec that skips a frame consumes its bytes as they come.
                    self.consumed += bytes as u64;
                    let incomplete = bytes > 0 || !self.input.is_empty();
                    self.frame_since =
                        incomplete.then(|| self.frame_since.unwrap_or(self.last_read));
                    self.progress = if last { Progress::Done } else { Progress::Reading };
                    return self.release();
                }
                Err(error) => {
                    self.consumed += bytes as u64;
                    self.progress = Progress::Done;
                    self.failure = Some(Departure::Frame(error));
                    return;
                }
            }
        }
    }

    fn release(&mut self) {
        if self.input.is_empty() && self.input.capacity() > MAX_IDLE_CAPACITY {
            drop(take(&mut self.input));
        }
        self.charge.set(self.input.capacity());
        if self.input.len() < READ_SIZE / 2 {
            self.claim = None;
        }
    }
}

const READ_SIZE: usize = 8 * 1024;

const BATCH: usize = 64;

/// The largest buffer that is kept while it is empty.
const MAX_IDLE_CAPACITY: usize = 32 * 1024;
