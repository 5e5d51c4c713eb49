//! The callers' side of a transport's task.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::command::{Command, Message};
use super::inbox::Inbox;
use super::link::Link;
use super::mailbox::Mailbox;
use super::outcomes::Key;
use super::role::Role;
use super::stats::State;
use super::{FramedOptions, Shared, Stats};
use crate::{Connect, Delivery, Error, ErrorKind, Phase};

/// The callers' side of a transport's task. Dropping it ends the task, and with it the connection.
pub(super) struct Handle<C, R, T> {
    pub(super) shared: Arc<Shared>,
    connector: Arc<C>,
    role: R,
    pub(super) mailbox: Arc<Mailbox<T>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl<C: Connect, R: Role<Answer = T>, T: Send + 'static> Handle<C, R, T> {
    pub(super) fn new(
        connector: C,
        mut options: FramedOptions,
        role: impl FnOnce(&Arc<Shared>) -> R,
    ) -> Self {
        for limit in
            [&mut options.write_timeout, &mut options.response_timeout, &mut options.retry_for]
        {
            *limit = (*limit).min(FOREVER);
        }
        options.max_in_flight = options.max_in_flight.clamp(1, Semaphore::MAX_PERMITS);
        let shared = Arc::new(Shared {
            endpoint: connector.endpoint().clone(),
            state: State::default(),
            options,
        });
        Self {
            connector: Arc::new(connector),
            role: role(&shared),
            mailbox: Arc::new(Mailbox::new(&shared.options)),
            task: Mutex::new(None),
            shared,
        }
    }

    /// Waits for room in the queue. The key is the caller's claim to the outcome.
    pub(super) async fn send(&self, frame: Bytes) -> Key {
        let room = self.mailbox.room(frame.len()).await;
        let retry_for = self.shared.options.retry_for;
        // Reading the clock costs as much as all the rest.
        let keep_until = (!retry_for.is_zero()).then(|| Instant::now() + retry_for);
        let (unserved, key) = self.mailbox.put(room, |contents| {
            contents.stats.in_flight += 1;
            let key = contents.outcomes.open();
            (Command::Send(Message { frame, key, keep_until }), key)
        });
        if unserved {
            self.serve();
        }
        key
    }

    pub(super) async fn connect(&self) -> Result<(), Error> {
        self.ask(Command::Connect).await
    }

    pub(super) async fn disconnect(&self) -> Result<(), Error> {
        self.ask(Command::Disconnect).await
    }

    pub(super) fn stats(&self) -> Stats {
        self.mailbox.lock().stats
    }

    async fn ask(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<(), Error>>) -> Command,
    ) -> Result<(), Error> {
        let (done, outcome) = oneshot::channel();
        let room = self.mailbox.room(0).await;
        let (unserved, ()) = self.mailbox.put(room, |_| (command(done), ()));
        if unserved {
            self.serve();
        }
        outcome.await.unwrap_or_else(|_| Err(lost(Delivery::NotSent)))
    }

    /// Starts a task: before the first command, and when the runtime on which it ran has ended.
    fn serve(&self) {
        let link = Link {
            connector: Arc::clone(&self.connector),
            role: self.role.fresh(),
            shared: Arc::clone(&self.shared),
            inbox: Inbox::new(Arc::clone(&self.mailbox)),
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
