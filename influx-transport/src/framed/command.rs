//! What callers ask of a transport's task.

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::outcomes::Key;
use crate::Error;

/// What callers ask of a transport's task.
pub(super) enum Command {
    Connect(oneshot::Sender<Result<(), Error>>),
    Disconnect(oneshot::Sender<Result<(), Error>>),
    Send(Message),
}

/// One frame to be sent.
pub(super) struct Message {
    pub(super) frame: Bytes,
    /// Where its caller looks for the outcome.
    pub(super) key: Key,
    /// How long it may wait for a connection that works; `None` if not beyond the first attempt.
    pub(super) keep_until: Option<Instant>,
}

impl Command {
    /// How many bytes it brings along.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Send(message) => message.frame.len(),
            Self::Connect(_) | Self::Disconnect(_) => 0,
        }
    }
}
