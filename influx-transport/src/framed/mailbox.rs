//! What callers and the task share: commands one way, outcomes the other, under one lock.

use std::collections::VecDeque;
use std::future::pending;
use std::iter::Peekable;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use bytes::Bytes;
use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::command::{Command, Message};
use super::outcomes::{Key, Outcomes};
use super::{FramedOptions, Stats};

/// Where callers leave commands, and find the outcomes.
///
/// A caller takes the lock once to leave a message, or many that belong together, and once to fetch
/// their outcomes. The task takes it for many at a time.
pub(super) struct Mailbox<T> {
    contents: Mutex<Contents<T>>,
    /// Room for further commands, and for the bytes that they bring along.
    slots: Semaphore,
    bytes: Semaphore,
    max_slots: usize,
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

/// Room for commands.
pub(super) struct Room<'a> {
    slots: SemaphorePermit<'a>,
    bytes: SemaphorePermit<'a>,
}

impl<T> Mailbox<T> {
    pub(super) fn new(options: &FramedOptions) -> Self {
        let max_bytes = options.max_queued_bytes.clamp(1, MAX_PERMITS);
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
            max_slots: options.max_in_flight.min(MAX_PERMITS),
            max_bytes,
        }
    }

    /// Takes as many messages as there can be room for at once, and says what they cost together.
    pub(super) fn portion(
        &self,
        frames: &mut Peekable<impl Iterator<Item = Bytes>>,
    ) -> (Vec<Bytes>, usize) {
        let (at_least, _) = frames.size_hint();
        let mut portion = Vec::with_capacity(at_least.min(self.max_slots));
        let mut cost = 0;
        while portion.len() < self.max_slots {
            let fits = |frame: &Bytes| cost + self.cost(frame.len()) <= self.max_bytes;
            let Some(frame) = frames.next_if(fits) else { break };
            cost += self.cost(frame.len());
            portion.push(frame);
        }
        (portion, cost)
    }

    /// Waits for room for so many commands, which cost so much together.
    pub(super) async fn room(&self, slots: usize, cost: usize) -> Room<'_> {
        let both = async {
            let slots = acquire(&self.slots, slots).await?;
            Ok::<_, AcquireError>(Room { slots, bytes: acquire(&self.bytes, cost).await? })
        };
        match both.await {
            Ok(room) => room,
            // Only a closed semaphore fails, and nothing closes these.
            Err(_) => pending().await,
        }
    }

    /// Puts commands behind all others. Returns whether the caller must start a task for them.
    pub(super) fn put<R>(
        &self,
        room: Room<'_>,
        put: impl FnOnce(&mut Contents<T>) -> R,
    ) -> (bool, R) {
        // The task gives the room back when it takes the commands.
        room.slots.forget();
        room.bytes.forget();
        let mut contents = self.lock();
        let result = put(&mut contents);
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

impl<T> Contents<T> {
    /// Puts a message behind all others. The key is its caller's claim to the outcome.
    pub(super) fn send(&mut self, frame: Bytes, keep_until: Option<Instant>) -> Key {
        self.stats.in_flight += 1;
        let key = self.outcomes.open();
        self.commands.push_back(Command::Send(Message { frame, key, keep_until }));
        key
    }
}

/// Waits in the order of the callers, but not at all where that is not needed.
async fn acquire(
    semaphore: &Semaphore,
    permits: usize,
) -> Result<SemaphorePermit<'_>, AcquireError> {
    let permits = u32::try_from(permits).unwrap_or(u32::MAX);
    if let Ok(permit) = semaphore.try_acquire_many(permits) {
        return Ok(permit);
    }
    semaphore.acquire_many(permits).await
}

/// A semaphore hands out so many permits at once.
const MAX_PERMITS: usize = 1 << 30;
