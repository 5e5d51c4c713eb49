//! The limits of an HTTP transport.

use std::time::Duration;

use crate::alarm::FOREVER;

/// The time limits, size limits and pool of an [`HttpTransport`](crate::http::HttpTransport).
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
    /// How long the peer may take no further byte of a request. Default: 30 s.
    pub write_timeout: Duration,
    /// How long the peer may take to begin its answer, from the last byte of the request that it
    /// took. Default: 30 s.
    pub response_timeout: Duration,
    /// How long the peer may pause within an answer's body. A program that reads slowly does not
    /// count. Default: 20 s.
    pub body_timeout: Duration,
    /// The size of an answer's head in bytes, roughly, and at least 8 KiB. It may have 100 headers.
    /// Default: 64 KiB.
    pub max_head_size: usize,
    /// How long a connection may be unused and still be used again. It must be shorter than what
    /// the server allows, or requests are lost: `InfluxDB` 0.8.9 closes a connection that was
    /// unused for 5 s. Default: 4 s.
    pub idle_timeout: Duration,
    /// How many unused connections are kept. Default: 8.
    pub max_idle: usize,
}

impl HttpOptions {
    /// The same options with endless limits replaced by the longest ones that a clock can show.
    pub(super) fn sound(mut self) -> Self {
        for limit in [&mut self.write_timeout, &mut self.response_timeout, &mut self.body_timeout] {
            *limit = (*limit).min(FOREVER);
        }
        self
    }
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            write_timeout: Duration::from_secs(30),
            response_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(20),
            max_head_size: 64 * 1024,
            idle_timeout: Duration::from_secs(4),
            max_idle: 8,
        }
    }
}
