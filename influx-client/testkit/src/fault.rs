//! Faults on request.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, StatusCode};

/// A fault: its effect, the calls that it applies to, and their number.
///
/// A fault applies to the next call, unless [`only`](Self::only), [`skip`](Self::skip) or
/// [`times`](Self::times) say otherwise, and is then used up.
/// One fault applies to a call at most: of those that match, the one that was injected last.
/// A call is a request that was received whole, so one that exceeds [`Limits`](crate::Limits) is
/// not a call.
///
/// ```
/// use std::time::Duration;
///
/// use influx_testkit::Fault;
/// use influx_testkit::http::{HeaderValue, StatusCode, header::RETRY_AFTER};
///
/// // Busy for three calls, but only for writes.
/// Fault::status(StatusCode::SERVICE_UNAVAILABLE, "busy")
///     .header(RETRY_AFTER, HeaderValue::from_static("1"))
///     .only(|call| call.method() == "POST")
///     .times(3);
/// // The third call from now is answered late.
/// Fault::delay(Duration::from_secs(60)).skip(2);
/// ```
#[must_use = "a fault has no effect until it is injected"]
pub struct Fault {
    effect: Effect,
    headers: Vec<(HeaderName, HeaderValue)>,
    filter: Box<Filter>,
    skip: usize,
    times: usize,
    hits: Arc<AtomicU64>,
}

type Filter = dyn FnMut(&Request<Bytes>) -> bool + Send;

#[derive(Clone, Debug)]
pub(crate) enum Effect {
    Close,
    Cut(usize),
    Delay(Duration),
    LoseAnswer,
    Status(StatusCode, Bytes),
}

impl Fault {
    fn new(effect: Effect) -> Self {
        Self {
            effect,
            headers: Vec::new(),
            filter: Box::new(|_| true),
            skip: 0,
            times: 1,
            hits: Arc::default(),
        }
    }

    /// Answers with this status and text. The call is not carried out.
    pub fn status(status: StatusCode, text: impl Into<String>) -> Self {
        Self::new(Effect::Status(status, text.into().into()))
    }

    /// Closes the connection without an answer. The call is not carried out.
    ///
    /// To have connections refused, [stop](crate::Server::stop) the server, and start another one
    /// with its data at the same address.
    pub fn close() -> Self {
        Self::new(Effect::Close)
    }

    /// Carries the call out, then closes the connection without an answer.
    pub fn lose_answer() -> Self {
        Self::new(Effect::LoseAnswer)
    }

    /// Carries the call out at once, and answers after this time.
    pub fn delay(delay: Duration) -> Self {
        Self::new(Effect::Delay(delay))
    }

    /// Carries the call out, sends the head of the answer and this many bytes of its body, then
    /// closes the connection. In a chunked body the sizes of the chunks count too. A body that is
    /// not longer arrives whole.
    pub fn cut_after(bytes: usize) -> Self {
        Self::new(Effect::Cut(bytes))
    }

    /// Adds a header to the answer, if there is one.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Applies to the calls that the closure accepts. It must not use the server.
    pub fn only(mut self, filter: impl FnMut(&Request<Bytes>) -> bool + Send + 'static) -> Self {
        self.filter = Box::new(filter);
        self
    }

    /// Leaves this many calls alone first, of those that [`only`](Self::only) accepts; faults that
    /// were injected before may apply to them. Default: 0.
    pub fn skip(mut self, calls: usize) -> Self {
        self.skip = calls;
        self
    }

    /// Applies to this many calls. Default: 1; `usize::MAX` means all.
    pub fn times(mut self, calls: usize) -> Self {
        self.times = calls;
        self
    }

    /// Whether the fault applies to this call.
    fn hits(&mut self, request: &Request<Bytes>) -> bool {
        if self.times == 0 || !(self.filter)(request) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        self.times -= 1;
        self.hits.fetch_add(1, Ordering::Relaxed);
        true
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("effect", &self.effect)
            .field("skip", &self.skip)
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}

/// A fault in a server, of which it counts the calls.
#[derive(Clone, Debug)]
pub struct Injected(Arc<AtomicU64>);

impl Injected {
    /// The number of calls that the fault was applied to so far.
    pub fn calls(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The faults of a server.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pending: Mutex<Vec<Fault>>,
    hits: AtomicU64,
}

impl Faults {
    pub(crate) fn add(&self, fault: Fault) -> Injected {
        let injected = Injected(Arc::clone(&fault.hits));
        self.pending().push(fault);
        injected
    }

    pub(crate) fn clear(&self) {
        self.pending().clear();
    }

    /// The number of calls that a fault was applied to so far.
    pub(crate) fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// The effect on this call and the headers of its answer.
    pub(crate) fn next(
        &self,
        request: &Request<Bytes>,
    ) -> Option<(Effect, Vec<(HeaderName, HeaderValue)>)> {
        let mut pending = self.pending();
        let fault = pending.iter_mut().rev().find_map(|fault| {
            fault.hits(request).then(|| (fault.effect.clone(), fault.headers.clone()))
        });
        pending.retain(|fault| fault.times > 0);
        drop(pending);
        self.hits.fetch_add(fault.is_some().into(), Ordering::Relaxed);
        fault
    }

    // A filter that panics leaves the list whole.
    fn pending(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
