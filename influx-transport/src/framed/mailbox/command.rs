//! The commands of callers to a transport's task.

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::outcomes::Key;
use crate::Error;

pub(in crate::framed) enum Command {
    Connect(oneshot::Sender<Result<(), Error>>),
    Disconnect(oneshot::Sender<Result<(), Error>>),
    Send(Message),
}

pub(in crate::framed) struct Message {
    pub(in crate::framed) frame: Bytes,
    pub(in crate::framed) key: Key,
    /// Until when it may wait for a working connection; `None` allows one attempt.
    pub(in crate::framed) keep_until: Option<Instant>,
}

impl Command {
    pub(in crate::framed) fn size(&self) -> usize {
        match self {
            Self::Send(message) => message.frame.len(),
            Self::Connect(_) | Self::Disconnect(_) => 0,
        }
    }
}
