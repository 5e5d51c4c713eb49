//! The difference between exchanges and one-way messages.

use bytes::BytesMut;
use influx_framing::FrameError;
use tokio::time::Instant;

use super::mailbox::ledger::Ledger;
use super::mailbox::outcomes::Key;
use crate::Error;

/// The messages of one connection: how they are encoded, and how their outcomes follow from what
/// the peer sends.
pub(super) trait Role: Sized + Send + Sync + 'static {
    /// The outcome of a message for its caller.
    type Answer: Send + 'static;

    /// Whether the peer answers.
    ///
    /// Such a peer may act on a part of a message, so the part is never sent again. A message whose
    /// caller gave up is not sent at all.
    const ANSWERS: bool;

    fn fresh(&self) -> Self;

    fn encode(&mut self, frame: &[u8], out: &mut BytesMut) -> Result<(), FrameError>;

    /// The system took these messages, each to the last byte.
    fn sent(&mut self, keys: impl ExactSizeIterator<Item = Key>, ledger: &mut Ledger<Self::Answer>);

    /// Consumes new input. An error ends the connection.
    fn received(
        &mut self,
        input: &mut BytesMut,
        ledger: &mut Ledger<Self::Answer>,
    ) -> Result<(), Error>;

    /// Consumes the end of the input, and returns why the connection ends.
    fn ended(&mut self, input: &mut BytesMut, ledger: &mut Ledger<Self::Answer>) -> Error;

    /// The number of messages that were sent and have no answer yet.
    fn waiting(&self) -> usize {
        0
    }

    /// When [`expire`](Self::expire) is due.
    fn deadline(&self) -> Option<Instant> {
        None
    }

    /// Fails messages that have waited too long. An error ends the connection.
    fn expire(&mut self, _now: Instant, _ledger: &mut Ledger<Self::Answer>) -> Result<(), Error> {
        Ok(())
    }

    fn proven(&self) -> bool;

    /// The connection broke: fails all messages without an answer.
    fn broken(self, error: &Error, ledger: &mut Ledger<Self::Answer>);
}
