//! The settings of HTTP transports and servers.

use std::time::Duration;

use crate::alarm::FOREVER;

/// The settings of an [`HttpTransport`](super::HttpTransport).
///
/// ```
/// use std::time::Duration;
///
/// use influx_transport::http::HttpOptions;
///
/// let mut options = HttpOptions::default();
/// options.response_timeout = Duration::from_secs(300);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct HttpOptions {
    /// The longest time for which the peer may read no byte of a request. Default: 30 s.
    pub send_timeout: Duration,
    /// The longest time until the answer begins, counted from the last byte of the request that the
    /// peer read. Default: 30 s.
    pub response_timeout: Duration,
    /// The longest pause of the peer within the body of an answer. The pauses of a program that
    /// reads slowly do not count. Default: 20 s.
    pub body_timeout: Duration,
    /// The slowest average pace of the body of an answer in bytes per second, where 0 turns it off.
    /// A peer may fall behind it by six times [`body_timeout`](Self::body_timeout). Only the time
    /// counts for which the program waits for the peer. Default: 100.
    pub min_body_rate: u32,
    /// The size of the largest head of an answer in bytes, roughly, and at least 8 KiB. A head of
    /// more than 100 headers is too large as well. Default: 64 KiB.
    pub max_head: usize,
    /// The time for which an unused connection is kept. It must be shorter than the server's own, or
    /// a request can meet the closing; many servers close an unused connection after 5 s.
    /// Default: 4 s.
    pub idle_timeout: Duration,
    /// The number of unused connections that are kept. Default: 8.
    pub max_idle: usize,
}

impl HttpOptions {
    /// The same options, with limits cut to a year, so that no sum with the time overflows.
    pub(super) fn sound(mut self) -> Self {
        for limit in [&mut self.send_timeout, &mut self.response_timeout, &mut self.body_timeout] {
            *limit = (*limit).min(FOREVER);
        }
        self
    }
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            send_timeout: Duration::from_secs(30),
            response_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(20),
            min_body_rate: 100,
            max_head: 64 * 1024,
            idle_timeout: Duration::from_secs(4),
            max_idle: 8,
        }
    }
}

/// The settings of an [`HttpServer`](super::HttpServer).
#[cfg(feature = "http-server")]
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct HttpServerOptions {
    /// The longest time from the beginning of the connection, or from the last answer, until the head
    /// of the next request is complete. An unused connection is closed after this time too.
    /// Default: 5 s.
    pub head_timeout: Duration,
    /// The longest pause of a client within the body of a request. Default: 5 s.
    pub body_timeout: Duration,
    /// The slowest average pace of the body of a request in bytes per second, where 0 turns it off.
    /// A client may fall behind it by [`body_timeout`](Self::body_timeout). Default: 500.
    pub min_body_rate: u32,
    /// The longest time for which a client may read nothing of its answer. Default: 30 s.
    pub send_timeout: Duration,
    /// The size of the largest head of a request in bytes, roughly, and at least 8 KiB. A larger one
    /// is answered with 431, as is one of more than 100 headers. A target of more than 65,534 bytes
    /// is answered with 414 if the head as a whole is not too large. Default: 128 KiB.
    pub max_head: usize,
    /// The size of the largest body of a request in bytes. A larger one is answered with 413.
    /// Default: 64 MiB.
    pub max_body: usize,
    /// The bytes of request bodies that all connections together keep in memory until their
    /// handlers are done. Then only one body is read on, and the others wait; one that waits for
    /// longer than [`body_timeout`](Self::body_timeout) is answered with 503. Default: 256 MiB.
    pub max_buffered_bytes: usize,
    /// The longest time for which the rest of a refused request is read and thrown away, so that
    /// a client that still sends it can read the answer. Default: 10 s.
    pub linger_timeout: Duration,
    /// The number of clients that are served at once; further ones wait. Default: 1,024.
    pub max_connections: usize,
    /// The longest time that a shutdown waits for exchanges in progress. Default: 5 s.
    pub shutdown_timeout: Duration,
}

#[cfg(feature = "http-server")]
impl Default for HttpServerOptions {
    fn default() -> Self {
        Self {
            head_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(5),
            min_body_rate: 500,
            send_timeout: Duration::from_secs(30),
            max_head: 128 * 1024,
            max_body: 64 * 1024 * 1024,
            max_buffered_bytes: 256 * 1024 * 1024,
            linger_timeout: Duration::from_secs(10),
            max_connections: 1024,
            shutdown_timeout: Duration::from_secs(5),
        }
    }
}
