//! Reads many datagrams at a time.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::ops::Range;
use std::task::{Context, Poll, ready};

use quinn_udp::{RecvMeta, UdpSocketState};
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// What was read and not taken yet: packets, into each of which the system may have put many
/// datagrams that came from one sender.
pub(super) struct Inbox {
    state: UdpSocketState,
    buffers: [Box<[u8]>; PACKETS],
    metas: [RecvMeta; PACKETS],
    /// The packets of which something is left.
    left: Range<usize>,
    /// How much of the first of them was taken.
    taken: usize,
}

impl Inbox {
    pub(super) fn new(socket: &UdpSocket) -> io::Result<Self> {
        Ok(Self {
            state: UdpSocketState::new(socket.into())?,
            buffers: [(); PACKETS].map(|()| vec![0; PACKET_LEN].into()),
            metas: [RecvMeta::default(); PACKETS],
            left: 0..0,
            taken: 0,
        })
    }

    /// Reads what has come, at least one datagram. All those before must have been taken.
    pub(super) fn poll_fill(
        &mut self,
        socket: &UdpSocket,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { state, buffers, metas, left, .. } = self;
        let mut buffers = buffers.each_mut().map(|buffer| IoSliceMut::new(buffer));
        loop {
            ready!(socket.poll_recv_ready(cx))?;
            let attempt = || state.recv(socket.into(), &mut buffers, metas);
            match socket.try_io(Interest::READABLE, attempt) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                packets => return Poll::Ready(packets.map(|packets| *left = 0..packets)),
            }
        }
    }

    /// The next datagram and its sender.
    pub(super) fn take(&mut self) -> Option<(&[u8], SocketAddr)> {
        let packet = self.left.clone().next()?;
        let meta = self.metas.get(packet)?;
        let start = self.taken;
        let end = meta.len.min(start + meta.stride);
        if end < meta.len {
            self.taken = end;
        } else {
            self.left.start += 1;
            self.taken = 0;
        }
        Some((self.buffers.get(packet)?.get(start..end)?, meta.addr))
    }
}

/// How many packets are read in one system call.
const PACKETS: usize = 8;

/// No packet is longer.
const PACKET_LEN: usize = 64 * 1024;
