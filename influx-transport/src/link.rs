//! Connections that last: when to open the next one, when to trust it, how to close it.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::Backoff;
use crate::alarm::FOREVER;

/// How long a connection must last until a silent peer counts as working.
pub(crate) const PROBATION: Duration = Duration::from_secs(1);

/// The pauses between connections to one peer.
pub(crate) struct Redial {
    backoff: Backoff,
    random: fn() -> f64,
    failures: u32,
}

impl Redial {
    pub(crate) fn new(backoff: Backoff, random: fn() -> f64) -> Self {
        Self { backoff, random, failures: 0 }
    }

    /// The pause before the next attempt, which grows until the peer has worked.
    pub(crate) fn pause(&mut self) -> Duration {
        let pause = self.backoff.delay(self.failures, (self.random)());
        self.failures = self.failures.saturating_add(1);
        pause.min(FOREVER)
    }

    /// The peer has worked: the next pause is a short one.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// Closes the sending side within `limit`, then waits up to a second for the peer to close its own.
/// Returns `None` if the limit has passed.
pub(crate) async fn close<S>(stream: &mut S, limit: Duration) -> Option<io::Result<()>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let closed = timeout(limit, stream.shutdown()).await.ok()?;
    if closed.is_ok() {
        // A system that closes a connection with unread input makes the peer lose data.
        let drain = async {
            let mut input = BytesMut::with_capacity(8 * 1024);
            while matches!(stream.read_buf(&mut input).await, Ok(1..)) {
                input.clear();
            }
        };
        // A peer that keeps its side open loses nothing.
        drop(timeout(FAREWELL, drain).await);
    }
    Some(closed)
}

/// How long a peer may take to close its side of a connection that we close.
pub(crate) const FAREWELL: Duration = Duration::from_secs(1);
