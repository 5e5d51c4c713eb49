//! The callers' side of a transport's task.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::{iter, mem};

use bytes::Bytes;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::mailbox::claim::{Claim, lost};
use super::mailbox::inbox::Inbox;
use super::mailbox::outcomes::Batch;
use super::mailbox::room::Share;
use super::mailbox::{Command, Contents, Mailbox};
use super::options::FramedOptions;
use super::role::Role;
use super::shared::Shared;
use super::stats::ConnectionState;
use super::task::Task;
use crate::link::Redial;
use crate::lock::Lock;
use crate::{Connect, Delivery, Error};

/// The callers' side of a transport's task. Dropping it ends the task, and with it the connection.
pub(super) struct Handle<C, R, T> {
    pub(super) shared: Arc<Shared>,
    connector: Arc<C>,
    role: R,
    pub(super) mailbox: Arc<Mailbox<T>>,
    task: Lock<Option<JoinHandle<()>>>,
}

impl<C: Connect, R: Role<Answer = T>, T: Send + 'static> Handle<C, R, T> {
    pub(super) fn new(
        connector: C,
        options: FramedOptions,
        role: impl FnOnce(&Arc<Shared>) -> R,
    ) -> Self {
        let shared = Arc::new(Shared {
            endpoint: connector.endpoint().clone(),
            state: watch::Sender::new(ConnectionState::default()),
            options: options.sound(),
        });
        Self {
            connector: Arc::new(connector),
            role: role(&shared),
            mailbox: Arc::new(Mailbox::new(&shared.options)),
            task: Lock::new(None),
            shared,
        }
    }

    pub(super) fn send(&self, frame: Bytes) -> impl Future<Output = Batch> {
        let share = self.mailbox.share(frame.len());
        self.put(share, |contents| contents.send(iter::once(frame), self.keep_until()))
    }

    pub(super) async fn send_all(
        &self,
        frames: impl IntoIterator<Item = Bytes>,
    ) -> Vec<Result<T, Error>> {
        let mut frames = frames.into_iter().peekable();
        let mut outcomes = Vec::new();
        let mut under_way: Option<Claim<_, T>> = None;
        while frames.peek().is_some() {
            let (portion, share) = self.mailbox.portion(&mut frames);
            let put =
                |contents: &mut Contents<T>| contents.send(portion.into_iter(), self.keep_until());
            let claim = Claim::new(&*self.mailbox, self.put(share, put).await);
            // Two portions at most: one waits in the queue while the task works on the other, and
            // any number of messages takes no more room.
            if let Some(mut earlier) = under_way.replace(claim) {
                poll_fn(|cx| earlier.poll_all(cx, &mut outcomes)).await;
            }
        }
        if let Some(mut last) = under_way {
            poll_fn(|cx| last.poll_all(cx, &mut outcomes)).await;
        }
        outcomes
    }

    /// Has the task carry out [`Command::Connect`] or [`Command::Disconnect`].
    pub(super) async fn ask(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<(), Error>>) -> Command,
    ) -> Result<(), Error> {
        let (done, outcome) = oneshot::channel();
        let command = command(done);
        self.put(self.mailbox.share(0), |contents| contents.commands.push_back(command)).await;
        outcome.await.unwrap_or_else(|_| Err(lost(Delivery::NotSent)))
    }

    /// Until when a message that is sent now may wait for a working connection.
    fn keep_until(&self) -> Option<Instant> {
        let retry_for = self.shared.options.retry_for;
        // Reading the clock costs as much as all the rest.
        (!retry_for.is_zero()).then(|| Instant::now() + retry_for)
    }

    /// Waits for room, puts commands into the mailbox and wakes or starts the task.
    async fn put<U>(&self, share: Share, put: impl FnOnce(&mut Contents<T>) -> U) -> U {
        let mut contents = self.mailbox.room(share).await;
        let result = put(&mut contents);
        let served = mem::replace(&mut contents.served, true);
        let task = contents.task.take();
        drop(contents);
        if let Some(task) = task {
            task.wake();
        }
        if !served {
            self.serve();
        }
        result
    }

    /// Starts a task: for the first command, and after the end of the runtime that ran the last
    /// one.
    fn serve(&self) {
        let options = &self.shared.options;
        let task = Task {
            connector: Arc::clone(&self.connector),
            role: self.role.fresh(),
            shared: Arc::clone(&self.shared),
            inbox: Inbox::new(Arc::clone(&self.mailbox), R::ANSWERS),
            redial: Redial::new(options.backoff, options.random),
            not_before: Instant::now(),
        };
        *self.task.lock() = Some(tokio::spawn(task.run()));
    }
}

impl<C, R, T> Drop for Handle<C, R, T> {
    fn drop(&mut self) {
        if let Some(task) = self.task.lock().take() {
            task.abort();
        }
    }
}

/// The methods of a public handle that do not depend on the answers of the peer.
macro_rules! handle {
    ($name:ident) => {
        impl<C, K> $name<C, K> {
            /// The peer.
            pub fn endpoint(&self) -> &$crate::Endpoint {
                &self.0.shared.endpoint
            }

            /// The counters of the messages and connections so far.
            pub fn stats(&self) -> super::stats::FramedStats {
                self.0.mailbox.contents.lock().stats
            }

            /// Follows the state of the connection.
            pub fn state(&self) -> super::stats::StateWatch {
                super::stats::StateWatch(self.0.shared.state.subscribe())
            }
        }

        /// All clones share the connection.
        impl<C, K> Clone for $name<C, K> {
            fn clone(&self) -> Self {
                Self(Arc::clone(&self.0))
            }
        }

        impl<C, K> std::fmt::Debug for $name<C, K> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("endpoint", &self.0.shared.endpoint)
                    .finish_non_exhaustive()
            }
        }
    };
}
pub(super) use handle;
