//! The limits of an HTTP server.

use std::time::Duration;

/// The time limits and size limits of an [`HttpServer`](crate::http::HttpServer).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct HttpServerOptions {
    /// How long a client may take until the head of its next request is complete, from the moment
    /// when it connected or got its last answer. It is also how long an idle connection stays open.
    /// Default: 5 s, as in `InfluxDB` 0.8.9.
    pub head_timeout: Duration,
    /// How long a client may pause within a request's body. Default: 5 s.
    pub body_timeout: Duration,
    /// The size of a request's head in bytes, roughly, and at least 8 KiB. More is answered with
    /// 431, as are more than 100 headers. Default: 64 KiB.
    pub max_head_size: usize,
    /// The size of a request's body in bytes; more is answered with 413. Default: 64 MiB.
    pub max_body_size: usize,
    /// How many clients are served at once; more wait until one leaves. Default: 1,024.
    pub max_connections: usize,
    /// How long a shutdown waits for the exchanges in progress. Default: 5 s.
    pub shutdown_timeout: Duration,
}

impl Default for HttpServerOptions {
    fn default() -> Self {
        Self {
            head_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(5),
            max_head_size: 64 * 1024,
            max_body_size: 64 * 1024 * 1024,
            max_connections: 1024,
            shutdown_timeout: Duration::from_secs(5),
        }
    }
}
