//! The way of commands from many callers to the one task.

use std::collections::VecDeque;
use std::future::{pending, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::command::Command;
use super::{FramedOptions, Shared};
use crate::{Delivery, Error};

/// Where callers leave commands, which the task takes all at once: a lock for each batch costs
/// less than one for each command.
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    /// Room for further commands, and for the bytes that they bring along.
    slots: Semaphore,
    bytes: Semaphore,
    max_bytes: usize,
}

struct State<T> {
    commands: VecDeque<Command<T>>,
    /// Whether a task takes the commands.
    served: bool,
    /// The task, if it waits.
    waker: Option<Waker>,
}

/// Room for one command.
pub(super) struct Room<'a, T> {
    queue: &'a Arc<Queue<T>>,
    slot: SemaphorePermit<'a>,
    bytes: SemaphorePermit<'a>,
}

impl<T> Queue<T> {
    pub(super) fn new(options: &FramedOptions) -> Self {
        let max_bytes = options.max_queued_bytes.clamp(1, MAX_BYTES);
        Self {
            state: Mutex::new(State { commands: VecDeque::new(), served: false, waker: None }),
            slots: Semaphore::new(options.max_in_flight),
            bytes: Semaphore::new(max_bytes),
            max_bytes,
        }
    }

    /// Waits for room for a command that brings so many bytes along.
    pub(super) async fn room(self: &Arc<Self>, size: usize) -> Room<'_, T> {
        let cost = u32::try_from(self.cost(size)).unwrap_or(u32::MAX);
        let both = async {
            let slot = self.slots.acquire().await?;
            Ok::<_, tokio::sync::AcquireError>((slot, self.bytes.acquire_many(cost).await?))
        };
        match both.await {
            Ok((slot, bytes)) => Room { queue: self, slot, bytes },
            // Only a closed semaphore fails, and nothing closes these.
            Err(_) => pending().await,
        }
    }

    /// What a command with so many bytes takes of the room: one alone may be larger than all.
    fn cost(&self, size: usize) -> usize {
        size.min(self.max_bytes)
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        // No code that runs under the lock can leave the queue half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Room<'_, T> {
    /// Puts the command behind all others. If no task takes them, the caller must start one with
    /// what is returned.
    pub(super) fn put(self, command: Command<T>) -> Option<Commands<T>> {
        // The task gives the room back when it has carried out the command.
        self.slot.forget();
        self.bytes.forget();
        let mut state = self.queue.state();
        state.commands.push_back(command);
        let waker = state.waker.take();
        let served = std::mem::replace(&mut state.served, true);
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        (!served).then(|| Commands::new(Arc::clone(self.queue)))
    }
}

/// The task's side of a queue: the commands that are still to be carried out, in order.
pub(super) struct Commands<T> {
    queue: Arc<Queue<T>>,
    /// Those that were taken out of the queue.
    taken: VecDeque<Command<T>>,
    /// The room that they have in the queue until the last of them was carried out.
    slots: usize,
    bytes: usize,
}

impl<T> Commands<T> {
    fn new(queue: Arc<Queue<T>>) -> Self {
        Self { queue, taken: VecDeque::new(), slots: 0, bytes: 0 }
    }

    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Command<T>> {
        if self.taken.is_empty() {
            self.take(|state| state.waker = Some(cx.waker().clone()));
        }
        let Some(command) = self.taken.pop_front() else { return Poll::Pending };
        if self.taken.is_empty() {
            self.release();
        }
        Poll::Ready(command)
    }

    /// Puts a command back in front of all others.
    pub(super) fn put_back(&mut self, command: Command<T>) {
        self.taken.push_front(command);
    }

    /// Waits for a command that needs a connection.
    pub(super) async fn need_connection(&mut self) {
        loop {
            match poll_fn(|cx| self.poll_next(cx)).await {
                // There is nothing to close.
                Command::Disconnect(done) => drop(done.send(Ok(()))),
                Command::Send(message) if message.reply.is_abandoned() => {}
                Command::Connect(done) if done.is_closed() => {}
                command => return self.put_back(command),
            }
        }
    }

    /// Fails what waits after a failed attempt to connect, but for messages that may wait longer.
    pub(super) fn fail_waiting(&mut self, error: &Error, shared: &Shared) {
        let error = error.clone().with_delivery(Delivery::NotSent);
        let mut waiting = std::mem::take(&mut self.taken);
        if waiting.len() < shared.options.max_in_flight {
            self.take(|_| {});
            waiting.append(&mut self.taken);
        }
        self.release();
        for command in waiting {
            match command {
                Command::Connect(done) => drop(done.send(Err(error.clone()))),
                Command::Send(message) if message.since.elapsed() >= shared.options.retry_for => {
                    message.reply.fail(error.clone());
                }
                command => self.taken.push_back(command),
            }
        }
    }

    /// Takes all that is in the queue, when nothing is left of what was taken before.
    fn take(&mut self, change: impl FnOnce(&mut State<T>)) {
        let mut state = self.queue.state();
        std::mem::swap(&mut self.taken, &mut state.commands);
        change(&mut state);
        drop(state);
        self.slots += self.taken.len();
        self.bytes += self.taken.iter().map(|taken| self.queue.cost(taken.size())).sum::<usize>();
    }

    /// Lets callers have the room of what was taken.
    fn release(&mut self) {
        self.queue.slots.add_permits(std::mem::take(&mut self.slots));
        self.queue.bytes.add_permits(std::mem::take(&mut self.bytes));
    }
}

impl<T> Drop for Commands<T> {
    fn drop(&mut self) {
        // Those who wait must learn that nobody takes their commands any more.
        self.taken.clear();
        self.take(|state| state.served = false);
        self.taken.clear();
        self.release();
    }
}

/// A semaphore hands out so many permits at once.
const MAX_BYTES: usize = 1 << 30;
