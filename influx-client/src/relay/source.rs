//! Where messages come from.

use std::future::Future;

use bytes::Bytes;
use influx_transport::UdpListener;

/// Where a relay's messages come from.
pub trait Source: Send {
    /// A message.
    type Message: Send;

    /// Waits for the next message; `None` after the last.
    ///
    /// A relay that is busy does not ask. Thus the source holds back its peers, or, if it cannot,
    /// loses what they send.
    ///
    /// # Cancel safety
    ///
    /// A dropped future must not lose a message.
    fn next(&mut self) -> impl Future<Output = Option<Incoming<Self::Message>>> + Send;
}

/// What comes from a [`Source`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "what comes is a message or it is none")]
pub enum Incoming<M> {
    /// A message.
    Message(M),
    /// Something that is none, with the reason for humans.
    Unreadable(String),
}

/// Datagrams. Those that come while the relay is busy wait in the system's buffer, and are lost
/// when that is full.
impl Source for UdpListener {
    type Message = Bytes;

    async fn next(&mut self) -> Option<Incoming<Bytes>> {
        Some(Incoming::Message(self.recv().await.0))
    }
}
