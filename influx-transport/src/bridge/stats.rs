//! The counters of a bridge.

use std::sync::atomic::AtomicU64;

use super::event::PeerId;
use crate::Endpoint;

/// The outcomes of the messages for one peer, or for all: a message to ten peers counts ten times.
///
/// At every moment `accepted` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Deliveries {
    /// Messages that were accepted for a peer.
    pub accepted: u64,
    /// Messages that the system took to the last byte. The peer may not have read them.
    pub delivered: u64,
    /// Messages that were dropped because the peer read too slowly.
    pub dropped_slow: u64,
    /// Messages that were dropped because the peer left or the bridge was closed.
    pub dropped_left: u64,
    /// Messages that wait or are being written.
    pub queued: u64,
}

impl Deliveries {
    /// The sum of the outcomes, which equals `accepted`.
    pub fn accounted(&self) -> u64 {
        self.delivered + self.dropped_slow + self.dropped_left + self.queued
    }
}

/// The counters of one peer, at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PeerStats {
    /// The peer.
    pub peer: PeerId,
    /// Its address.
    pub endpoint: Endpoint,
    /// Whether it is connected. Only a client's peer can be listed without a connection.
    pub connected: bool,
    /// Messages and other frames from it.
    pub received: u64,
    /// Bytes from it.
    pub received_bytes: u64,
    /// Those of its bytes that are in no message, since a connection ended inside a frame.
    pub lost_bytes: u64,
    /// The outcomes of the messages for it.
    pub sent: Deliveries,
    /// The bytes that wait for it, besides those that are being written.
    pub queued_bytes: u64,
}

/// The counters of a bridge over all peers that it ever had, at one moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct BridgeStats {
    /// Peers that are connected.
    pub peers: usize,
    /// Connections of peers so far.
    pub joined: u64,
    /// A client's attempts to connect that failed.
    pub connect_failures: u64,
    /// Messages and other frames from peers.
    pub received: u64,
    /// Bytes from peers.
    pub received_bytes: u64,
    /// Those of these bytes that are in no message: see [`Left`](super::BridgeEvent::Left).
    pub lost_bytes: u64,
    /// Connections that ended with such a loss.
    pub cut_off: u64,
    /// The outcomes of the messages for peers.
    pub sent: Deliveries,
    /// Messages that were sent to all while there was no peer.
    pub without_peer: u64,
    /// Bytes that are buffered for all peers together, which
    /// [`max_buffered_bytes`](super::BridgeOptions::max_buffered_bytes) limits.
    pub buffered_bytes: usize,
}

#[derive(Debug, Default)]
pub(super) struct Traffic {
    pub(super) messages: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) lost_bytes: AtomicU64,
}
