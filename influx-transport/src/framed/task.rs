//! The task of a framed transport: keeps a connection while one is needed.

use std::sync::Arc;

use tokio::time::{Instant, sleep_until};

use super::connection::{Connection, End};
use super::mailbox::inbox::Inbox;
use super::role::Role;
use super::shared::Shared;
use super::stats::ConnectionState;
use crate::link::Redial;
use crate::{Connect, Error};

/// Opens one connection after the other: when a command needs it, after the pause for the failures
/// before it.
pub(super) struct Task<C, R: Role> {
    pub(super) connector: Arc<C>,
    pub(super) role: R,
    pub(super) shared: Arc<Shared>,
    pub(super) inbox: Inbox<R::Answer>,
    pub(super) redial: Redial,
    pub(super) not_before: Instant,
}

impl<C: Connect, R: Role> Task<C, R> {
    /// Runs until the transport is dropped, which aborts the task.
    pub(super) async fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        loop {
            self.inbox.need_connection().await;
            if Instant::now() < self.not_before {
                shared.set_state(ConnectionState::BackingOff);
                sleep_until(self.not_before).await;
                // The callers may have given up meanwhile.
                self.not_before = Instant::now();
                continue;
            }
            shared.set_state(ConnectionState::Connecting);
            match self.connector.connect().await {
                Ok(stream) => {
                    self.inbox.count(|stats| stats.connects += 1);
                    shared.set_state(ConnectionState::Connected);
                    let connection = Connection::new(stream, self.role.fresh(), &shared);
                    let end = connection.run(&mut self.inbox).await;
                    self.inbox.count(|stats| stats.disconnects += 1);
                    shared.set_state(ConnectionState::Disconnected);
                    self.ended(end);
                }
                Err(error) => {
                    self.inbox.count(|stats| stats.connect_failures += 1);
                    shared.set_state(ConnectionState::Disconnected);
                    self.failed(&error);
                }
            }
        }
    }

    fn ended(&mut self, end: End) {
        match end {
            // A peer that closes each connection at once counts as a failed attempt.
            End::Unproven(error) => self.failed(&error),
            End::Asked(done, closed) => {
                self.redial.reset();
                // The caller may have gone meanwhile.
                drop(done.send(closed));
            }
            End::Idle => self.redial.reset(),
            End::Broken => {
                self.redial.reset();
                self.back_off();
            }
        }
    }

    fn failed(&mut self, error: &Error) {
        self.inbox.fail_waiting(error);
        self.back_off();
    }

    fn back_off(&mut self) {
        self.not_before = Instant::now() + self.redial.pause();
    }
}
