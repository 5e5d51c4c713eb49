//! One HTTP/1.1 connection and one exchange over it.

use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::data::Full;
use super::options::HttpOptions;
use super::watched::{Upload, Watched, WriteClock};
use crate::alarm::Alarm;
use crate::{Delivery, Endpoint, Error, ErrorKind, Phase};

/// The data that all connections to one peer share.
pub(super) struct Peer {
    pub(super) endpoint: Endpoint,
    pub(super) options: HttpOptions,
}

/// One open connection. Dropping it closes it, also during an exchange.
pub(super) struct Connection {
    pub(super) sender: SendRequest<Full>,
    pub(super) alarm: Alarm,
    pub(super) clock: Arc<WriteClock>,
    /// The value of the clock when the stream has taken the body of the last request.
    all_sent: u64,
    driver: AbortHandle,
}

impl Connection {
    /// Speaks HTTP over this stream. A task drives the connection until it is dropped.
    pub(super) async fn open<S>(stream: S, peer: &Peer) -> Result<Self, Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let clock = Arc::new(WriteClock::new());
        let stream = TokioIo::new(Watched(stream, Upload::new(Arc::clone(&clock))));
        let (sender, driver) = http1::Builder::new()
            .allow_obsolete_multiline_headers_in_responses(true)
            .max_buf_size(peer.options.max_head.max(SMALLEST_BUFFER))
            .handshake(stream)
            .await
            .map_err(|error| classify(error, Phase::Connect, peer))?;
        // The exchange on the connection reports what ended it.
        let driver = tokio::spawn(async move { drop(driver.await) }).abort_handle();
        Ok(Self { sender, alarm: Alarm::new(), clock, all_sent: 0, driver })
    }

    /// Whether the peer answered before it had read the whole request, so that the rest of that
    /// would be taken for the next one.
    pub(super) fn is_unfinished(&self) -> bool {
        self.clock.is_broken() || self.clock.bytes() < self.all_sent
    }

    /// Sends one request and waits for the head of its answer, whose body the connection delivers.
    pub(super) fn exchange(
        mut self,
        request: Request<Full>,
        peer: &Peer,
    ) -> impl Future<Output = Result<(Response<Incoming>, Self), Failure>> {
        let begin = Instant::now();
        let all_sent = self.clock.bytes() + request.body().len();
        self.all_sent = all_sent;
        // Sent before the future is made, which would be moved together with the request.
        let response = self.sender.try_send_request(request);
        async move {
            let HttpOptions { send_timeout, response_timeout, .. } = peer.options;
            // Only the length of the body is known here, not that of the head. Hence a stall within
            // the last bytes of a body is reported as a late answer.
            let clock = &*self.clock;
            let phase = || if clock.bytes() < all_sent { Phase::Send } else { Phase::Response };
            let limit = || if phase() == Phase::Send { send_timeout } else { response_timeout };
            match self.alarm.wait(response, || clock.last().max(begin) + limit()).await {
                Some(Ok(response)) => Ok((response, self)),
                Some(Err(error)) => Err(Failure::new(error, phase(), peer)),
                None => {
                    let error = Error::new(ErrorKind::Timeout(limit()), phase());
                    Err(Failure { error: error.with_endpoint(&peer.endpoint), unsent: None })
                }
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Otherwise the task would wait until the peer reads the rest of the request.
        if self.is_unfinished() {
            self.driver.abort();
        }
    }
}

/// An exchange that failed before the answer began.
pub(super) struct Failure {
    pub(super) error: Error,
    /// The request, if no byte of it was sent.
    pub(super) unsent: Option<Box<Request<Full>>>,
}

impl Failure {
    fn new(mut error: TrySendError<Request<Full>>, phase: Phase, peer: &Peer) -> Self {
        let unsent = error.take_message().map(Box::new);
        let mut error = classify(error.into_error(), phase, peer);
        if unsent.is_some() {
            error = error.with_delivery(Delivery::NotSent);
        }
        Self { error, unsent }
    }
}

/// The meaning of a hyper error in this phase.
pub(super) fn classify(error: hyper::Error, phase: Phase, peer: &Peer) -> Error {
    let kind = match io_cause(&error) {
        Some(cause) => ErrorKind::of_io(cause),
        // hyper has a predicate for this, but only in builds with a server.
        None if error.is_parse() && error.to_string() == "message head is too large" => {
            let limit = peer.options.max_head.max(SMALLEST_BUFFER);
            ErrorKind::TooLarge { what: "head of an answer", limit }
        }
        None if error.is_parse() => ErrorKind::Protocol,
        // The task of the connection is gone, which only its runtime ends.
        None if error.is_user() => ErrorKind::Ended,
        None => ErrorKind::Closed,
    };
    Error::new(kind, phase).with_endpoint(&peer.endpoint).with_source(error)
}

/// The size of the smallest buffer with which hyper works, in bytes.
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
