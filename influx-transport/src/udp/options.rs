//! The settings and counts of a sender of datagrams.

use std::time::Duration;

use crate::{BoxResolver, SocketOptions};

/// The settings of a [`UdpTransport`](super::UdpTransport).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UdpOptions {
    /// The size of the largest datagram in bytes. UDP can carry 65,507; more counts as that.
    /// Default: 1,400, which fits into one packet on most networks.
    pub max_datagram: usize,
    /// The settings of the socket. Those of TCP have no effect.
    pub socket: SocketOptions,
    /// Finds the addresses of the host. Default: a [`SystemResolver`](crate::SystemResolver).
    pub resolver: BoxResolver,
    /// The longest time until the addresses are found. Default: 5 s.
    pub resolve_timeout: Duration,
    /// The time after which the host is looked up again, by one of the next 16 datagrams. Default:
    /// 5 min.
    pub resolve_interval: Duration,
}

impl Default for UdpOptions {
    fn default() -> Self {
        Self {
            max_datagram: 1400,
            socket: SocketOptions::default(),
            resolver: BoxResolver::default(),
            resolve_timeout: Duration::from_secs(5),
            resolve_interval: Duration::from_secs(5 * 60),
        }
    }
}

/// The counts of a [`UdpTransport`](super::UdpTransport) since it was made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct UdpStats {
    /// Datagrams that a host without a listener refused, as far as its system reported that;
    /// several that went out together count as one.
    pub refused: u64,
    /// Datagrams that were given up without an error, because each of four attempts failed: the
    /// system had no buffer left, or reported the refusal of an earlier datagram.
    pub dropped: u64,
    /// Datagrams that went out in a system call together with others: see
    /// [`send_all`](super::UdpTransport::send_all).
    pub batched: u64,
}
