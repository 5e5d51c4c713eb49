//! Datagrams, in both directions.

mod listener;
#[cfg(all(feature = "udp-batch", any(target_os = "android", target_os = "linux")))]
mod offload;
mod options;
mod remedy;
mod socket;
mod transport;

pub use self::listener::{UdpListener, UdpListenerOptions, UdpListenerStats};
pub use self::options::{UdpOptions, UdpStats};
pub use self::transport::UdpTransport;

/// Stands in where each datagram goes out alone.
#[cfg(not(all(feature = "udp-batch", any(target_os = "android", target_os = "linux"))))]
mod offload {
    use std::future::Ready;
    use std::io::Result;

    #[derive(Debug)]
    pub(super) enum Offload {}

    impl Offload {
        pub(super) fn new(_: std::net::SocketAddr) -> Option<Self> {
            None
        }

        pub(super) fn send(
            &self,
            _: &tokio::net::UdpSocket,
            _: &[bytes::Bytes],
            _: usize,
        ) -> Ready<Result<usize>> {
            match *self {}
        }
    }
}
