//! The way of one request through a server: its head, its body, its handler.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body::Body as _;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout};

use super::budget::{Budget, Share};
use super::data::next_data;
use super::options::HttpServerOptions;
use super::pace::Pace;
use super::parting::Marks;
use super::reply::{Form, HttpReply};
use crate::alarm::FOREVER;

/// The data that all connections of a server share.
pub(super) struct Service<C, H> {
    pub(super) options: HttpServerOptions,
    pub(super) counts: Arc<Counts>,
    budget: Budget,
    check: C,
    handler: H,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) connections: AtomicU64,
    pub(super) requests: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) too_large: AtomicU64,
    pub(super) busy: AtomicU64,
    pub(super) failures: AtomicU64,
}

impl<C, H> Service<C, H> {
    pub(super) fn new(options: HttpServerOptions, check: C, handler: H) -> Self {
        let budget = Budget::new(options.max_buffered_bytes);
        Self { options, counts: Arc::default(), budget, check, handler }
    }
}

impl<C, H, F> Service<C, H>
where
    C: Fn(&Parts) -> Option<Response<HttpReply>>,
    H: Fn(Request<Bytes>) -> F,
    F: Future<Output = Option<Response<HttpReply>>>,
{
    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        marks: &Marks,
    ) -> Result<Response<Form>, HangUp> {
        let (head, body) = request.into_parts();
        let has_body = !body.is_end_stream();
        let mut share = self.budget.share();
        let read = match (self.check)(&head) {
            Some(refusal) => Err(Refusal::Head(refusal)),
            None => self.read(body, &mut share).await,
        };
        let response = match read {
            Ok(body) => {
                add_one(&self.counts.requests);
                (self.handler)(Request::from_parts(head, body)).await.ok_or(HangUp)?
            }
            Err(Refusal::HangUp) => return Err(HangUp),
            Err(refusal) => {
                let mut response = self.refuse(refusal);
                if has_body {
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(header::CONNECTION, close);
                    marks.is_early.store(true, Ordering::Relaxed);
                }
                response
            }
        };
        if matches!(response.status().as_u16(), 400 | 414 | 431) {
            marks.refuses_heads.store(true, Ordering::Relaxed);
        }
        Ok(response.map(HttpReply::into_form))
    }

    /// Reads the body of a request.
    async fn read(&self, mut body: Incoming, share: &mut Share<'_>) -> Result<Bytes, Refusal> {
        let HttpServerOptions { body_timeout, min_body_rate, max_body, .. } = self.options;
        if body.size_hint().lower() > max_body as u64 {
            return Err(Refusal::TooLarge);
        }
        let body_timeout = body_timeout.min(FOREVER);
        let mut pace = Pace::new(body_timeout, min_body_rate);
        let mut all = BytesMut::new();
        loop {
            let start = Instant::now();
            let piece = timeout(pace.left(), next_data(&mut body)).await;
            pace.spend(start.elapsed());
            let data = match piece {
                Ok(Some(Ok(data))) => data,
                Ok(None) => return Ok(all.freeze()),
                Ok(Some(Err(_))) | Err(_) => return Err(Refusal::HangUp),
            };
            if data.len() > max_body - all.len() {
                return Err(Refusal::TooLarge);
            }
            pace.earn(data.len());
            if timeout(body_timeout, share.grow(data.len())).await.is_err() {
                return Err(Refusal::Busy);
            }
            all.extend_from_slice(&data);
        }
    }

    /// The answer to a request whose body is not read to its end.
    fn refuse(&self, refusal: Refusal) -> Response<HttpReply> {
        let (count, status, text) = match refusal {
            Refusal::Head(response) => {
                add_one(&self.counts.refused);
                return response;
            }
            Refusal::Busy => {
                let text = "the memory for requests is used up";
                (&self.counts.busy, StatusCode::SERVICE_UNAVAILABLE, text)
            }
            Refusal::TooLarge | Refusal::HangUp => {
                let text = "the request's body is too large";
                (&self.counts.too_large, StatusCode::PAYLOAD_TOO_LARGE, text)
            }
        };
        add_one(count);
        let mut response = Response::new(HttpReply::full(text));
        *response.status_mut() = status;
        response
    }
}

/// Why a request does not reach the handler.
enum Refusal {
    Busy,
    HangUp,
    Head(Response<HttpReply>),
    TooLarge,
}

/// Tells hyper to close the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed without an answer")]
pub(super) struct HangUp;

pub(super) fn add_one(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}
