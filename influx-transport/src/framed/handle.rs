//! The callers' side of a transport's task.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::command::{Command, Commands, Message, Reply};
use super::link::Link;
use super::role::Role;
use super::stats::Monitor;
use super::{FramedOptions, Shared};
use crate::{Connect, Delivery, Error, ErrorKind, Phase};

/// The callers' side of a transport's task. Dropping it ends the task, and with it the connection.
pub(super) struct Handle<C, R, T> {
    pub(super) shared: Arc<Shared>,
    connector: Arc<C>,
    role: R,
    queued_bytes: Arc<Semaphore>,
    task: Mutex<Option<Task<T>>>,
}

/// What becomes of something that was asked of the task.
pub(super) type Outcome<T> = oneshot::Receiver<Result<T, Error>>;

impl<C: Connect, R: Role<Answer = T>, T: Send + 'static> Handle<C, R, T> {
    pub(super) fn new(
        connector: C,
        mut options: FramedOptions,
        role: impl FnOnce(&Arc<Shared>) -> R,
    ) -> Self {
        for limit in [&mut options.write_timeout, &mut options.response_timeout] {
            *limit = (*limit).min(FOREVER);
        }
        options.max_in_flight = options.max_in_flight.clamp(1, Semaphore::MAX_PERMITS);
        options.max_queued_bytes = options.max_queued_bytes.clamp(1, MAX_QUEUED_BYTES as usize);
        let shared = Arc::new(Shared {
            endpoint: connector.endpoint().clone(),
            monitor: Arc::new(Monitor::default()),
            options,
        });
        Self {
            connector: Arc::new(connector),
            role: role(&shared),
            queued_bytes: Arc::new(Semaphore::new(shared.options.max_queued_bytes)),
            task: Mutex::new(None),
            shared,
        }
    }

    /// Waits for room in the queue.
    pub(super) async fn send(&self, frame: Bytes) -> Result<Outcome<T>, Error> {
        let share = frame.len().min(self.shared.options.max_queued_bytes);
        let share = u32::try_from(share).unwrap_or(MAX_QUEUED_BYTES);
        // Only a closed semaphore fails, and nothing closes this one.
        let queued = Arc::clone(&self.queued_bytes).acquire_many_owned(share).await;
        let queued = queued.map_err(|_| self.lost(Delivery::NotSent))?;
        let (reply, outcome) = Reply::new(R::DETACHED, &self.shared.monitor);
        self.put(Command::Send(Message::new(frame, reply, queued))).await?;
        Ok(outcome)
    }

    pub(super) async fn connect(&self) -> Result<(), Error> {
        let (done, outcome) = oneshot::channel();
        self.put(Command::Connect(done)).await?;
        outcome.await.unwrap_or_else(|_| Err(self.lost(Delivery::NotSent)))
    }

    pub(super) async fn disconnect(&self) -> Result<(), Error> {
        if self.task().is_none() {
            return Ok(());
        }
        let (done, outcome) = oneshot::channel();
        self.put(Command::Disconnect(done)).await?;
        outcome.await.unwrap_or_else(|_| Err(self.lost(Delivery::NotSent)))
    }

    /// What to report if the task ended, which it does only with its runtime.
    pub(super) fn lost(&self, delivery: Delivery) -> Error {
        lost(&self.shared, delivery)
    }

    async fn put(&self, command: Command<T>) -> Result<(), Error> {
        let commands = self.commands();
        commands.send(command).await.map_err(|_| self.lost(Delivery::NotSent))
    }

    /// The way to the task, which is started if there is none.
    fn commands(&self) -> mpsc::Sender<Command<T>> {
        let mut task = self.task();
        if let Some(task) = &*task {
            // It is closed if the runtime on which the task ran is gone.
            if !task.commands.is_closed() {
                return task.commands.clone();
            }
        }
        let (commands, queue) = mpsc::channel(self.shared.options.max_in_flight);
        let link = Link {
            connector: Arc::clone(&self.connector),
            role: self.role.fresh(),
            shared: Arc::clone(&self.shared),
            commands: Commands::new(queue),
            failures: 0,
            not_before: Instant::now(),
        };
        let running = tokio::spawn(link.run());
        *task = Some(Task { commands: commands.clone(), running });
        commands
    }

    fn task(&self) -> std::sync::MutexGuard<'_, Option<Task<T>>> {
        // No code that runs under the lock can leave the task half started.
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What to report of a message whose task ended, which it does only with its runtime.
pub(super) fn lost(shared: &Shared, delivery: Delivery) -> Error {
    let reason = ErrorKind::Invalid("the runtime on which the connection ran has ended");
    shared.error(reason, Phase::Send).with_delivery(delivery)
}

/// A task, which ends when this is dropped.
struct Task<T> {
    commands: mpsc::Sender<Command<T>>,
    running: JoinHandle<()>,
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// The longest wait, so that a moment after it exists.
pub(super) const FOREVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A semaphore counts its permits with 32 bits.
const MAX_QUEUED_BYTES: u32 = u32::MAX >> 4;
