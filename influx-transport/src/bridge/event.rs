//! The events, errors and returned messages of a bridge.

use std::fmt;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use influx_framing::FrameError;
use thiserror::Error;

use crate::Endpoint;

/// A peer of a bridge. A server's peer gets a new id with each connection; the only peer of a
/// client keeps its id.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PeerId(pub(super) u64);

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "peer {}", self.0)
    }
}

/// An event at a peer.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "a peer comes, speaks and goes")]
pub enum BridgeEvent<M> {
    /// The peer is connected.
    Joined(Endpoint),
    /// The peer sent a frame: a message, or something that the codec reports as a bad one.
    Message(M),
    /// The peer is not connected any more.
    Left {
        /// The reason.
        departure: Departure,
        /// The bytes from the peer that arrived and are in no message: those of a frame that was
        /// incomplete, or not one of the codec's. Bytes that the system had not handed over when a
        /// connection broke do not count.
        lost_bytes: u64,
    },
}

/// Why a peer is not connected any more.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum Departure {
    /// The peer closed the connection, or closed its sending side and read nothing more.
    #[error("the peer closed the connection")]
    Closed,
    /// The bridge was closed.
    #[error("the bridge was closed")]
    Closing,
    /// The program asked for it.
    #[error("the program disconnected the peer")]
    Disconnected,
    /// The connection broke.
    #[error("the connection broke")]
    Failed(#[source] Arc<io::Error>),
    /// The codec cannot decode the rest of the peer's bytes.
    #[error("the peer's bytes are not frames of this codec")]
    Frame(#[source] FrameError),
    /// A frame took too long:
    /// [`BridgeOptions::frame_timeout`](super::BridgeOptions::frame_timeout).
    #[error("the peer did not complete a frame in time")]
    FrameTimeout,
    /// The peer was silent: [`BridgeOptions::idle_timeout`](super::BridgeOptions::idle_timeout).
    #[error("the peer neither sent nor read a byte for too long")]
    IdleTimeout,
    /// The buffers of all peers were full, and the peer had the oldest incomplete frame:
    /// [`BridgeOptions::max_buffered_bytes`](super::BridgeOptions::max_buffered_bytes).
    #[error("the buffers were full, and the peer had the oldest incomplete frame")]
    Overloaded,
    /// The codec, or the type of its messages, panicked.
    #[error("the codec panicked on the peer's bytes")]
    Panicked,
    /// The peer's queue was full: [`SlowPeer::Disconnect`](super::SlowPeer::Disconnect).
    #[error("the peer read its messages too slowly")]
    Slow,
    /// The peer read nothing:
    /// [`BridgeOptions::send_timeout`](super::BridgeOptions::send_timeout).
    #[error("the peer read no byte for too long")]
    SendTimeout,
}

/// A message that was not sent, or a peer that was not there.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum BridgeError {
    /// The bridge is closed or being closed.
    #[error("the bridge is closed")]
    Closed,
    /// The codec refuses the message.
    #[error("the message does not fit the codec")]
    Frame(#[source] FrameError),
    /// The peer left, or has been sent the only message of its connection.
    #[error("{0} is not connected any more")]
    Gone(PeerId),
}

/// The messages for one peer that a closed bridge did not deliver.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Undelivered {
    /// The peer.
    pub peer: PeerId,
    /// Its address.
    pub endpoint: Endpoint,
    /// The messages as on the wire, in order. The peer may have a part of the first.
    pub messages: Vec<Bytes>,
}
