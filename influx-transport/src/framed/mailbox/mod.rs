//! The queue between callers and a transport's task: commands one way, outcomes the other, under
//! one lock.

pub(super) mod claim;
pub(super) mod inbox;
pub(super) mod outcomes;
pub(super) mod room;

use std::collections::VecDeque;
use std::future::Future;
use std::iter::Peekable;
use std::pin::Pin;
use std::sync::MutexGuard;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Instant;

use self::outcomes::{Batch, Key, Outcomes};
use self::room::{Room, Share, Ticket};
use super::options::FramedOptions;
use super::stats::FramedStats;
use crate::Error;
use crate::lock::Lock;

/// Where callers leave commands and find the outcomes.
///
/// A caller takes the lock once to leave a message, or many together, and once for each look at the
/// outcomes. The task takes it for many messages at a time.
///
/// A caller or task that finds nothing leaves its waker under the same lock, so wake-ups are never
/// lost.
pub(crate) struct Mailbox<T> {
    pub(super) contents: Lock<Contents<T>>,
    max: Share,
}

pub(crate) struct Contents<T> {
    pub(super) commands: VecDeque<Command>,
    pub(super) room: Room,
    pub(super) outcomes: Outcomes<T>,
    pub(super) stats: FramedStats,
    /// Whether a task takes the commands out.
    pub(super) served: bool,
    /// The waker of the task, unless it has been woken already.
    pub(super) task: Option<Waker>,
}

/// The command of a caller to the task.
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

impl<T> Mailbox<T> {
    pub(crate) fn new(options: &FramedOptions) -> Self {
        let max = Share { messages: options.max_in_flight, bytes: options.max_queued_bytes };
        let contents = Contents {
            commands: VecDeque::new(),
            room: Room::new(max),
            outcomes: Outcomes::new(),
            stats: FramedStats::default(),
            served: false,
            task: None,
        };
        Self { contents: Lock::new(contents), max }
    }

    /// Takes the messages that fit into an empty queue together, and returns their share of it.
    pub(crate) fn portion(
        &self,
        frames: &mut Peekable<impl Iterator<Item = Bytes>>,
    ) -> (Vec<Bytes>, Share) {
        let (at_least, _) = frames.size_hint();
        let mut portion = Vec::with_capacity(at_least.min(self.max.messages));
        let mut bytes = 0;
        while portion.len() < self.max.messages {
            let fits = |frame: &Bytes| bytes + self.share(frame.len()).bytes <= self.max.bytes;
            let Some(frame) = frames.next_if(fits) else { break };
            bytes += self.share(frame.len()).bytes;
            portion.push(frame);
        }
        let share = Share { messages: portion.len(), bytes };
        (portion, share)
    }

    /// The share of a command with `size` bytes: a single command may exceed the whole room.
    pub(crate) fn share(&self, size: usize) -> Share {
        Share { messages: 1, bytes: size.min(self.max.bytes) }
    }

    /// Waits for room and takes it, then returns the locked contents. The task gives the room back.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future has taken nothing and leaves the line.
    pub(crate) fn room(&self, share: Share) -> Turn<'_, T> {
        Turn { mailbox: self, share, ticket: None }
    }
}

impl<T> Contents<T> {
    pub(crate) fn send(
        &mut self,
        frames: impl ExactSizeIterator<Item = Bytes>,
        keep_until: Option<Instant>,
    ) -> Batch {
        self.stats.in_flight += frames.len() as u64;
        let batch = self.outcomes.open(frames.len());
        let message = |(frame, key)| Command::Send(Message { frame, key, keep_until });
        self.commands.extend(frames.zip(batch.keys()).map(message));
        batch
    }

    /// Forgets the command if it is a message whose caller gave up. Returns whether it was.
    pub(crate) fn forget_abandoned(&mut self, command: &Command) -> bool {
        let Command::Send(message) = command else { return false };
        let abandoned = self.outcomes.is_abandoned(message.key);
        if abandoned {
            self.outcomes.forget(message.key);
            self.stats.in_flight -= 1;
        }
        abandoned
    }
}

/// A caller that wants a share of the room.
pub(crate) struct Turn<'a, T> {
    mailbox: &'a Mailbox<T>,
    share: Share,
    /// Its place in the line, while it waits.
    ticket: Option<Ticket>,
}

impl<'a, T> Future for Turn<'a, T> {
    type Output = MutexGuard<'a, Contents<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut contents = self.mailbox.contents.lock();
        if let Some(ticket) = self.ticket {
            ready!(contents.room.poll(ticket, cx.waker()));
            self.ticket = None;
        } else if !contents.room.take(self.share) {
            self.ticket = Some(contents.room.wait(self.share, cx.waker()));
            return Poll::Pending;
        }
        Poll::Ready(contents)
    }
}

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            let mut wakers = Vec::new();
            self.mailbox.contents.lock().room.leave(ticket, self.share, &mut wakers);
            wakers.into_iter().for_each(Waker::wake);
        }
    }
}
