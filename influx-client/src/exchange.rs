//! The one way from an operation to its answer: request, transport, retry, response.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::response::Parts;
use http::{Request, Response, StatusCode};
use influx_proto::decode::{AnswerFormat, DecodeOptions};
use influx_proto::{Idempotency, Operation, Reply, ServerError, Target};
use influx_transport::http::HttpBody;
use influx_transport::{BoxTransport, Delivery, RetryBudget, Transport as _};
use tokio::time::{Instant, sleep, timeout};

use crate::compression::compress;
use crate::cursor::Answer;
use crate::error::Judge;
use crate::retry::RetryPolicy;
use crate::{Config, Error};

/// The transport of a client: any that carries HTTP.
pub(crate) type HttpTransport = BoxTransport<Request<Bytes>, Response<HttpBody>>;

/// The text of a refusal is read up to this many bytes.
const MAX_REFUSAL: usize = ServerError::MAX_MESSAGE;

/// The longest time for which the text of a refusal is read.
const REFUSAL_TIME: Duration = Duration::from_secs(5);

/// Carries out operations: repeats them where the policy allows, within one limit.
#[derive(Debug)]
pub(crate) struct Exchange {
    transport: HttpTransport,
    host: Arc<str>,
    policy: RetryPolicy,
    /// Shared by all calls, so that an outage does not multiply them.
    budget: RetryBudget,
    gzip: bool,
    max_response: usize,
}

impl Exchange {
    pub(crate) fn new(transport: HttpTransport, host: Arc<str>, config: &Config) -> Self {
        Self {
            transport,
            host,
            policy: RetryPolicy::new(&config.retry, &config.timeouts),
            budget: RetryBudget::default(),
            gzip: config.write.gzip,
            max_response: config.limits.max_response,
        }
    }

    /// The server in the words of errors.
    pub(crate) fn host(&self) -> &Arc<str> {
        &self.host
    }

    /// Opens one connection now.
    pub(crate) async fn connect(&self) -> Result<(), Error> {
        self.transport.connect().await.map_err(|error| Error::from(error).at(&self.host))
    }

    /// Closes the idle connections.
    pub(crate) async fn disconnect(&self) -> Result<(), Error> {
        self.transport.disconnect().await.map_err(|error| Error::from(error).at(&self.host))
    }

    /// The maker of errors from the answers to this operation.
    pub(crate) fn judge<O: Operation>(&self) -> Judge {
        Judge::new::<O>(Arc::clone(&self.host))
    }

    /// Carries out an operation and reads its whole answer.
    ///
    /// `limit` replaces the configured limit of the whole call.
    pub(crate) async fn call<O: Operation>(
        &self,
        operation: &O,
        target: &Target,
        limit: Option<Duration>,
    ) -> Result<O::Output, Error> {
        let judge = &self.judge::<O>();
        let read = move |head: Parts, body: HttpBody| async move {
            let body = body.collect(self.max_response).await;
            let body = body.map_err(|error| judge.transport(error))?;
            let reply = Reply::new(head.status, &head.headers, &body);
            operation.response(&reply).map_err(|error| judge.response(error))
        };
        self.repeat(operation, target, limit, judge, read).await
    }

    /// Carries out a query up to the head of its answer; a cursor reads the body.
    pub(crate) async fn open_answer<O: Operation>(
        &self,
        query: &O,
        target: &Target,
        options: DecodeOptions,
        limit: Option<Duration>,
    ) -> Result<Answer, Error> {
        let (head, body) = self.open(query, target, limit).await?.into_parts();
        let content_type = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        Ok(Answer {
            body,
            judge: self.judge::<O>(),
            format: AnswerFormat::of_content_type(content_type.unwrap_or_default()),
            options,
            max_response: self.max_response,
        })
    }

    /// Carries out an operation up to the head of its answer; the caller reads the body.
    pub(crate) async fn open<O: Operation>(
        &self,
        operation: &O,
        target: &Target,
        limit: Option<Duration>,
    ) -> Result<Response<HttpBody>, Error> {
        let judge = &self.judge::<O>();
        let read = |head, body| async { Ok(Response::from_parts(head, body)) };
        self.repeat(operation, target, limit, judge, read).await
    }

    /// Sends the request and reads the answer if it reports success, again and again as far as that
    /// is allowed.
    async fn repeat<O: Operation, R, F: Future<Output = Result<R, Error>>>(
        &self,
        operation: &O,
        target: &Target,
        limit: Option<Duration>,
        judge: &Judge,
        read: impl Fn(Parts, HttpBody) -> F,
    ) -> Result<R, Error> {
        let build = || {
            let request = operation.request(target).map_err(|error| judge.request(error))?;
            Ok::<_, Error>(compress(request.into_http(), self.gzip))
        };
        let mut request = build()?;
        let mut renewed = false;
        let mut attempts = Attempts::new(self, operation.idempotency(), limit, judge);
        loop {
            attempts.made += 1;
            let send = self.transport.send(request.clone());
            let send = async { send.await.map_err(|error| judge.transport(error)) };
            let error = match attempts.run(send).await.map(Response::into_parts) {
                Ok((head, body)) if operation.is_success(head.status) => {
                    match attempts.run(read(head, body)).await {
                        Ok(answer) => return Ok(answer),
                        Err(error) => error,
                    }
                }
                Ok((head, body)) => {
                    let text = read_refusal(body, attempts.left().min(REFUSAL_TIME)).await;
                    judge.refusal(ServerError::from(&Reply::new(head.status, &head.headers, &text)))
                }
                Err(error) => error,
            };
            let unauthorized =
                error.server().is_some_and(|refusal| refusal.status == StatusCode::UNAUTHORIZED);
            if unauthorized && !renewed && target.auth().renew(request.headers()) {
                renewed = true;
                attempts.delivery = furthest(attempts.delivery, error.delivery());
                request = build().map_err(|error| attempts.fail(error))?;
                continue;
            }
            attempts.pause(error).await?;
        }
    }
}

/// The beginning of a refusal's text, as far as it comes in this time. The status counts, also if
/// the text is cut, late or unreadable.
async fn read_refusal(mut body: HttpBody, limit: Duration) -> Vec<u8> {
    let mut text = Vec::new();
    let read = async {
        while text.len() < MAX_REFUSAL
            && let Ok(Some(chunk)) = body.chunk().await
        {
            let room = MAX_REFUSAL - text.len();
            text.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        }
    };
    // The text before the limit is kept.
    timeout(limit, read).await.ok();
    text
}

/// The attempts of one call.
struct Attempts<'a> {
    policy: RetryPolicy,
    budget: &'a RetryBudget,
    idempotency: Idempotency,
    judge: &'a Judge,
    started: Instant,
    made: u32,
    /// The furthest that any of them came.
    delivery: Delivery,
    last: Option<Box<Error>>,
}

impl<'a> Attempts<'a> {
    fn new(
        exchange: &'a Exchange,
        idempotency: Idempotency,
        limit: Option<Duration>,
        judge: &'a Judge,
    ) -> Self {
        exchange.budget.deposit();
        Self {
            policy: exchange.policy.with_limit(limit),
            budget: &exchange.budget,
            idempotency,
            judge,
            started: Instant::now(),
            made: 0,
            delivery: Delivery::NotSent,
            last: None,
        }
    }

    /// Runs a part of an attempt in what is left of the limit.
    async fn run<R>(
        &mut self,
        attempt: impl Future<Output = Result<R, Error>>,
    ) -> Result<R, Error> {
        match timeout(self.left(), attempt).await {
            Ok(result) => result,
            Err(_) => Err(self.judge.timeout(self.policy.limit(), self.last.take())),
        }
    }

    /// The rest of the limit.
    fn left(&self) -> Duration {
        self.policy.limit().saturating_sub(self.started.elapsed())
    }

    /// The error of the call.
    fn fail(&self, error: Error) -> Error {
        error.after(self.made, self.started.elapsed(), self.delivery)
    }

    /// Waits before the next attempt, or returns the error of the call.
    async fn pause(&mut self, error: Error) -> Result<(), Error> {
        let elapsed = self.started.elapsed();
        let failure = error.failure();
        self.delivery = furthest(self.delivery, failure.delivery);
        let random = fastrand::f64();
        let pause = self.policy.pause(self.made, elapsed, self.idempotency, failure, random);
        match pause.filter(|_| self.budget.withdraw()) {
            Some(pause) => {
                self.last = Some(Box::new(error));
                sleep(pause).await;
                Ok(())
            }
            None => Err(self.fail(error)),
        }
    }
}

/// A later attempt that was refused does not undo what an earlier one may have done.
fn furthest(one: Delivery, other: Delivery) -> Delivery {
    match (one, other) {
        (Delivery::MaybeSent, _) | (_, Delivery::MaybeSent) => Delivery::MaybeSent,
        (Delivery::Answered, _) | (_, Delivery::Answered) => Delivery::Answered,
        _ => Delivery::NotSent,
    }
}
