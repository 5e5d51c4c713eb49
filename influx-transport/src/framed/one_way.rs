//! Messages without answers.

use std::sync::Arc;

use bytes::BytesMut;
use influx_framing::{Encoder, FrameError};
use tokio::time::Instant;

use super::mailbox::ledger::Ledger;
use super::mailbox::outcomes::Key;
use super::role::Role;
use super::shared::Shared;
use crate::link::PROBATION;
use crate::{Error, ErrorKind, Phase};

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
