//! A small HTTP/1.1 server.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;

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
use super::incoming::next_data;
use super::reply::HttpReply;
use super::server_options::HttpServerOptions;
use crate::{Endpoint, Listen};

/// A small HTTP/1.1 server over any listener, for embedded and test servers.
///
/// A handler turns each request, with its body already read, into an answer; `None` closes the
/// connection without one. `HEAD` requests are answered without the body. Requests of one
/// connection are handled one after the other, those of different connections at once.
///
/// Over TCP, a client that takes nothing of its answer for 30 s is disconnected by the system, on
/// Linux. Over a `TlsListener` the server speaks HTTPS.
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
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl HttpServer {
    /// Serves whoever connects to this listener, with the default options.
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
        let service = Arc::new(Service { options, handler });
        let task = tokio::spawn(run(listener, service, stopped));
        Self { endpoint, stop, task }
    }

    /// Where it listens.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Accepts no more clients, finishes the exchanges in progress and closes all connections, at
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

/// What all connections of a server share.
struct Service<H> {
    options: HttpServerOptions,
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
                connections.spawn(serve(stream, Arc::clone(&service), stopped.clone()));
            }
        }
    }
    drop(listener);
    let all_served = async { while connections.join_next().await.is_some() {} };
    // Those that are late end when `connections` is dropped.
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
    let mut connection = pin!(
        http1::Builder::new()
            // Without a timer hyper has no head timeout.
            .timer(TokioTimer::new())
            .header_read_timeout(options.head_timeout)
            .max_buf_size(options.max_head_size.max(SMALLEST_BUFFER))
            .serve_connection(TokioIo::new(stream), service_fn(|request| service.answer(request)))
    );
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopped.changed() => connection.as_mut().graceful_shutdown(),
    }
    // How a connection ended matters to its client only.
    drop(connection.await);
}

impl<H, F> Service<H>
where
    H: Fn(Request<Bytes>) -> F,
    F: Future<Output = Option<Response<HttpReply>>>,
{
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<HttpReply>, HangUp> {
        let (head, body) = request.into_parts();
        match self.read(body).await? {
            Some(body) => (self.handler)(Request::from_parts(head, body)).await.ok_or(HangUp),
            None => Ok(too_large()),
        }
    }

    /// Reads a request's body, or nothing if it is too large.
    async fn read(&self, mut body: Incoming) -> Result<Option<Bytes>, HangUp> {
        let HttpServerOptions { body_timeout, max_body_size, .. } = self.options;
        if body.size_hint().lower() > max_body_size as u64 {
            return Ok(None);
        }
        let mut all = BytesMut::new();
        loop {
            match timeout(body_timeout, next_data(&mut body)).await {
                Ok(Some(Ok(data))) if data.len() > max_body_size - all.len() => return Ok(None),
                Ok(Some(Ok(data))) => all.extend_from_slice(&data),
                Ok(None) => return Ok(Some(all.freeze())),
                Ok(Some(Err(_))) | Err(_) => return Err(HangUp),
            }
        }
    }
}

/// The rest of a body that is too large is not read, so the connection cannot go on.
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
