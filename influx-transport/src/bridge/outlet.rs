//! The output to one peer.

use std::io;
use std::mem::take;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;
use tokio::time::Instant;

use super::block::Batch;
use super::event::PeerId;
use super::hub::Hub;

/// Writes the queue of a peer. Dropping it gives back the rest of the batch.
pub(super) struct Outlet {
    hub: Arc<Hub>,
    peer: PeerId,
    batch: Option<Batch>,
    /// The written frames that the hub does not know of.
    delivered: u64,
    /// The frames that the connection may still carry.
    frames_left: u64,
    state: State,
    /// When the peer last took a byte, or was last offered one after a pause.
    pub(super) last_write: Instant,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// There may be something to write.
    Active,
    /// All is written.
    Idle,
    /// The sending side is closed.
    Shut,
}

impl Outlet {
    pub(super) fn new(hub: &Arc<Hub>, peer: PeerId) -> Self {
        let one_message = hub.options.one_message_per_connection;
        Self {
            hub: Arc::clone(hub),
            peer,
            batch: None,
            delivered: 0,
            frames_left: if one_message { 1 } else { u64::MAX },
            state: State::Active,
            last_write: Instant::now(),
        }
    }

    pub(super) fn poll<S: AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut S,
    ) -> Poll<io::Result<()>> {
        let mut stream = Pin::new(stream);
        if self.state == State::Shut {
            return Poll::Pending;
        }
        if self.batch.is_none() {
            let delivered = take(&mut self.delivered);
            self.batch = self.hub.next(self.peer, delivered, self.frames_left, cx);
            if self.batch.is_some() {
                self.state = State::Active;
                self.last_write = Instant::now();
            }
        }
        let Some(batch) = &mut self.batch else {
            if self.frames_left > 0 {
                self.state = State::Idle;
                return Poll::Pending;
            }
            ready!(stream.poll_shutdown(cx))?;
            self.state = State::Shut;
            return Poll::Ready(Ok(()));
        };
        if !batch.unwritten().is_empty() {
            let written = ready!(stream.as_mut().poll_write(cx, batch.unwritten()))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            batch.wrote(written);
            self.last_write = Instant::now();
            if !batch.unwritten().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
        ready!(stream.poll_flush(cx))?;
        self.delivered += batch.frames();
        self.frames_left = self.frames_left.saturating_sub(batch.frames());
        self.batch = None;
        Poll::Ready(Ok(()))
    }

    pub(super) fn is_idle(&self) -> bool {
        self.state != State::Active
    }

    pub(super) fn is_shut(&self) -> bool {
        self.state == State::Shut
    }

    /// Whether a batch or the end of the output is being written.
    pub(super) fn is_writing(&self) -> bool {
        self.batch.is_some() || (self.frames_left == 0 && !self.is_shut())
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        self.hub.detach(self.peer, self.delivered, self.batch.take());
    }
}
