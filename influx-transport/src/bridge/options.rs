//! The limits of a bridge.

use std::time::Duration;

use crate::Backoff;
use crate::alarm::FOREVER;

/// The limits of a [`Bridge`](super::Bridge). The codec limits the size of a message; the listener
/// or the connector limits the time for a TLS handshake.
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
    /// Peers that a server serves at once; further ones wait in the system's queue. A peer that has
    /// closed its sending side, and whose queue is empty, makes room for a new one. Default: 1,024,
    /// at least 1.
    pub max_peers: usize,
    /// Messages that may wait for one peer, besides about 64 KiB that are being written. Default:
    /// 1,024, at least 1.
    pub max_queued_messages: usize,
    /// Bytes of messages that may wait for one peer, besides about 64 KiB that are being written. A
    /// single message may be larger. Default: 4 MiB, at most half of `max_buffered_bytes`.
    pub max_queued_bytes: usize,
    /// The treatment of a peer whose queue is full. Default: it is disconnected.
    pub slow_peer: SlowPeer,
    /// Events that may wait until the program receives them; then nothing more is read from any
    /// peer. A batch of 64 events may exceed the limit. Default: 1,024, at least 1.
    pub max_received_events: usize,
    /// Bytes of messages, as on the wire, that may wait until the program receives them. One batch
    /// may exceed the limit. Default: 16 MiB, at least 1.
    pub max_received_bytes: usize,
    /// Whether all events are discarded, for a program that only sends. Default: false.
    pub discard_events: bool,
    /// Bytes that may be buffered for all peers together: queued messages, counted once for all
    /// their peers, and incomplete frames from peers. Each peer may always use about 8 KiB. Above
    /// three quarters of the limit, only the oldest incomplete frame is read on, until it is
    /// complete. At the limit, the peer of that frame is disconnected, and a message to a single
    /// peer finds the queue full if others wait in it. Default: 64 MiB.
    pub max_buffered_bytes: usize,
    /// The longest time from the first to the last byte of a frame. It does not run while the
    /// peer's messages wait for the program. Default: 30 s.
    pub frame_timeout: Duration,
    /// The longest time in which a peer reads no byte of a message. Default: 30 s.
    pub send_timeout: Duration,
    /// The longest time in which a peer that has closed its sending side reads no byte; a server
    /// cannot tell it from a peer that is gone. With 0, it leaves at once when nothing is being
    /// written. Default: 60 s.
    pub half_closed_timeout: Duration,
    /// The longest time in which a peer neither sends nor reads a byte. Default: none, since a
    /// protocol without heartbeats has silent peers; TCP keepalive finds those that have vanished.
    pub idle_timeout: Option<Duration>,
    /// Whether the sending side of a connection is closed after one message, as
    /// [`EofCodec`](influx_framing::EofCodec) needs it. Default: false.
    pub one_message_per_connection: bool,
    /// The pauses of a client between two connections. Default: 100 ms, up to 5 s.
    pub backoff: Backoff,
    /// The source of random numbers from 0 to 1 for the pauses. Default: `fastrand::f64`.
    pub random: fn() -> f64,
}

/// The treatment of a peer whose queue is full because it reads too slowly.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the peer, the message or the sender gives way")]
pub enum SlowPeer {
    /// The peer is disconnected and its queue is dropped. A client that is not connected drops its
    /// oldest message instead.
    #[default]
    Disconnect,
    /// The oldest message in the peer's queue is dropped.
    DropOldest,
    /// Senders wait, so that the slowest peer sets the pace for all.
    /// [`BridgeOptions::send_timeout`] limits how long a peer that reads nothing holds them up.
    /// For the connection of a client they wait without a limit.
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
            [&mut self.frame_timeout, &mut self.send_timeout, &mut self.half_closed_timeout]
                .into_iter()
                .chain(&mut self.idle_timeout)
        {
            *limit = (*limit).min(FOREVER);
        }
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
            send_timeout: Duration::from_secs(30),
            half_closed_timeout: Duration::from_secs(60),
            idle_timeout: None,
            one_message_per_connection: false,
            backoff: Backoff::default(),
            random: fastrand::f64,
        }
    }
}
