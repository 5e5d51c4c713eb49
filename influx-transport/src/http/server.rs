//! A small HTTP/1.1 server.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::connection::SMALLEST_BUFFER;
use super::data::next_data;
use super::options::HttpServerOptions;
use super::reply::{Form, HttpReply};
use super::watched::{SendLimit, Watched};
use crate::alarm::FOREVER;
use crate::{Endpoint, Listen};

/// The counts of an [`HttpServer`] since it was made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct HttpServerStats {
    /// Accepted connections.
    pub connections: u64,
    /// Requests that were given to the handler.
    pub requests: u64,
    /// Requests whose body was too large.
    pub too_large: u64,
    /// Connections that ended with an error: the client was too slow, violated the protocol, sent
    /// too large a head, left during an exchange, or got no answer from the handler.
    pub failures: u64,
}

/// A small HTTP/1.1 server over any listener, for embedded and test servers.
///
/// A handler turns each request, whose body was read before, into an answer; `None` closes the
/// connection without one. `HEAD` requests are answered without the body. Requests of one
/// connection are handled one after the other, those of different connections at the same time.
///
/// Over a `TlsListener` the server speaks HTTPS.
///
/// The server runs in tasks of the current tokio runtime until [`shutdown`](Self::shutdown);
/// dropping it ends them at once.
///
/// ```
/// use std::net::Ipv4Addr;
///
/// use http::Response;
/// use influx_transport::http::{HttpReply, HttpServer};
/// use influx_transport::tcp::TcpListener;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into()).await?;
/// let server = HttpServer::new(listener, |request| async move {
///     Some(Response::new(HttpReply::full(format!("you asked for {}", request.uri()))))
/// });
/// println!("listening on {}", server.endpoint());
/// server.shutdown().await;
/// # Ok::<(), influx_transport::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "dropping it stops the server"]
pub struct HttpServer {
    endpoint: Endpoint,
    counts: Arc<Counts>,
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl HttpServer {
    /// Serves the clients of this listener, with the default options.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn new<L, H, F>(listener: L, handler: H) -> Self
    where
        L: Listen,
        H: Fn(Request<Bytes>) -> F + Send + Sync + 'static,
        F: Future<Output = Option<Response<HttpReply>>> + Send + 'static,
    {
        Self::with_options(listener, HttpServerOptions::default(), handler)
    }

    /// As [`new`](Self::new), with these options.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn with_options<L, H, F>(listener: L, options: HttpServerOptions, handler: H) -> Self
    where
        L: Listen,
        H: Fn(Request<Bytes>) -> F + Send + Sync + 'static,
        F: Future<Output = Option<Response<HttpReply>>> + Send + 'static,
    {
        let endpoint = listener.endpoint().clone();
        let (stop, stopped) = watch::channel(());
        let counts = Arc::<Counts>::default();
        let service = Arc::new(Service { options, counts: Arc::clone(&counts), handler });
        let task = tokio::spawn(run(listener, service, stopped));
        Self { endpoint, counts, stop, task }
    }

    /// The address to connect to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The counts so far.
    pub fn stats(&self) -> HttpServerStats {
        HttpServerStats {
            connections: self.counts.connections.load(Ordering::Relaxed),
            requests: self.counts.requests.load(Ordering::Relaxed),
            too_large: self.counts.too_large.load(Ordering::Relaxed),
            failures: self.counts.failures.load(Ordering::Relaxed),
        }
    }

    /// Stops accepting clients, finishes the exchanges in progress and closes all connections, at
    /// the latest after [`shutdown_timeout`](HttpServerOptions::shutdown_timeout).
    ///
    /// # Cancel safety
    ///
    /// A dropped future ends the server at once.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(());
        // The task ends without a result; a panic in it was already reported by its thread.
        drop((&mut self.task).await);
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for HttpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpServer").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Counts {
    connections: AtomicU64,
    requests: AtomicU64,
    too_large: AtomicU64,
    failures: AtomicU64,
}

/// The data that all connections of a server share.
struct Service<H> {
    options: HttpServerOptions,
    counts: Arc<Counts>,
    handler: H,
}

/// Accepts and serves until the server stops. Dropping the future ends all connections.
async fn run<L, H, F>(listener: L, service: Arc<Service<H>>, stopped: watch::Receiver<()>)
where
    L: Listen,
    H: Fn(Request<Bytes>) -> F + Send + Sync + 'static,
    F: Future<Output = Option<Response<HttpReply>>> + Send + 'static,
{
    let options = &service.options;
    let mut connections = JoinSet::new();
    let mut stop = stopped.clone();
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            Some(_) = connections.join_next() => {}
            (stream, _) = listener.accept(), if connections.len() < options.max_connections => {
                service.counts.connections.fetch_add(1, Ordering::Relaxed);
                connections.spawn(serve(stream, Arc::clone(&service), stopped.clone()));
            }
        }
    }
    drop(listener);
    let all_served = async { while connections.join_next().await.is_some() {} };
    // Late ones end when `connections` is dropped.
    let _ = timeout(options.shutdown_timeout, all_served).await;
}

/// Serves one connection until it ends or, if the server stops, its current exchange does.
async fn serve<S, H, F>(stream: S, service: Arc<Service<H>>, mut stopped: watch::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    H: Fn(Request<Bytes>) -> F,
    F: Future<Output = Option<Response<HttpReply>>>,
{
    let options = &service.options;
    let stream = Watched(stream, SendLimit::new(options.send_timeout));
    let mut connection = pin!(
        http1::Builder::new()
            // Without a timer hyper has no head timeout.
            .timer(TokioTimer::new())
            .header_read_timeout(options.head_timeout.min(FOREVER))
            .max_buf_size(options.max_head.max(SMALLEST_BUFFER))
            .serve_connection(TokioIo::new(stream), service_fn(|request| service.answer(request)))
    );
    let served = tokio::select! {
        served = connection.as_mut() => served,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if served.is_err() {
        service.counts.failures.fetch_add(1, Ordering::Relaxed);
    }
}

impl<H, F> Service<H>
where
    H: Fn(Request<Bytes>) -> F,
    F: Future<Output = Option<Response<HttpReply>>>,
{
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Form>, HangUp> {
        let (head, body) = request.into_parts();
        let response = if let Some(body) = self.read(body).await? {
            self.counts.requests.fetch_add(1, Ordering::Relaxed);
            (self.handler)(Request::from_parts(head, body)).await.ok_or(HangUp)?
        } else {
            self.counts.too_large.fetch_add(1, Ordering::Relaxed);
            too_large()
        };
        Ok(response.map(HttpReply::into_form))
    }

    /// Reads the body of a request; `None` if it is too large.
    async fn read(&self, mut body: Incoming) -> Result<Option<Bytes>, HangUp> {
        let HttpServerOptions { body_timeout, max_body, .. } = self.options;
        if body.size_hint().lower() > max_body as u64 {
            return Ok(None);
        }
        let mut all = BytesMut::new();
        loop {
            match timeout(body_timeout, next_data(&mut body)).await {
                Ok(Some(Ok(data))) if data.len() > max_body - all.len() => return Ok(None),
                Ok(Some(Ok(data))) => all.extend_from_slice(&data),
                Ok(None) => return Ok(Some(all.freeze())),
                Ok(Some(Err(_))) | Err(_) => return Err(HangUp),
            }
        }
    }
}

/// The answer to a body that is too large. The rest of it is not read, so the connection ends.
fn too_large() -> Response<HttpReply> {
    let mut response = Response::new(HttpReply::full("the request's body is too large"));
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Tells hyper to close the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed without an answer")]
struct HangUp;
