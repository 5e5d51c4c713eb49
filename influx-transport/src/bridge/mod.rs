//! Messages between this program and many peers, in both directions, at any time: see [`Bridge`].

// Out: a `handle` encodes a message and gives it to the `hub`, which appends it to the `log` and
// wakes the peers' tasks. Each `peer` takes it from its `outbox` and writes it through its
// `outlet`. In: each peer's `intake` decodes messages and puts them into the `inbox`. Peers come
// from a `server` or a `client`. The `budget` counts the memory that all of them take.
mod block;
mod budget;
mod client;
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
mod server;
mod shared;
mod stats;
#[cfg(feature = "stream")]
mod stream;

pub use self::event::{BridgeError, BridgeEvent, Departure, PeerId, Undelivered};
pub use self::handle::Bridge;
pub use self::options::{BridgeOptions, SlowPeer};
pub use self::stats::{BridgeStats, Deliveries, PeerStats};
#[cfg(feature = "stream")]
pub use self::stream::BridgeEvents;
