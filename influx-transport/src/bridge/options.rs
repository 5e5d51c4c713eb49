//! The limits of a bridge.

use std::time::Duration;

use crate::Backoff;
use crate::alarm::FOREVER;

/// The limits of a [`Bridge`](crate::bridge::Bridge). The size of a message is limited by the codec, the
/// time for a TLS handshake by the listener or the connector.
///
/// ```
/// use std::time::Duration;
///
/// use influx_transport::bridge::{BridgeOptions, SlowPeer};
///
/// let mut options = BridgeOptions::default();
/// options.slow_peer = SlowPeer::DropOldest;
/// options.idle_timeout = Some(Duration::from_secs(600));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BridgeOptions {
    /// How many peers a server serves at once; further ones wait in the system's queue. Peers
    /// that have closed their sending side, and for which nothing is queued, make room for
    /// them. At least 1. Default: 1,024.
    pub max_peers: usize,
    /// How many messages may wait for one peer, besides some 64 KiB that are being written. At
    /// least 1. Default: 1,024.
    pub max_queued_messages: usize,
    /// How many bytes of messages may wait for one peer, besides some 64 KiB that are being
    /// written. One message alone may be larger. Default: 4 MiB, at most half of
    /// `max_buffered_bytes`.
    pub max_queued_bytes: usize,
    /// What becomes of a peer for which more would have to wait. Default: it is disconnected.
    pub slow_peer: SlowPeer,
    /// How many events may wait until the program receives them. Nothing is read from any peer
    /// meanwhile, so that they have to wait too. A batch of 64 events may exceed it. Default: 1,024.
    pub max_received_events: usize,
    /// How many bytes of messages, as on the wire, may wait until the program receives them. One
    /// batch may exceed it. Default: 16 MiB.
    pub max_received_bytes: usize,
    /// Whether all events are thrown away, for a program that only sends. Default: no.
    pub discard_events: bool,
    /// How many bytes may be buffered for all peers together: what is queued for them, counted
    /// once for all who are sent it, and what they sent of incomplete frames; some 8 KiB a peer
    /// are always granted. From three quarters of it on, of all incomplete frames only the oldest
    /// is read on, until all of it is there. When all is used up, that peer is disconnected, and
    /// messages to single peers are treated as if their queues were full. Default: 64 MiB.
    pub max_buffered_bytes: usize,
    /// How long a frame may take from its first to its last byte. The time does not run while the
    /// program leaves the peer's messages waiting. Default: 30 s.
    pub frame_timeout: Duration,
    /// How long a peer may take no byte of what is written to it. Default: 30 s.
    pub write_timeout: Duration,
    /// How long a server keeps a peer that has closed its sending side, and perhaps everything,
    /// from when it last took a byte. With 0, nobody may listen who does not speak any more.
    /// Default: 60 s.
    pub half_closed_timeout: Duration,
    /// How long a peer may neither send nor take a byte. Default: for ever, since a protocol
    /// without heartbeats has silent peers; TCP's keepalive finds those that have vanished.
    pub idle_timeout: Option<Duration>,
    /// Whether a connection's sending side is closed after one message, as
    /// [`EofCodec`](influx_framing::EofCodec) needs it. Default: no.
    pub one_message_per_connection: bool,
    /// The pauses of a client between two connections. Default: 100 ms, up to 5 s.
    pub backoff: Backoff,
    /// Where the pauses' random numbers from 0 to 1 come from. Default: `fastrand::f64`.
    pub random: fn() -> f64,
}

/// What becomes of a peer that takes its messages slower than they are sent, when its queue is
/// full.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the peer, the message or the sender gives way")]
pub enum SlowPeer {
    /// It is disconnected, and what waits for it is dropped. A client that is not connected has
    /// nobody to disconnect, and drops the oldest message instead.
    #[default]
    Disconnect,
    /// The oldest message that waits for it is dropped.
    DropOldest,
    /// Senders wait for it, so that the slowest peer sets the pace for all.
    /// [`BridgeOptions::write_timeout`] limits how long one that takes nothing holds them up; for
    /// the connection of a client they wait without a limit.
    Wait,
}

impl BridgeOptions {
    /// The same options with impossible limits replaced by the nearest possible ones.
    pub(super) fn sound(mut self) -> Self {
        self.max_peers = self.max_peers.max(1);
        self.max_queued_messages = self.max_queued_messages.max(1);
        self.max_queued_bytes = self.max_queued_bytes.min(self.max_buffered_bytes / 2);
        self.max_received_events = self.max_received_events.max(1);
        self.max_received_bytes = self.max_received_bytes.max(1);
        for limit in
            [&mut self.frame_timeout, &mut self.write_timeout, &mut self.half_closed_timeout]
        {
            *limit = (*limit).min(FOREVER);
        }
        self.idle_timeout = self.idle_timeout.map(|limit| limit.min(FOREVER));
        self
    }
}

impl Default for BridgeOptions {
    fn default() -> Self {
        Self {
            max_peers: 1024,
            max_queued_messages: 1024,
            max_queued_bytes: 4 << 20,
            slow_peer: SlowPeer::default(),
            max_received_events: 1024,
            max_received_bytes: 16 << 20,
            discard_events: false,
            max_buffered_bytes: 64 << 20,
            frame_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            half_closed_timeout: Duration::from_secs(60),
            idle_timeout: None,
            one_message_per_connection: false,
            backoff: Backoff::default(),
            random: fastrand::f64,
        }
    }
}
