//! Messages that nobody answers.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use influx_framing::{Encoder, FrameError};
use tokio::time::Instant;

use super::Shared;
use super::ledger::Ledger;
use super::outcomes::Key;
use super::role::Role;
use crate::{Error, ErrorKind, Phase};

/// The messages of one connection. What the peer says is thrown away.
pub(super) struct OneWay<K> {
    codec: K,
    shared: Arc<Shared>,
    opened: Instant,
    /// How many messages the system took.
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

    // A peer discards a message that is cut off, so sending it again sends nothing twice.
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

    fn waiting(&self) -> usize {
        0
    }

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn expire(&mut self, _: Instant, _: &mut Ledger<()>) -> Result<(), Error> {
        Ok(())
    }

    fn proven(&self) -> bool {
        self.opened.elapsed() >= PROBATION
    }

    fn broken(self, _: &Error, ledger: &mut Ledger<()>) {
        ledger.unconfirmed += self.sent;
    }
}

/// How long a connection must last until its peer, which never answers, is taken to work.
const PROBATION: Duration = Duration::from_secs(1);
