//! What a framed transport tells about itself while it works.

use tokio::sync::watch;

/// What a framed transport did so far, at one moment. Every number but `in_flight` only grows.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// Connections that came about.
    pub connects: u64,
    /// Attempts to connect that failed.
    pub connect_failures: u64,
    /// Connections that ended, for whatever reason.
    pub disconnects: u64,
    /// Messages that were accepted and whose outcome is open.
    pub in_flight: u64,
    /// Messages that the system took to the last byte. One that is sent again counts once.
    pub sent: u64,
    /// Answers that reached their callers.
    pub received: u64,
    /// Answers that came when their callers had given up.
    pub discarded: u64,
    /// Messages that failed, whether or not somebody waited to hear so.
    pub failed: u64,
    /// One-way messages that the system took on connections that were later closed or reset by
    /// the peer, or given up. How many of them the peer has read, nobody can know.
    pub unconfirmed: u64,
}

/// What a framed transport is doing.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ConnectionState {
    /// There is no connection, and no message that needs one.
    #[default]
    Disconnected,
    /// The last attempt failed, and the next is due after a pause.
    BackingOff,
    /// A connection is being opened.
    Connecting,
    /// A connection is open.
    Connected,
}

/// Follows the state of a framed transport.
#[derive(Clone, Debug)]
pub struct StateWatch(watch::Receiver<ConnectionState>);

impl StateWatch {
    /// The state as it is now.
    pub fn current(&self) -> ConnectionState {
        *self.0.borrow()
    }

    /// Waits until the state is this one. States that lasted for a moment only may be missed.
    /// It waits for ever if the transport is dropped before.
    ///
    /// # Cancel safety
    ///
    /// Safe.
    pub async fn wait_for(&mut self, state: ConnectionState) {
        if self.0.wait_for(|current| *current == state).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits for the next change since this watch was made or last waited, and returns the state as
    /// it is then; `None` when the transport was dropped. States that lasted for a moment only may be
    /// missed.
    ///
    /// ```
    /// # use influx_framing::LengthCodec;
    /// # use influx_transport::framed::FramedTransport;
    /// # use influx_transport::tcp::TcpConnector;
    /// async fn log(transport: &FramedTransport<TcpConnector, LengthCodec>) {
    ///     let mut state = transport.state();
    ///     tokio::spawn(async move {
    ///         while let Some(state) = state.changed().await {
    ///             println!("{state:?}");
    ///         }
    ///     });
    /// }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future has missed nothing.
    pub async fn changed(&mut self) -> Option<ConnectionState> {
        self.0.changed().await.ok()?;
        Some(*self.0.borrow_and_update())
    }
}

/// What a framed transport is doing, for those who follow it.
#[derive(Debug, Default)]
pub(super) struct State(watch::Sender<ConnectionState>);

impl State {
    pub(super) fn set(&self, state: ConnectionState) {
        self.0.send_if_modified(|current| std::mem::replace(current, state) != state);
    }

    pub(super) fn watch(&self) -> StateWatch {
        StateWatch(self.0.subscribe())
    }
}
