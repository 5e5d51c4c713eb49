//! Requests and their answers, which arrive in the order of the requests.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use influx_framing::{Decoder, Encoder, Frame, FrameError};
use tokio::time::Instant;

use super::mailbox::outcomes::{Key, Ledger};
use super::role::Role;
use super::shared::{Shared, unreadable};
use crate::{Error, ErrorKind, Phase};

/// The requests of one connection that the peer has not answered yet.
///
/// An answer belongs to the oldest of them. Therefore a request stays here after its caller has
/// given up, until its own answer arrives and is discarded.
pub(super) struct Exchange<K> {
    codec: K,
    shared: Arc<Shared>,
    requests: VecDeque<Request>,
    /// How many of the oldest requests were reported as timed out.
    timed_out: usize,
    proven: bool,
}

struct Request {
    /// `None` after it was reported as timed out.
    key: Option<Key>,
    sent: Instant,
}

impl<K> Exchange<K> {
    pub(super) fn new(codec: K, shared: &Arc<Shared>) -> Self {
        let shared = Arc::clone(shared);
        Self { codec, shared, requests: VecDeque::new(), timed_out: 0, proven: false }
    }

    fn answered(&mut self, frame: Frame, ledger: &mut Ledger<Bytes>) -> Result<(), Error> {
        let Some(request) = self.requests.pop_front() else {
            let error = self.shared.error(ErrorKind::Protocol, Phase::Response);
            return Err(error.with_source("the peer sent an answer without a request"));
        };
        self.proven = true;
        self.timed_out = self.timed_out.saturating_sub(1);
        let Some(key) = request.key else {
            ledger.late += 1;
            return Ok(());
        };
        let outcome = match frame {
            Frame::Complete(answer) => Ok(answer),
            // The codec found the end of this answer, so the next answers are sound.
            Frame::Oversize { seen, .. } => {
                let error = self.shared.error(ErrorKind::Protocol, Phase::Body);
                let cause = format!("the answer has {seen} bytes, more than the codec's limit");
                Err(error.with_source(cause))
            }
            Frame::Malformed { .. } => {
                let error = self.shared.error(ErrorKind::Protocol, Phase::Body);
                Err(error.with_source("the answer's bytes break the rules of the framing"))
            }
        };
        ledger.settle(key, outcome);
        Ok(())
    }

    fn decode(
        &mut self,
        input: &mut BytesMut,
        ledger: &mut Ledger<Bytes>,
        decode: impl Fn(&mut K, &mut BytesMut) -> Result<Option<Frame>, FrameError>,
    ) -> Result<(), Error> {
        loop {
            match decode(&mut self.codec, input) {
                Ok(Some(frame)) => self.answered(frame, ledger)?,
                Ok(None) => return Ok(()),
                Err(error) => {
                    let error = unreadable(error, Phase::Response);
                    return Err(error.with_endpoint(&self.shared.endpoint));
                }
            }
        }
    }

    /// How long the oldest request may be without an answer before the connection is given up.
    fn longest_wait(&self) -> Duration {
        self.shared.options.response_timeout.saturating_mul(2)
    }
}

impl<K> Role for Exchange<K>
where
    K: Decoder<Item = Frame> + for<'a> Encoder<&'a [u8]> + Clone + Send + Sync + 'static,
{
    type Answer = Bytes;

    const ANSWERS: bool = true;

    fn fresh(&self) -> Self {
        Self::new(self.codec.clone(), &self.shared)
    }

    fn encode(&mut self, frame: &[u8], out: &mut BytesMut) -> Result<(), FrameError> {
        self.codec.encode(frame, out)
    }

    fn sent(&mut self, keys: impl ExactSizeIterator<Item = Key>, _: &mut Ledger<Bytes>) {
        let sent = Instant::now();
        self.requests.extend(keys.map(|key| Request { key: Some(key), sent }));
    }

    fn received(&mut self, input: &mut BytesMut, ledger: &mut Ledger<Bytes>) -> Result<(), Error> {
        self.decode(input, ledger, K::decode)
    }

    fn ended(&mut self, input: &mut BytesMut, ledger: &mut Ledger<Bytes>) -> Error {
        match self.decode(input, ledger, K::decode_eof) {
            Ok(()) => self.shared.error(ErrorKind::Closed, Phase::Response),
            Err(error) => error,
        }
    }

    fn waiting(&self) -> usize {
        self.requests.len()
    }

    fn deadline(&self) -> Option<Instant> {
        let next = self.requests.get(self.timed_out);
        let next = next.map(|request| request.sent + self.shared.options.response_timeout);
        let last = self.requests.front().map(|request| request.sent + self.longest_wait());
        next.into_iter().chain(last).min()
    }

    fn expire(&mut self, now: Instant, ledger: &mut Ledger<Bytes>) -> Result<(), Error> {
        let shared = &self.shared;
        let timeout = |limit| shared.error(ErrorKind::Timeout(limit), Phase::Response);
        let limit = shared.options.response_timeout;
        let late = self.requests.iter_mut().skip(self.timed_out);
        for request in late.take_while(|request| now.duration_since(request.sent) >= limit) {
            self.timed_out += 1;
            if let Some(key) = request.key.take() {
                ledger.settle(key, Err(timeout(limit)));
            }
        }
        let limit = self.longest_wait();
        match self.requests.front() {
            Some(oldest) if now.duration_since(oldest.sent) >= limit => Err(timeout(limit)),
            _ => Ok(()),
        }
    }

    fn proven(&self) -> bool {
        self.proven
    }

    fn broken(self, error: &Error, ledger: &mut Ledger<Bytes>) {
        for key in self.requests.into_iter().filter_map(|request| request.key) {
            ledger.settle(key, Err(error.clone()));
        }
    }
}
