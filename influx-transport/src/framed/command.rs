//! What callers ask of a transport's task.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::stats::Monitor;
use crate::Error;

/// What callers ask of a transport's task.
pub(super) enum Command<T> {
    Connect(oneshot::Sender<Result<(), Error>>),
    Disconnect(oneshot::Sender<Result<(), Error>>),
    Send(Message<T>),
}

/// One frame to be sent.
pub(super) struct Message<T> {
    pub(super) frame: Bytes,
    pub(super) reply: Reply<T>,
    pub(super) since: Instant,
}

impl<T> Command<T> {
    /// How many bytes it brings along.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Send(message) => message.frame.len(),
            Self::Connect(_) | Self::Disconnect(_) => 0,
        }
    }
}

impl<T> Message<T> {
    pub(super) fn new(frame: Bytes, reply: Reply<T>) -> Self {
        Self { frame, reply, since: Instant::now() }
    }
}

/// Where the outcome of a message goes. Dropping it tells the caller that the task has ended.
pub(super) struct Reply<T> {
    caller: Option<oneshot::Sender<Result<T, Error>>>,
    /// Whether the message is sent although its caller gave up.
    detached: bool,
    monitor: Arc<Monitor>,
}

impl<T> Reply<T> {
    pub(super) fn new(
        detached: bool,
        monitor: &Arc<Monitor>,
    ) -> (Self, oneshot::Receiver<Result<T, Error>>) {
        let (caller, outcome) = oneshot::channel();
        monitor.count(|stats| stats.in_flight += 1);
        (Self { caller: Some(caller), detached, monitor: Arc::clone(monitor) }, outcome)
    }

    /// Whether the message need not be sent any more.
    pub(super) fn is_abandoned(&self) -> bool {
        !self.detached && self.caller.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    pub(super) fn succeed(self, answer: T) {
        self.tell(Ok(answer));
    }

    pub(super) fn fail(self, error: Error) {
        self.monitor.count(|stats| stats.failed += 1);
        self.tell(Err(error));
    }

    fn tell(mut self, outcome: Result<T, Error>) {
        let caller = self.caller.take();
        // Whoever learns the outcome finds it counted.
        drop(self);
        if let Some(caller) = caller {
            // The caller may have given up.
            drop(caller.send(outcome));
        }
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        self.monitor.count(|stats| stats.in_flight -= 1);
    }
}
