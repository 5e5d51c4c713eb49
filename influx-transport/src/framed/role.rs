//! What differs between exchanges and one-way messages.

use bytes::BytesMut;
use influx_framing::FrameError;
use tokio::time::Instant;

use super::ledger::Ledger;
use super::outcomes::Key;
use crate::Error;

/// What is sent on one connection, and what becomes of what arrives.
pub(super) trait Role: Sized + Send + Sync + 'static {
    /// What the caller of a message gets.
    type Answer: Send + 'static;

    /// Whether the peer answers.
    ///
    /// Then it may act on a part of a message, so that one is never sent again; and a message
    /// whose caller gave up before is not sent, since nobody would take the answer.
    const ANSWERS: bool;

    /// One for a new connection.
    fn fresh(&self) -> Self;

    /// Appends a message as it goes over the wire.
    fn encode(&mut self, frame: &[u8], out: &mut BytesMut) -> Result<(), FrameError>;

    /// The system took these messages, each to the last byte.
    fn sent(&mut self, keys: impl ExactSizeIterator<Item = Key>, ledger: &mut Ledger<Self::Answer>);

    /// More has arrived. Removes what it understands; an error ends the connection.
    fn received(
        &mut self,
        input: &mut BytesMut,
        ledger: &mut Ledger<Self::Answer>,
    ) -> Result<(), Error>;

    /// Nothing more will arrive: why the connection ends.
    fn ended(&mut self, input: &mut BytesMut, ledger: &mut Ledger<Self::Answer>) -> Error;

    /// How many messages were sent and wait for their answers.
    fn waiting(&self) -> usize;

    /// When [`expire`](Self::expire) is due.
    fn deadline(&self) -> Option<Instant>;

    /// Fails what has waited too long; an error ends the connection.
    fn expire(&mut self, now: Instant, ledger: &mut Ledger<Self::Answer>) -> Result<(), Error>;

    /// Whether the peer is known to be in working order.
    fn proven(&self) -> bool;

    /// The connection broke: fails all that waits for an answer.
    fn broken(self, error: &Error, ledger: &mut Ledger<Self::Answer>);
}
