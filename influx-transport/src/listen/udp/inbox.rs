//! Reads one datagram at a time.

use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll, ready};

use tokio::io::ReadBuf;
use tokio::net::UdpSocket;

use super::MAX_PAYLOAD;

/// The datagram that was read and not taken yet.
pub(super) struct Inbox {
    /// Has room for one byte more than a datagram may have, so that a longer one shows.
    buffer: Box<[u8]>,
    arrived: Option<(usize, SocketAddr)>,
}

impl Inbox {
    #[expect(clippy::unnecessary_wraps, reason = "the one that reads many may fail")]
    pub(super) fn new(_socket: &UdpSocket) -> io::Result<Self> {
        Ok(Self { buffer: vec![0; MAX_PAYLOAD + 1].into(), arrived: None })
    }

    /// Reads a datagram. The one before must have been taken.
    pub(super) fn poll_fill(
        &mut self,
        socket: &UdpSocket,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let mut buffer = ReadBuf::new(&mut self.buffer);
        let peer = ready!(socket.poll_recv_from(cx, &mut buffer))?;
        self.arrived = Some((buffer.filled().len(), peer));
        Poll::Ready(Ok(()))
    }

    /// The datagram and its sender.
    pub(super) fn take(&mut self) -> Option<(&[u8], SocketAddr)> {
        let (size, peer) = self.arrived.take()?;
        Some((self.buffer.get(..size)?, peer))
    }
}
