//! One HTTP/1.1 connection and one exchange over it.

use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::sync::Arc;

use http::{Request, Response};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::body::HttpBody;
use super::full::Full;
use super::options::HttpOptions;
use super::pool::Pool;
use super::write_clock::{Clocked, WriteClock};
use crate::alarm::Alarm;
use crate::{Delivery, Endpoint, Error, ErrorKind, Phase};

/// One open connection. Dropping it closes it, whatever it was doing.
pub(super) struct Connection {
    pub(super) sender: SendRequest<Full>,
    pub(super) alarm: Alarm,
    clock: Arc<WriteClock>,
}

impl Connection {
    /// Speaks HTTP over this stream. A task of its own drives it until the connection is dropped.
    pub(super) async fn open<S>(stream: S, pool: &Pool) -> Result<Self, Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let clock = Arc::new(WriteClock::new());
        let stream = TokioIo::new(Clocked::new(stream, Arc::clone(&clock)));
        let (sender, driver) = http1::Builder::new()
            .max_buf_size(pool.options.max_head_size.max(SMALLEST_BUFFER))
            .handshake(stream)
            .await
            .map_err(|error| classify(error, Phase::Connect, &pool.endpoint))?;
        // What ends the connection also ends the exchange on it, which reports it.
        tokio::spawn(async move { drop(driver.await) });
        Ok(Self { sender, alarm: Alarm::new(), clock })
    }

    /// Sends one request and waits for the head of its answer.
    pub(super) fn exchange(
        mut self,
        request: Request<Full>,
        pool: &Arc<Pool>,
    ) -> impl Future<Output = Result<Response<HttpBody>, Failure>> {
        let begin = Instant::now();
        let all_sent = self.clock.bytes() + request.body().len();
        // Sent before the future is made, which would be moved together with the request.
        let response = self.sender.try_send_request(request);
        async move {
            let HttpOptions { write_timeout, response_timeout, .. } = pool.options;
            // Only the body's length is known here, not the head's. Hence a stall within the last
            // bytes of a body is reported as a late answer.
            let clock = &*self.clock;
            let phase = || if clock.bytes() < all_sent { Phase::Send } else { Phase::Response };
            let limit = || if phase() == Phase::Send { write_timeout } else { response_timeout };
            match self.alarm.wait(response, || clock.last().max(begin) + limit()).await {
                Some(Ok(response)) => Ok(HttpBody::of(response, self, pool)),
                Some(Err(error)) => Err(Failure::new(error, phase(), &pool.endpoint)),
                None => {
                    let error = Error::new(ErrorKind::Timeout(limit()), phase());
                    Err(Failure { error: error.with_endpoint(&pool.endpoint), unsent: None })
                }
            }
        }
    }
}

/// An exchange that failed before the answer began.
pub(super) struct Failure {
    pub(super) error: Error,
    /// The request, if provably no byte of it was sent.
    pub(super) unsent: Option<Box<Request<Full>>>,
}

impl Failure {
    fn new(mut error: TrySendError<Request<Full>>, phase: Phase, endpoint: &Endpoint) -> Self {
        let unsent = error.take_message().map(Box::new);
        let mut error = classify(error.into_error(), phase, endpoint);
        if unsent.is_some() {
            error = error.with_delivery(Delivery::NotSent);
        }
        Self { error, unsent }
    }
}

/// What a hyper error means in this phase.
pub(super) fn classify(error: hyper::Error, phase: Phase, endpoint: &Endpoint) -> Error {
    let kind = match io_cause(&error) {
        Some(cause) => ErrorKind::of_io(cause),
        None if error.is_parse() => ErrorKind::Protocol,
        None => ErrorKind::Closed,
    };
    Error::new(kind, phase).with_endpoint(endpoint).with_source(error)
}

/// The smallest buffer with which hyper works.
pub(super) const SMALLEST_BUFFER: usize = 8 * 1024;

fn io_cause(error: &hyper::Error) -> Option<&io::Error> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref() {
            return Some(error);
        }
        cause = error.source();
    }
    None
}
