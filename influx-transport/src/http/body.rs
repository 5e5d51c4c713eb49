//! The body of an answer.

use std::fmt;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Response, header};
use http_body::Body as _;
use hyper::body::Incoming;
use tokio::time::Instant;

use super::connection::{Connection, classify};
use super::data::{Full, next_data};
use super::options::HttpOptions;
use super::pace::Pace;
use super::pool::Pool;
use super::watched::WriteClock;
use crate::{Error, ErrorKind, Phase};

/// The body of an answer, read piece by piece at the caller's pace.
///
/// Nothing reads ahead: while the caller does not read, the server waits. The connection serves
/// another request only after the body was read to its end; dropping the body before that closes
/// the connection.
///
/// ```
/// use bytes::Bytes;
/// use influx_transport::http::HttpBody;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
/// # runtime.block_on(async {
/// let mut body = HttpBody::from(Bytes::from("[]"));
/// while let Some(chunk) = body.chunk().await? {
///     println!("{} bytes", chunk.len());
/// }
/// # Ok::<(), influx_transport::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct HttpBody {
    source: Source,
    length_known: bool,
}

impl HttpBody {
    /// The next piece, never empty; `None` at the end. Pieces need not be those that the server
    /// sent.
    ///
    /// # Errors
    ///
    /// The connection broke, the server paused for longer than
    /// [`body_timeout`](super::HttpOptions::body_timeout), it is slower than
    /// [`min_body_rate`](super::HttpOptions::min_body_rate), or its bytes are not a valid body. All
    /// pieces before the error were handed out; after it the body yields `None`.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future loses nothing, the next call continues.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let live = match &mut self.source {
            Source::Whole(bytes) => return Ok(bytes.take()),
            Source::Live(live) => live,
            Source::Unreadable(error) => return error.take().map_or(Ok(None), Err),
        };
        let chunk = live.chunk().await;
        if let Ok(Some(_)) = chunk {
            return chunk;
        }
        let live = std::mem::replace(&mut self.source, Source::Whole(Full::new(Bytes::new())));
        if let (Ok(None), Source::Live(live)) = (&chunk, live) {
            live.pool.put(live.connection);
        }
        chunk
    }

    /// Reads the rest, up to `limit` bytes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLarge`] if the rest is longer than the limit: at once, if the server announced
    /// the length. Otherwise as [`chunk`](Self::chunk).
    ///
    /// # Cancel safety
    ///
    /// Not safe: the bytes that were read are lost, and the connection is closed.
    pub async fn collect(mut self, limit: usize) -> Result<Bytes, Error> {
        if self.length().is_some_and(|length| length > limit as u64) {
            return Err(self.too_large(limit));
        }
        let mut all = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if chunk.len() > limit - all.len() {
                return Err(self.too_large(limit));
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    /// The number of bytes that are left, if the server announced the length.
    pub fn length(&self) -> Option<u64> {
        match &self.source {
            Source::Whole(bytes) => Some(bytes.len()),
            Source::Unreadable(_) => None,
            Source::Live(live) => live.stream.size_hint().exact(),
        }
    }

    /// Whether the end differs from a broken connection, because the server announced the length or
    /// marks the end. Otherwise the end of the connection is the end of the body, and only the
    /// content shows whether something is missing.
    pub fn length_known(&self) -> bool {
        self.length_known
    }

    /// The answer whose body this connection delivers.
    pub(super) fn of(
        response: Response<Incoming>,
        encodings: Encodings,
        connection: Connection,
        pool: &Arc<Pool>,
    ) -> Response<Self> {
        if response.body().is_end_stream() {
            pool.put(connection);
            return response.map(|_| Self::from(Bytes::new()));
        }
        if encodings == Encodings::Identity
            && let Some(encoding) = encoding(response.headers())
        {
            let error = Error::new(ErrorKind::Protocol, Phase::Body)
                .with_endpoint(&pool.peer.endpoint)
                .with_source(format!("unexpected Content-Encoding {encoding}"));
            let source = Source::Unreadable(Some(error));
            return response.map(|_| Self { source, length_known: false });
        }
        let length_known =
            response.body().size_hint().exact().is_some() || is_chunked(response.headers());
        response.map(|stream| Self {
            source: Source::Live(Live::new(stream, connection, pool)),
            length_known,
        })
    }

    fn too_large(&self, limit: usize) -> Error {
        let error = Error::new(ErrorKind::TooLarge { what: "answer", limit }, Phase::Body);
        match &self.source {
            Source::Whole(_) | Source::Unreadable(_) => error,
            Source::Live(live) => error.with_endpoint(&live.pool.peer.endpoint),
        }
    }
}

impl fmt::Debug for HttpBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpBody")
            .field("length", &self.length())
            .field("length_known", &self.length_known)
            .finish_non_exhaustive()
    }
}

/// A body in memory, for transports without a network.
impl From<Bytes> for HttpBody {
    fn from(bytes: Bytes) -> Self {
        Self { source: Source::Whole(Full::new(bytes)), length_known: true }
    }
}

enum Source {
    Whole(Full),
    Live(Live),
    /// The error of the next read; `None` once it was handed over.
    Unreadable(Option<Error>),
}

/// The encodings that an answer may have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Encodings {
    /// Those that the caller asked for.
    Any,
    /// None.
    Identity,
}

struct Live {
    stream: Incoming,
    connection: Connection,
    pool: Arc<Pool>,
    pace: Pace,
}

impl Live {
    fn new(stream: Incoming, connection: Connection, pool: &Arc<Pool>) -> Self {
        let HttpOptions { body_timeout, min_body_rate, .. } = pool.peer.options;
        let pace = Pace::new(body_timeout.saturating_mul(6), min_body_rate);
        Self { stream, connection, pool: Arc::clone(pool), pace }
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let Self { stream, connection, pool, pace } = self;
        let HttpOptions { body_timeout, min_body_rate, .. } = pool.peer.options;
        let limit = body_timeout.min(pace.left());
        let mut wait = Wait { pace, clock: &connection.clock, since: None };
        // The clock is read only if the piece is not there yet.
        let deadline = || *wait.since.get_or_insert_with(Instant::now) + limit;
        let chunk = connection.alarm.wait(next_data(stream), deadline).await;
        drop(wait);
        match chunk.map(Option::transpose) {
            Some(Ok(chunk)) => {
                pace.earn(chunk.as_ref().map_or(0, Bytes::len));
                Ok(chunk)
            }
            Some(Err(error)) => Err(classify(error, Phase::Body, &pool.peer)),
            None => {
                let kind = if limit < body_timeout {
                    ErrorKind::TooSlow { min_rate: min_body_rate }
                } else {
                    ErrorKind::Timeout(limit)
                };
                Err(Error::new(kind, Phase::Body).with_endpoint(&pool.peer.endpoint))
            }
        }
    }
}

/// A wait for the peer, which counts until bytes came or the caller gave up.
struct Wait<'a> {
    pace: &'a mut Pace,
    clock: &'a WriteClock,
    since: Option<Instant>,
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        if let Some(since) = self.since {
            let came = Some(self.clock.last_read()).filter(|came| *came > since);
            self.pace.spend(came.unwrap_or_else(Instant::now) - since);
        }
    }
}

/// The encoding of a body, if it has one: at most 32 characters, escaped.
fn encoding(headers: &HeaderMap) -> Option<String> {
    let encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    let texts = encodings.map(|encoding| String::from_utf8_lossy(encoding.as_bytes()));
    let is_identity = |coding: &str| coding.is_empty() || coding.eq_ignore_ascii_case("identity");
    let mut found = texts.filter(|text| !text.split(',').map(str::trim).all(is_identity));
    found.next().map(|text| text.chars().take(32).flat_map(char::escape_debug).collect())
}

/// Whether the last transfer coding marks the end of the body.
fn is_chunked(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(header::TRANSFER_ENCODING).iter().next_back();
    let last = codings.and_then(|codings| codings.to_str().ok()?.rsplit(',').next());
    last.is_some_and(|coding| coding.trim().eq_ignore_ascii_case("chunked"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_that_is_there_reads_like_a_received_one() {
        let mut body = HttpBody::from(Bytes::from("[1,2]"));
        assert_eq!((body.length(), body.length_known()), (Some(5), true));
        assert_eq!(body.chunk().await.unwrap().unwrap(), "[1,2]");
        assert_eq!(body.chunk().await.unwrap(), None);
        assert_eq!(body.length(), Some(0));

        assert_eq!(HttpBody::from(Bytes::from("12345")).collect(5).await.unwrap(), "12345");
        let error = HttpBody::from(Bytes::from("12345")).collect(4).await.unwrap_err();
        assert_eq!(error.to_string(), "the answer from the peer exceeds the limit of 4 bytes");
    }

    #[test]
    fn a_body_moves_between_threads() {
        fn check<T: Send + Unpin + 'static>() {}
        check::<HttpBody>();
    }
}
