//! Datagrams, in both directions.

mod listener;
#[cfg(all(feature = "udp-batch", any(target_os = "android", target_os = "linux")))]
mod offload;
#[cfg(not(all(feature = "udp-batch", any(target_os = "android", target_os = "linux"))))]
#[path = "no_offload.rs"]
mod offload;
mod remedy;
mod socket;
mod transport;

pub use self::listener::{UdpListener, UdpListenerOptions, UdpListenerStats};
pub use self::transport::{UdpOptions, UdpStats, UdpTransport};
