//! Messages between many peers.
//!
//! What goes out: a [`handle::Bridge`] encodes a message and gives it to the [`hub`], which appends
//! it to the [`log`] and wakes the peers' tasks. Each [`peer`] takes it from its [`outbox`] and
//! writes it through its [`outlet`]. What comes in: each peer's [`intake`] decodes it and puts it
//! into the [`inbox`]. Peers come from a [`server`] or a [`client`].

mod batch;
mod block;
mod budget;
mod claims;
mod client;
mod encoding;
mod event;
mod feed;
mod handle;
mod hub;
mod inbox;
mod intake;
mod log;
mod options;
mod outbox;
mod outlet;
mod peer;
mod race;
mod server;
mod shared;
mod stats;
mod traffic;

pub use self::event::{BridgeError, BridgeEvent, Departure, PeerId, Undelivered};
pub use self::handle::Bridge;
pub use self::options::{BridgeOptions, SlowPeer};
pub use self::stats::{BridgeStats, Deliveries, PeerStats};

use self::shared::Shared;
