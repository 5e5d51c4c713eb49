//! The callers' side of a transport's task.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::command::{Command, Message, Reply};
use super::link::Link;
use super::queue::{Queue, Room};
use super::role::Role;
use super::stats::Monitor;
use super::{FramedOptions, Shared};
use crate::{Connect, Delivery, Error, ErrorKind, Phase};

/// The callers' side of a transport's task. Dropping it ends the task, and with it the connection.
pub(super) struct Handle<C, R, T> {
    pub(super) shared: Arc<Shared>,
    connector: Arc<C>,
    role: R,
    queue: Arc<Queue<T>>,
    task: Mutex<Option<JoinHandle<()>>>,
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
        let shared = Arc::new(Shared {
            endpoint: connector.endpoint().clone(),
            monitor: Arc::new(Monitor::default()),
            options,
        });
        Self {
            connector: Arc::new(connector),
            role: role(&shared),
            queue: Arc::new(Queue::new(&shared.options)),
            task: Mutex::new(None),
            shared,
        }
    }

    /// Waits for room in the queue.
    pub(super) async fn send(&self, frame: Bytes) -> Outcome<T> {
        let room = self.queue.room(frame.len()).await;
        let (reply, outcome) = Reply::new(R::DETACHED, &self.shared.monitor);
        self.put(room, Command::Send(Message::new(frame, reply)));
        outcome
    }

    pub(super) async fn connect(&self) -> Result<(), Error> {
        let (done, outcome) = oneshot::channel();
        self.put(self.queue.room(0).await, Command::Connect(done));
        outcome.await.unwrap_or_else(|_| Err(lost(Delivery::NotSent)))
    }

    pub(super) async fn disconnect(&self) -> Result<(), Error> {
        let (done, outcome) = oneshot::channel();
        self.put(self.queue.room(0).await, Command::Disconnect(done));
        outcome.await.unwrap_or_else(|_| Err(lost(Delivery::NotSent)))
    }

    /// Leaves a command for the task, and starts one if there is none: before the first command,
    /// and when the runtime on which it ran has ended.
    fn put(&self, room: Room<'_, T>, command: Command<T>) {
        let Some(commands) = room.put(command) else { return };
        let link = Link {
            connector: Arc::clone(&self.connector),
            role: self.role.fresh(),
            shared: Arc::clone(&self.shared),
            commands,
            failures: 0,
            not_before: Instant::now(),
        };
        // No code that runs under the lock can leave the task half started.
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        *task = Some(tokio::spawn(link.run()));
    }
}

impl<C, R, T> Drop for Handle<C, R, T> {
    fn drop(&mut self) {
        let task = self.task.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = task {
            task.abort();
        }
    }
}

/// What to report if the task ended before the outcome, which it does only with its runtime or
/// with the transport.
pub(super) fn lost(delivery: Delivery) -> Error {
    let reason = ErrorKind::Invalid("the transport or its runtime ended before the outcome");
    Error::new(reason, Phase::Send).with_delivery(delivery)
}

/// The longest wait, so that a moment after it exists.
pub(super) const FOREVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);
