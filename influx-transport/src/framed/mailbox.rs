//! What callers and the task share: commands one way, outcomes the other, under one lock.

use std::collections::VecDeque;
use std::future::Future;
use std::iter::Peekable;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use tokio::time::Instant;

use super::command::{Command, Message};
use super::outcomes::{Batch, Outcomes};
use super::room::{Room, Share, Ticket};
use super::{FramedOptions, Stats};

/// Where callers leave commands, and find the outcomes.
///
/// A caller takes the lock once to leave a message, or many that belong together, and once each time
/// it looks for their outcomes. The task takes it for many at a time.
///
/// No wake-up is lost, since whoever waits leaves its waker under the same lock under which it
/// found nothing: whoever brings something later finds the waker.
pub(super) struct Mailbox<T> {
    contents: Mutex<Contents<T>>,
    max: Share,
}

pub(super) struct Contents<T> {
    pub(super) commands: VecDeque<Command>,
    pub(super) room: Room,
    pub(super) outcomes: Outcomes<T>,
    pub(super) stats: Stats,
    /// Whether a task takes the commands.
    pub(super) served: bool,
    /// The task, unless it was woken and has not looked since.
    pub(super) task: Option<Waker>,
}

impl<T> Mailbox<T> {
    pub(super) fn new(options: &FramedOptions) -> Self {
        let bytes = options.max_queued_bytes.clamp(1, MAX_QUEUED_BYTES);
        let max = Share { messages: options.max_in_flight, bytes };
        let contents = Contents {
            commands: VecDeque::new(),
            room: Room::new(max),
            outcomes: Outcomes::new(),
            stats: Stats::default(),
            served: false,
            task: None,
        };
        Self { contents: Mutex::new(contents), max }
    }

    /// Takes as many messages as there can be room for at once, and says what they take of it.
    pub(super) fn portion(
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

    /// What a command with so many bytes takes of the room: one alone may be larger than all.
    pub(super) fn share(&self, size: usize) -> Share {
        Share { messages: 1, bytes: size.min(self.max.bytes) }
    }

    /// Waits for room, and has the contents locked for the command that is to take it. The task
    /// gives the room back.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future has taken nothing, and lets others have its turn.
    pub(super) fn room(&self, share: Share) -> Turn<'_, T> {
        Turn { mailbox: self, share, ticket: None }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Contents<T>> {
        // No code that runs under the lock can leave the contents half changed.
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Contents<T> {
    /// Puts messages of one caller behind all others.
    pub(super) fn send(
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

    /// Forgets a message whose caller gave up. Returns whether the command was one.
    pub(super) fn forget_abandoned(&mut self, command: &Command) -> bool {
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
pub(super) struct Turn<'a, T> {
    mailbox: &'a Mailbox<T>,
    share: Share,
    /// Its place in the line, while it waits.
    ticket: Option<Ticket>,
}

impl<'a, T> Future for Turn<'a, T> {
    type Output = MutexGuard<'a, Contents<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut contents = self.mailbox.lock();
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
            self.mailbox.lock().room.leave(ticket, self.share, &mut wakers);
            wakers.into_iter().for_each(Waker::wake);
        }
    }
}

/// More than this is no limit that anybody would want.
const MAX_QUEUED_BYTES: usize = 1 << 30;
