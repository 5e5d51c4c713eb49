//! The open connections that are not in use.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::connection::{Connection, Peer};

/// The unused open connections to one peer, the last used one on top.
pub(super) struct Pool {
    pub(super) peer: Peer,
    idle: Mutex<Vec<Idle>>,
}

impl Pool {
    pub(super) fn new(peer: Peer) -> Self {
        Self { peer, idle: Mutex::default() }
    }

    /// Takes out the connection that was used last, if one is still good.
    pub(super) async fn take(&self) -> Option<Connection> {
        let now = Instant::now();
        while let Some(Idle { mut connection, since }) = self.pop(now) {
            if now.duration_since(since) > FRESH {
                // Lets the connection's task see whether the peer has closed it: in a busy program it
                // has not looked, and a request would be lost.
                tokio::task::yield_now().await;
            }
            // A connection returns when its answer was read to the end, a moment before hyper
            // notices that. One that is still sending its request stays unready and is dropped.
            let is_ready = connection.sender.is_ready()
                || matches!(timeout(SETTLE, connection.sender.ready()).await, Ok(Ok(())));
            if is_ready {
                return Some(connection);
            }
        }
        None
    }

    /// Puts back a connection whose answer was read to the end.
    pub(super) fn put(&self, connection: Connection) {
        if connection.is_unfinished() {
            return;
        }
        let now = Instant::now();
        let mut idle = self.idle();
        self.remove_expired(&mut idle, now);
        if idle.len() < self.peer.options.max_idle && !connection.sender.is_closed() {
            idle.push(Idle { connection, since: now });
        }
    }

    pub(super) fn clear(&self) {
        self.idle().clear();
    }

    fn pop(&self, now: Instant) -> Option<Idle> {
        let mut idle = self.idle();
        self.remove_expired(&mut idle, now);
        idle.pop()
    }

    fn remove_expired(&self, idle: &mut Vec<Idle>, now: Instant) {
        let limit = self.peer.options.idle_timeout;
        idle.retain(|Idle { connection, since }| {
            now.duration_since(*since) < limit && !connection.sender.is_closed()
        });
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        // No code that runs under the lock can leave the list half changed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Idle {
    connection: Connection,
    since: Instant,
}

/// The time for which an unused connection is not checked: a check is a system call, which is
/// expensive for one small request after the other.
const FRESH: Duration = Duration::from_millis(10);

/// The longest time until a returned connection is ready.
const SETTLE: Duration = Duration::from_millis(100);
