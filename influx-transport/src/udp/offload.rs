//! Sends many datagrams in one system call: the system, or the network card, cuts them apart.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use quinn_udp::{Transmit, UdpSocketState};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use super::remedy::{MAX_PAYLOAD, is_too_large};

/// The UDP segmentation offload of Linux.
#[derive(Debug)]
pub(super) struct Offload {
    state: UdpSocketState,
    peer: SocketAddr,
    /// The largest datagrams that may go out together in bytes, as far as is known.
    max_size: AtomicUsize,
}

impl Offload {
    /// For this peer, unless the system is not able to do it.
    pub(super) fn new(peer: SocketAddr) -> Option<Self> {
        // Its options forbid to fragment, among others: they are not for the socket that sends.
        let probe = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
        let state = UdpSocketState::new((&probe).into()).ok()?;
        let able = state.max_gso_segments() >= MAX_COUNT;
        able.then(|| Self { state, peer, max_size: AtomicUsize::new(MAX_PAYLOAD) })
    }

    /// Sends the first of these datagrams, which can go out together, over a socket that is
    /// connected to the peer. Returns their number: 0, or several.
    pub(super) async fn send(
        &self,
        socket: &UdpSocket,
        datagrams: &[Bytes],
        max_datagram: usize,
    ) -> io::Result<usize> {
        let max_size = self.max_size.load(Ordering::Relaxed).min(max_datagram);
        let count = count_together(datagrams, max_size);
        let (together, _) = datagrams.split_at(count);
        let [first, _, ..] = together else { return Ok(0) };
        let transmit = Transmit {
            destination: self.peer,
            ecn: None,
            contents: &together.concat(),
            segment_size: Some(first.len()),
            src_ip: None,
        };
        let attempt = || self.state.try_send(socket.into(), &transmit);
        let sent = socket.async_io(Interest::WRITABLE, attempt).await;
        if sent.as_ref().is_err_and(is_unable) {
            self.max_size.fetch_min(first.len() - 1, Ordering::Relaxed);
        }
        sent.map(|()| count)
    }
}

/// The number of the first datagrams that can go out together: those of one size, and then a
/// shorter one.
fn count_together(datagrams: &[Bytes], max_size: usize) -> usize {
    let size = datagrams.first().map_or(0, Bytes::len);
    if size == 0 || size > max_size {
        return 0;
    }
    let max_count = MAX_COUNT.min(MAX_PAYLOAD / size);
    let equal = datagrams.iter().take(max_count).take_while(|one| one.len() == size).count();
    let last = datagrams.iter().take(max_count).nth(equal);
    equal + usize::from(last.is_some_and(|one| (1..size).contains(&one.len())))
}

/// Whether datagrams of this size can only go out one by one: the network card cannot cut them
/// apart, or they exceed the MTU, where a single one is fragmented.
fn is_unable(failure: &io::Error) -> bool {
    failure.kind() == io::ErrorKind::InvalidInput
        || failure.raw_os_error() == Some(EIO)
        || is_too_large(failure)
}

/// The number of datagrams that Linux takes at once since 4.18, the first version that takes several.
const MAX_COUNT: usize = 64;

/// An error of the device. The standard library has no name for it.
const EIO: i32 = 5;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::udp::UdpTransport;
    use crate::udp::socket::{Link, Socket};

    #[tokio::test]
    async fn what_the_system_refuses_to_cut_apart_is_sent_one_by_one() {
        let listener = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let peer = listener.local_addr().unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.connect(peer).await.unwrap();
        // To port 0 the system sends nothing.
        let offload = Offload::new(SocketAddr::new(peer.ip(), 0));
        let link = Link::new(vec![peer], Socket { socket, offload });
        let socket = Arc::clone(&link.socket);
        let transport = UdpTransport::new("unused", 1).unwrap();
        *transport.link.lock() = Some(link);

        let datagrams = ["first", "other", "third", "4th", "5th"].map(Bytes::from);
        for outcome in transport.send_all(datagrams.clone()).await {
            outcome.unwrap();
        }
        let mut buffer = [0; 64];
        for datagram in datagrams {
            let size = listener.recv(&mut buffer).await.unwrap();
            assert_eq!(&buffer[..size], &*datagram);
        }
        assert_eq!(transport.stats().batched, 0);
        let max_size = socket.offload.as_ref().unwrap().max_size.load(Ordering::Relaxed);
        assert_eq!(max_size, 2, "it refused first those of 5 bytes, then those of 3");
    }

    #[test]
    fn datagrams_of_one_size_go_together_and_a_shorter_one_after_them() {
        let check = |sizes: &[usize], max_size, expected| {
            let datagrams: Vec<_> = sizes.iter().map(|&size| vec![0; size].into()).collect();
            assert_eq!(count_together(&datagrams, max_size), expected, "{sizes:?}");
        };
        check(&[], 9, 0);
        check(&[3], 9, 1);
        check(&[3, 3, 3], 9, 3);
        check(&[3, 3, 2, 2], 9, 3);
        check(&[3, 3, 4], 9, 2);
        check(&[3, 2, 3], 9, 2);
        check(&[3, 0, 3], 9, 1);
        check(&[0, 0], 9, 0);
        check(&[9, 9, 10], 9, 2);
        check(&[10, 10], 9, 0);
        check(&[3; 99], 9, 64);
        check(&[&[3; 63][..], &[2, 2]].concat(), 9, 64);
        check(&[&[3; 64][..], &[2, 2]].concat(), 9, 64);
        // No more than one datagram can carry.
        check(&[32_753; 3], MAX_PAYLOAD, 2);
        check(&[32_754; 3], MAX_PAYLOAD, 1);
        check(&[32_754, 32_753], MAX_PAYLOAD, 1);
        check(&[65_507, 1], MAX_PAYLOAD, 1);
    }
}
