//! What a bridge counts.

use std::ops::AddAssign;

use super::PeerId;
use crate::Endpoint;

/// What became of the messages for one peer, or for all: a message that is sent to ten peers
/// counts ten times.
///
/// At every moment `accepted` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Deliveries {
    /// Messages that were taken for a peer.
    pub accepted: u64,
    /// Messages that the system took to the last byte. Whether the peer has read them, nobody can
    /// know.
    pub delivered: u64,
    /// Messages that were dropped because the peer took them too slowly.
    pub dropped_slow: u64,
    /// Messages that were dropped because the peer left, or the bridge was closed.
    pub dropped_left: u64,
    /// Messages that wait, or are being written.
    pub queued: u64,
}

impl Deliveries {
    /// The sum of what became of the messages, which is `accepted`.
    pub fn accounted(&self) -> u64 {
        self.delivered + self.dropped_slow + self.dropped_left + self.queued
    }
}

impl AddAssign for Deliveries {
    fn add_assign(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.delivered += other.delivered;
        self.dropped_slow += other.dropped_slow;
        self.dropped_left += other.dropped_left;
        self.queued += other.queued;
    }
}

/// One peer of a bridge, at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PeerStats {
    /// Which one it is.
    pub peer: PeerId,
    /// Where it is.
    pub endpoint: Endpoint,
    /// Whether there is a connection; only a client's peer can be without.
    pub connected: bool,
    /// Messages and other frames that it sent.
    pub received: u64,
    /// Bytes that it sent.
    pub received_bytes: u64,
    /// What became of the messages for it.
    pub sent: Deliveries,
    /// The bytes that wait for it, besides those that are being written.
    pub queued_bytes: u64,
}

/// What a bridge did so far, at one moment, over all peers that it ever had.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct BridgeStats {
    /// Peers that are connected.
    pub peers: usize,
    /// How often a peer joined.
    pub joined: u64,
    /// A client's attempts to connect that failed.
    pub connect_failures: u64,
    /// Messages and other frames that peers sent.
    pub received: u64,
    /// Bytes that peers sent.
    pub received_bytes: u64,
    /// What became of the messages for peers.
    pub sent: Deliveries,
    /// Messages that were sent to all when there was no peer.
    pub without_peer: u64,
    /// Bytes that are buffered for all peers together: what
    /// [`max_buffered_bytes`](crate::bridge::BridgeOptions::max_buffered_bytes) limits.
    pub buffered_bytes: usize,
}

/// What concerns no peer, or those that left.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) joined: u64,
    pub(super) connect_failures: u64,
    pub(super) without_peer: u64,
    pub(super) accepted: u64,
    pub(super) received: u64,
    pub(super) received_bytes: u64,
    pub(super) sent: Deliveries,
}
