//! The counters and the connection state of a framed transport.

use tokio::sync::watch;

/// The counters of a framed transport, at one moment. All but `in_flight` only grow.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct FramedStats {
    /// Connections that were opened.
    pub connects: u64,
    /// Attempts to connect that failed.
    pub connect_failures: u64,
    /// Connections that ended, for any reason.
    pub disconnects: u64,
    /// Messages that were accepted and whose outcome is open.
    pub in_flight: u64,
    /// Messages that the system took to the last byte. A repeated one counts once.
    pub sent: u64,
    /// Answers that reached their callers.
    pub received: u64,
    /// Answers that arrived after their callers had given up.
    pub discarded: u64,
    /// Messages that failed, whether or not a caller waited for the outcome.
    pub failed: u64,
    /// One-way messages that the system took on connections that the peer later closed or reset, or
    /// that were given up. The peer may have read all, some or none of them.
    pub unconfirmed: u64,
}

/// The state of a framed transport's connection.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ConnectionState {
    /// There is no connection, and no message needs one.
    #[default]
    Disconnected,
    /// The last attempt failed; the next one follows after a pause.
    BackingOff,
    /// A connection is being opened.
    Connecting,
    /// A connection is open.
    Connected,
}

/// Follows the state of a framed transport.
#[derive(Clone, Debug)]
pub struct StateWatch(pub(super) watch::Receiver<ConnectionState>);

impl StateWatch {
    /// The present state.
    pub fn current(&self) -> ConnectionState {
        *self.0.borrow()
    }

    /// Waits until the transport is in this state. If the transport is dropped before, it waits for
    /// ever. Short-lived states may be missed.
    ///
    /// # Cancel safety
    ///
    /// Safe.
    pub async fn wait_for(&mut self, state: ConnectionState) {
        if self.0.wait_for(|current| *current == state).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits for the next change since this watch was made or last waited, and returns the state
    /// after it; `None` when the transport was dropped. Short-lived states may be missed.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future misses nothing.
    pub async fn changed(&mut self) -> Option<ConnectionState> {
        self.0.changed().await.ok()?;
        Some(*self.0.borrow_and_update())
    }
}
