//! A small HTTP/1.1 server.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::connection::SMALLEST_BUFFER;
use super::options::HttpServerOptions;
use super::parting::{Marks, Parting};
use super::reply::HttpReply;
use super::service::{Counts, Service, add_one};
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
    /// Requests that were refused by their heads, see [`HttpServer::with_check`].
    pub refused: u64,
    /// Requests whose body was too large.
    pub too_large: u64,
    /// Requests whose body found no memory in time.
    pub busy: u64,
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
        Self::with_check(listener, options, |_| None, handler)
    }

    /// As [`with_options`](Self::with_options), with a check that sees the head of each request
    /// before a byte of its body is read: an answer of the check refuses the request. So a client
    /// without credentials takes no memory.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn with_check<L, C, H, F>(
        listener: L,
        options: HttpServerOptions,
        check: C,
        handler: H,
    ) -> Self
    where
        L: Listen,
        C: Fn(&Parts) -> Option<Response<HttpReply>> + Send + Sync + 'static,
        H: Fn(Request<Bytes>) -> F + Send + Sync + 'static,
        F: Future<Output = Option<Response<HttpReply>>> + Send + 'static,
    {
        let endpoint = listener.endpoint().clone();
        let (stop, stopped) = watch::channel(());
        let service = Service::new(options, check, handler);
        let counts = Arc::clone(&service.counts);
        let task = tokio::spawn(run(listener, Arc::new(service), stopped));
        Self { endpoint, counts, stop, task }
    }

    /// The address to connect to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The counts so far.
    pub fn stats(&self) -> HttpServerStats {
        let counts = &*self.counts;
        let [connections, requests, refused, too_large, busy, failures] = [
            &counts.connections,
            &counts.requests,
            &counts.refused,
            &counts.too_large,
            &counts.busy,
            &counts.failures,
        ]
        .map(|count| count.load(Ordering::Relaxed));
        HttpServerStats { connections, requests, refused, too_large, busy, failures }
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

/// Accepts and serves until the server stops. Dropping the future ends all connections.
async fn run<L, C, H, F>(listener: L, service: Arc<Service<C, H>>, stopped: watch::Receiver<()>)
where
    L: Listen,
    C: Fn(&Parts) -> Option<Response<HttpReply>> + Send + Sync + 'static,
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
                add_one(&service.counts.connections);
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
async fn serve<S, C, H, F>(stream: S, service: Arc<Service<C, H>>, mut stopped: watch::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    C: Fn(&Parts) -> Option<Response<HttpReply>>,
    H: Fn(Request<Bytes>) -> F,
    F: Future<Output = Option<Response<HttpReply>>>,
{
    let options = &service.options;
    let marks = Arc::new(Marks::default());
    let stream = Watched(stream, SendLimit::new(options.send_timeout));
    let stream = Parting::new(stream, Arc::clone(&marks), options.linger_timeout);
    let answer = service_fn(|request| service.answer(request, &marks));
    let mut connection = pin!(
        http1::Builder::new()
            // Without a timer hyper has no head timeout.
            .timer(TokioTimer::new())
            .header_read_timeout(options.head_timeout.min(FOREVER))
            .max_buf_size(options.max_head.max(SMALLEST_BUFFER))
            .serve_connection(TokioIo::new(stream), answer)
    );
    let served = tokio::select! {
        served = connection.as_mut() => served,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if served.is_err() {
        add_one(&service.counts.failures);
    }
}
