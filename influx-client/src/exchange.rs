//! The one way from an operation to its answer: request, transport, retry, response.

use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, Request, Response};
use influx_proto::{Idempotency, Operation, Target};
use influx_transport::{Body, Delivery, Transport};
use tokio::time::{Instant, sleep, timeout};

use crate::config::Settings;
use crate::retry::RetryPolicy;
use crate::{Compression, Error};

/// A transport that carries HTTP: what a client needs.
///
/// Implemented by every [`Transport`] of the right types; there is nothing to implement by hand.
pub trait HttpExchange: Transport<Request = Request<Bytes>, Response = Response<Body>> {}

impl<T: Transport<Request = Request<Bytes>, Response = Response<Body>>> HttpExchange for T {}

/// The server's text is kept up to this many bytes when it refuses a streamed call.
const MAX_REFUSAL: usize = 8 << 10;

/// Carries out operations: repeats them where the policy allows, within one deadline.
#[derive(Debug)]
pub(crate) struct Exchange<T> {
    transport: T,
    policy: RetryPolicy,
    compression: Compression,
    max_response: usize,
}

impl<T: HttpExchange> Exchange<T> {
    pub(crate) fn new(transport: T, settings: &Settings) -> Self {
        let Settings { compression, deadline, max_attempts, max_response, .. } = *settings;
        let policy = RetryPolicy::new(max_attempts, deadline);
        Self { transport, policy, compression, max_response }
    }

    pub(crate) fn transport(&self) -> &T {
        &self.transport
    }

    /// Carries out an operation and reads its whole answer.
    pub(crate) async fn call<O: Operation>(
        &self,
        operation: &O,
        target: &Target,
    ) -> Result<O::Output, Error> {
        let read = |response: Response<Body>| async move {
            let status = response.status();
            let body = response.into_body().collect(self.max_response).await?;
            Ok(operation.response(status, &body)?)
        };
        self.repeat(operation, target, read).await
    }

    /// Carries out an operation up to its answer's head; the body is the caller's to read.
    pub(crate) async fn open<O: Operation>(
        &self,
        operation: &O,
        target: &Target,
    ) -> Result<Body, Error> {
        self.repeat(operation, target, |response| accept(operation, response)).await
    }

    /// Sends the request and reads the answer, again and again as far as that is allowed.
    async fn repeat<O: Operation, R, F: Future<Output = Result<R, Error>>>(
        &self,
        operation: &O,
        target: &Target,
        read: impl Fn(Response<Body>) -> F,
    ) -> Result<R, Error> {
        let request = self.compression.apply(operation.request(target)?);
        let mut attempts = Attempts::new(self.policy, operation.idempotency());
        loop {
            let mut wait = None;
            let attempt = async {
                let response = self.transport.send(request.clone()).await?;
                wait = retry_after(response.headers());
                read(response).await
            };
            match attempts.run(attempt).await {
                Ok(answer) => return Ok(answer),
                Err(error) => attempts.pause(error, wait).await?,
            }
        }
    }
}

/// The body of an answer that is no refusal.
async fn accept<O: Operation>(operation: &O, response: Response<Body>) -> Result<Body, Error> {
    let status = response.status();
    let mut body = response.into_body();
    if status.is_success() {
        return Ok(body);
    }
    let text = read_refusal(&mut body).await;
    match operation.response(status, &text) {
        Err(error) => Err(error.into()),
        // No operation takes such a status for success; it has nothing to stream then.
        Ok(_) => Ok(body),
    }
}

/// The beginning of a refusal's text. A connection that breaks meanwhile does not hide the status.
async fn read_refusal(body: &mut Body) -> Vec<u8> {
    let mut text = Vec::new();
    while text.len() < MAX_REFUSAL {
        match body.chunk().await {
            Ok(Some(chunk)) => text.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    text.truncate(MAX_REFUSAL);
    text
}

/// How long the server asks to wait, in whole seconds; what is no such number is ignored.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The attempts of one call.
struct Attempts {
    policy: RetryPolicy,
    idempotency: Idempotency,
    started: Instant,
    made: u32,
    /// Whether the server may have carried out one of them.
    maybe_sent: bool,
    last: Option<Box<Error>>,
}

impl Attempts {
    fn new(policy: RetryPolicy, idempotency: Idempotency) -> Self {
        Self {
            policy,
            idempotency,
            started: Instant::now(),
            made: 0,
            maybe_sent: false,
            last: None,
        }
    }

    /// Runs one attempt in what is left of the deadline.
    async fn run<R>(
        &mut self,
        attempt: impl Future<Output = Result<R, Error>>,
    ) -> Result<R, Error> {
        self.made += 1;
        let deadline = self.policy.deadline();
        match timeout(deadline.saturating_sub(self.started.elapsed()), attempt).await {
            Ok(result) => result,
            Err(_) => {
                Err(Error::Deadline { attempts: self.made, deadline, last: self.last.take() })
            }
        }
    }

    /// Waits before the next attempt, or says that there is none.
    async fn pause(&mut self, error: Error, wait: Option<Duration>) -> Result<(), Error> {
        let elapsed = self.started.elapsed();
        let jitter = fastrand::f64();
        let failure = error.failure(wait);
        self.maybe_sent |= failure.delivery == Delivery::MaybeSent;
        if let Some(pause) =
            self.policy.pause(self.made, elapsed, self.idempotency, failure, jitter)
        {
            self.last = Some(Box::new(error));
            sleep(pause).await;
            return Ok(());
        }
        if self.made == 1 || matches!(error, Error::Deadline { .. }) {
            return Err(error);
        }
        let delivery = if self.maybe_sent { Delivery::MaybeSent } else { failure.delivery };
        Err(Error::Repeated { attempts: self.made, elapsed, delivery, source: Box::new(error) })
    }
}
