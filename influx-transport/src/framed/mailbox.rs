//! What callers and the task share: commands one way, outcomes the other, under one lock.

use std::collections::VecDeque;
use std::future::pending;
use std::ops::Deref;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};

use super::command::Command;
use super::outcomes::{Key, Outcomes};
use super::{FramedOptions, Stats};
use crate::Error;

/// Where callers leave commands, and find the outcomes.
///
/// A caller takes the lock once to leave a message and once to fetch the outcome. The task takes
/// it for many at a time.
pub(super) struct Mailbox<T> {
    contents: Mutex<Contents<T>>,
    /// Room for further commands, and for the bytes that they bring along.
    slots: Semaphore,
    bytes: Semaphore,
    max_bytes: usize,
}

pub(super) struct Contents<T> {
    pub(super) commands: VecDeque<Command>,
    pub(super) outcomes: Outcomes<T>,
    pub(super) stats: Stats,
    /// Whether a task takes the commands.
    pub(super) served: bool,
    /// The task, if it waits for commands.
    pub(super) task: Option<Waker>,
}

/// Room for one command.
pub(super) struct Room<'a> {
    slot: SemaphorePermit<'a>,
    bytes: SemaphorePermit<'a>,
}

impl<T> Mailbox<T> {
    pub(super) fn new(options: &FramedOptions) -> Self {
        let max_bytes = options.max_queued_bytes.clamp(1, MAX_BYTES);
        let contents = Contents {
            commands: VecDeque::new(),
            outcomes: Outcomes::new(),
            stats: Stats::default(),
            served: false,
            task: None,
        };
        Self {
            contents: Mutex::new(contents),
            slots: Semaphore::new(options.max_in_flight),
            bytes: Semaphore::new(max_bytes),
            max_bytes,
        }
    }

    /// Waits for room for a command that brings so many bytes along.
    pub(super) async fn room(&self, size: usize) -> Room<'_> {
        let both = async {
            let cost = u32::try_from(self.cost(size)).unwrap_or(u32::MAX);
            let slot = acquire(&self.slots, 1).await?;
            Ok::<_, AcquireError>(Room { slot, bytes: acquire(&self.bytes, cost).await? })
        };
        match both.await {
            Ok(room) => room,
            // Only a closed semaphore fails, and nothing closes these.
            Err(_) => pending().await,
        }
    }

    /// Puts a command behind all others. Returns whether the caller must start a task for it.
    pub(super) fn put<R>(
        &self,
        room: Room<'_>,
        command: impl FnOnce(&mut Contents<T>) -> (Command, R),
    ) -> (bool, R) {
        // The task gives the room back when it takes the command.
        room.slot.forget();
        room.bytes.forget();
        let mut contents = self.lock();
        let (command, result) = command(&mut contents);
        contents.commands.push_back(command);
        let served = std::mem::replace(&mut contents.served, true);
        let task = contents.task.take();
        drop(contents);
        if let Some(task) = task {
            task.wake();
        }
        (!served, result)
    }

    /// Lets callers have the room of commands that were taken.
    pub(super) fn release(&self, slots: usize, bytes: usize) {
        if slots > 0 {
            self.slots.add_permits(slots);
            self.bytes.add_permits(bytes);
        }
    }

    /// What a command with so many bytes takes of the room: one alone may be larger than all.
    pub(super) fn cost(&self, size: usize) -> usize {
        size.min(self.max_bytes)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Contents<T>> {
        // No code that runs under the lock can leave the contents half changed.
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A caller's claim to the outcome of its message. Dropping it says that nobody waits any more.
pub(super) struct Claim<M, T>
where
    M: Deref<Target = Mailbox<T>>,
{
    mailbox: M,
    key: Option<Key>,
}

impl<M, T> Claim<M, T>
where
    M: Deref<Target = Mailbox<T>>,
{
    pub(super) fn new(mailbox: M, key: Key) -> Self {
        Self { mailbox, key: Some(key) }
    }

    /// The outcome; `None` if the task has ended before, or if it was handed out.
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<Option<Result<T, Error>>> {
        let Some(key) = self.key else { return Poll::Ready(None) };
        let outcome = self.mailbox.lock().outcomes.poll(key, cx);
        if outcome.is_ready() {
            self.key = None;
        }
        outcome
    }
}

impl<M, T> Drop for Claim<M, T>
where
    M: Deref<Target = Mailbox<T>>,
{
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.mailbox.lock().outcomes.abandon(key);
        }
    }
}

/// Waits in the order of the callers, but not at all where that is not needed.
async fn acquire(semaphore: &Semaphore, permits: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
    if let Ok(permit) = semaphore.try_acquire_many(permits) {
        return Ok(permit);
    }
    semaphore.acquire_many(permits).await
}

/// A semaphore hands out so many permits at once.
const MAX_BYTES: usize = 1 << 30;
