//! The role of a connection: exchanges or one-way messages, of which the latter stand here.

use std::sync::Arc;

use bytes::BytesMut;
use influx_framing::{Encoder, FrameError};
use tokio::time::Instant;

use super::mailbox::outcomes::{Key, Ledger};
use super::shared::Shared;
use crate::link::PROBATION;
use crate::{Error, ErrorKind, Phase};

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

/// The messages of one connection. Input from the peer is discarded.
pub(super) struct OneWay<K> {
    codec: K,
    shared: Arc<Shared>,
    opened: Instant,
    sent: u64,
}

impl<K> OneWay<K> {
    pub(super) fn new(codec: K, shared: &Arc<Shared>) -> Self {
        Self { codec, shared: Arc::clone(shared), opened: Instant::now(), sent: 0 }
    }
}

impl<K> Role for OneWay<K>
where
    K: for<'a> Encoder<&'a [u8]> + Clone + Send + Sync + 'static,
{
    type Answer = ();

    // A peer discards a message that is cut off, so a repetition doubles nothing.
    const ANSWERS: bool = false;

    fn fresh(&self) -> Self {
        Self::new(self.codec.clone(), &self.shared)
    }

    fn encode(&mut self, frame: &[u8], out: &mut BytesMut) -> Result<(), FrameError> {
        self.codec.encode(frame, out)
    }

    fn sent(&mut self, keys: impl ExactSizeIterator<Item = Key>, ledger: &mut Ledger<()>) {
        self.sent += keys.len() as u64;
        for key in keys {
            ledger.settle(key, Ok(()));
        }
    }

    fn received(&mut self, input: &mut BytesMut, _: &mut Ledger<()>) -> Result<(), Error> {
        input.clear();
        Ok(())
    }

    fn ended(&mut self, _: &mut BytesMut, _: &mut Ledger<()>) -> Error {
        self.shared.error(ErrorKind::Closed, Phase::Send)
    }

    fn proven(&self) -> bool {
        self.opened.elapsed() >= PROBATION
    }

    fn broken(self, _: &Error, ledger: &mut Ledger<()>) {
        ledger.unconfirmed += self.sent;
    }
}
