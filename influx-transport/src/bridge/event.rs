//! What a bridge tells the program.

use std::fmt;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use influx_framing::FrameError;
use thiserror::Error;

use crate::Endpoint;

/// A peer of a bridge. A server's peers get other ids whenever they connect; a client has one peer
/// whose id stays the same.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PeerId(pub(super) u64);

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "peer {}", self.0)
    }
}

/// What happened at a peer.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "a peer comes, speaks and goes")]
pub enum BridgeEvent<M> {
    /// It is connected.
    Joined(Endpoint),
    /// It sent a message, or a frame that is none: what the codec decodes says which.
    Message(M),
    /// It is no longer connected.
    Left(Departure),
}

/// Why a peer is no longer connected.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum Departure {
    /// The peer closed the connection, or its sending side and then took nothing more.
    #[error("the peer closed the connection")]
    Closed,
    /// This bridge was closed.
    #[error("the bridge was closed")]
    Closing,
    /// The program asked for it.
    #[error("the program disconnected the peer")]
    Disconnected,
    /// The connection broke.
    #[error("the connection broke")]
    Failed(#[source] Arc<io::Error>),
    /// What follows in the peer's bytes cannot be decoded.
    #[error("the peer's bytes are no frames")]
    Frame(#[source] FrameError),
    /// The peer took too long for a frame: [`BridgeOptions::frame_timeout`].
    ///
    /// [`BridgeOptions::frame_timeout`]: crate::BridgeOptions::frame_timeout
    #[error("the peer did not complete a frame in time")]
    FrameTimeout,
    /// The peer was silent: [`BridgeOptions::idle_timeout`].
    ///
    /// [`BridgeOptions::idle_timeout`]: crate::BridgeOptions::idle_timeout
    #[error("the peer neither sent nor took a byte for too long")]
    IdleTimeout,
    /// Memory ran short, and the peer had the oldest incomplete frame:
    /// [`BridgeOptions::max_buffered_bytes`].
    ///
    /// [`BridgeOptions::max_buffered_bytes`]: crate::BridgeOptions::max_buffered_bytes
    #[error("memory ran short, and the peer had the oldest incomplete frame")]
    Overloaded,
    /// The codec, or the type of its messages, panicked over what the peer sent.
    #[error("what the peer sent made the codec panic")]
    Panicked,
    /// The peer's queue was full: [`SlowPeer::Disconnect`](crate::SlowPeer::Disconnect).
    #[error("the peer took its messages too slowly")]
    Slow,
    /// The peer took nothing: [`BridgeOptions::write_timeout`].
    ///
    /// [`BridgeOptions::write_timeout`]: crate::BridgeOptions::write_timeout
    #[error("the peer took no byte for too long")]
    WriteTimeout,
}

/// Why a message was not sent.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum BridgeError {
    /// The bridge is closed, or about to be.
    #[error("the bridge is closed")]
    Closed,
    /// The codec refuses the message.
    #[error("the message does not fit the codec")]
    Frame(#[source] FrameError),
    /// The peer left, or it has taken the only message of its connection.
    #[error("{0} is not there any more")]
    Gone(PeerId),
}

/// The messages for one peer that a closed bridge had not delivered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Undelivered {
    /// The peer.
    pub peer: PeerId,
    /// Where it was.
    pub endpoint: Endpoint,
    /// The messages as they go over the wire, in order. The peer may have a part of the first.
    pub messages: Vec<Bytes>,
}
