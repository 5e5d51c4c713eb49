//! The connections that are open and not in use.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::connection::Connection;
use super::options::HttpOptions;
use crate::Endpoint;

/// The connections to one peer that are open and not in use, the last used one on top, and what
/// all connections to that peer share.
pub(super) struct Pool {
    pub(super) endpoint: Endpoint,
    pub(super) options: HttpOptions,
    idle: Mutex<Vec<Idle>>,
}

impl Pool {
    pub(super) fn new(endpoint: Endpoint, options: HttpOptions) -> Self {
        Self { endpoint, options, idle: Mutex::default() }
    }

    /// Takes out the connection that was used last, if one is still good.
    pub(super) async fn take(&self) -> Option<Connection> {
        let now = Instant::now();
        while let Some(Idle { mut connection, since }) = self.pop(now) {
            if now.duration_since(since) > FRESH {
                // Lets the connection's task see whether its peer closed it meanwhile: a busy
                // program has not looked, and a request would be lost.
                tokio::task::yield_now().await;
            }
            // A connection comes back when its answer was read to the end, a moment before hyper
            // has noticed so. It stays unready if it still sends its request: then it is dropped.
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
        let now = Instant::now();
        let mut idle = self.idle();
        self.remove_expired(&mut idle, now);
        if idle.len() < self.options.max_idle && !connection.sender.is_closed() {
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
        let limit = self.options.idle_timeout;
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

/// How long a connection may be unused before it is looked at again: that takes a system call,
/// which is dear for one small request after the other.
const FRESH: Duration = Duration::from_millis(10);

/// How long a connection that came back may take to become ready.
const SETTLE: Duration = Duration::from_millis(100);
