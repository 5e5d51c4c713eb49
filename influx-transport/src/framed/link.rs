//! The task behind a framed transport: keeps a connection while one is needed.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::Shared;
use super::connection::Connection;
use super::inbox::Inbox;
use super::role::Role;
use super::stats::ConnectionState;
use crate::alarm::FOREVER;
use crate::{Connect, Error};

/// Opens connections one after the other, each when it is needed and after the pause that the
/// failures before it ask for.
pub(super) struct Link<C, R: Role> {
    pub(super) connector: Arc<C>,
    pub(super) role: R,
    pub(super) shared: Arc<Shared>,
    pub(super) inbox: Inbox<R>,
    pub(super) failures: u32,
    pub(super) not_before: Instant,
}

/// How a connection ended.
pub(super) enum End {
    /// Because this caller wanted it.
    Asked(oneshot::Sender<Result<(), Error>>, Result<(), Error>),
    /// While it was in use.
    Broken,
    /// While it was not in use.
    Idle,
    /// Before the peer had shown that it works.
    Unproven(Error),
}

impl<C: Connect, R: Role> Link<C, R> {
    /// Runs until the transport is dropped, which ends the task.
    pub(super) async fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let state = &shared.state;
        loop {
            self.inbox.need_connection().await;
            if Instant::now() < self.not_before {
                state.set(ConnectionState::BackingOff);
                sleep_until(self.not_before).await;
                // Those who wanted the connection may have given up meanwhile.
                self.not_before = Instant::now();
                continue;
            }
            state.set(ConnectionState::Connecting);
            match self.connector.connect().await {
                Ok(stream) => {
                    self.inbox.count(|stats| stats.connects += 1);
                    state.set(ConnectionState::Connected);
                    let connection = Connection::new(stream, self.role.fresh(), &shared);
                    let end = connection.run(&mut self.inbox).await;
                    self.inbox.count(|stats| stats.disconnects += 1);
                    state.set(ConnectionState::Disconnected);
                    self.ended(end);
                }
                Err(error) => {
                    self.inbox.count(|stats| stats.connect_failures += 1);
                    state.set(ConnectionState::Disconnected);
                    self.failed(&error);
                }
            }
        }
    }

    fn ended(&mut self, end: End) {
        match end {
            End::Asked(done, closed) => {
                self.failures = 0;
                // The caller may have gone meanwhile.
                drop(done.send(closed));
            }
            End::Idle => self.failures = 0,
            End::Broken => {
                self.failures = 0;
                self.back_off();
            }
            // A peer that accepts connections and closes them at once is no better than one that
            // accepts none.
            End::Unproven(error) => self.failed(&error),
        }
    }

    fn failed(&mut self, error: &Error) {
        self.inbox.fail_waiting(error);
        self.back_off();
    }

    fn back_off(&mut self) {
        let options = &self.shared.options;
        let pause = options.backoff.delay(self.failures, (options.random)());
        self.not_before = Instant::now() + pause.min(FOREVER);
        self.failures = self.failures.saturating_add(1);
    }
}
