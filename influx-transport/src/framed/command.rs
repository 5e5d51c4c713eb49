//! What callers ask of a transport's task.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::Instant;

use super::Shared;
use super::stats::Monitor;
use crate::{Delivery, Error};

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
    since: Instant,
    /// Its share of the bytes that may be queued.
    _queued: OwnedSemaphorePermit,
}

impl<T> Message<T> {
    pub(super) fn new(frame: Bytes, reply: Reply<T>, queued: OwnedSemaphorePermit) -> Self {
        Self { frame, reply, since: Instant::now(), _queued: queued }
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

/// The commands that are still to be carried out, in order.
pub(super) struct Commands<T> {
    /// Those that were taken from the queue before and could not be carried out.
    carried: VecDeque<Command<T>>,
    queue: mpsc::Receiver<Command<T>>,
}

impl<T> Commands<T> {
    pub(super) fn new(queue: mpsc::Receiver<Command<T>>) -> Self {
        Self { carried: VecDeque::new(), queue }
    }

    /// The next command; `None` if there will be none any more.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Command<T>>> {
        match self.carried.pop_front() {
            Some(command) => Poll::Ready(Some(command)),
            None => self.queue.poll_recv(cx),
        }
    }

    /// Puts a command back in front of all others.
    pub(super) fn put_back(&mut self, command: Command<T>) {
        self.carried.push_front(command);
    }

    /// Waits for a command that needs a connection. False if there will be none any more.
    pub(super) async fn need_connection(&mut self) -> bool {
        loop {
            let next = std::future::poll_fn(|cx| self.poll_next(cx)).await;
            match next {
                None => return false,
                // There is nothing to close.
                Some(Command::Disconnect(done)) => drop(done.send(Ok(()))),
                Some(Command::Send(message)) if message.reply.is_abandoned() => {}
                Some(Command::Connect(done)) if done.is_closed() => {}
                Some(command) => {
                    self.put_back(command);
                    return true;
                }
            }
        }
    }

    /// Fails what waits after a failed attempt to connect, but for messages that may wait longer.
    pub(super) fn fail_waiting(&mut self, error: &Error, shared: &Shared) {
        let error = error.clone().with_delivery(Delivery::NotSent);
        let mut kept = VecDeque::new();
        // Those that come meanwhile, perhaps because their callers try again, are not concerned.
        for _ in 0..self.carried.len() + self.queue.len() {
            if kept.len() >= shared.options.max_in_flight {
                break;
            }
            let next = self.carried.pop_front().or_else(|| self.queue.try_recv().ok());
            match next {
                None => break,
                Some(Command::Connect(done)) => drop(done.send(Err(error.clone()))),
                Some(Command::Send(message))
                    if message.since.elapsed() >= shared.options.retry_for =>
                {
                    message.reply.fail(error.clone());
                }
                Some(command) => kept.push_back(command),
            }
        }
        kept.append(&mut self.carried);
        self.carried = kept;
    }
}
