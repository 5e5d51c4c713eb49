//! The commands of callers to a transport's task.

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::outcomes::Key;
use crate::Error;

pub(crate) enum Command {
    Connect(oneshot::Sender<Result<(), Error>>),
    Disconnect(oneshot::Sender<Result<(), Error>>),
    Send(Message),
}

pub(crate) struct Message {
    pub(crate) frame: Bytes,
    pub(crate) key: Key,
    /// Until when it may wait for a working connection; `None` allows one attempt.
    pub(crate) keep_until: Option<Instant>,
}

impl Command {
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Send(message) => message.frame.len(),
            Self::Connect(_) | Self::Disconnect(_) => 0,
        }
    }
}
