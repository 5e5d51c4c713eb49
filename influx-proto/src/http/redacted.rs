//! A request that shows no credential.

use std::fmt::{self, Write as _};
use std::ops::Deref;

use bytes::Bytes;
use http::Uri;

/// A request as a call builds it, with an absolute URI and the target's credentials.
///
/// It reads as the `http::Request` that it is. Its `Debug` shows neither the values of the
/// parameters `u` and `p`, which carry credentials with
/// [`Placement::Query`](crate::Placement::Query), nor the body, which can set a password.
///
/// An HTTP client takes the `http::Request` inside, which is a type of another crate: **its `Debug`
/// shows the URI and the body as they are**, so do not log it.
///
/// ```
/// use influx_proto::{Auth, Operation, Placement, Target, v08};
///
/// let auth = Auth::Basic {
///     user: "root".to_owned(),
///     password: "secret".into(),
///     placement: Placement::Query,
/// };
/// let target = Target::new("http://localhost:8086".parse()?)?.with_auth(auth);
/// let request = v08::ListDatabases.request(&target)?;
/// assert!(!format!("{request:?}").contains("secret"));
/// let request: http::Request<bytes::Bytes> = request.into_http();
/// assert_eq!(request.uri(), "http://localhost:8086/db?u=root&p=secret");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Request(http::Request<Bytes>);

impl Request {
    pub(super) fn new(request: http::Request<Bytes>) -> Self {
        Self(request)
    }

    /// The request for an HTTP client. Its `Debug` shows credentials.
    pub fn into_http(self) -> http::Request<Bytes> {
        self.0
    }
}

impl Deref for Request {
    type Target = http::Request<Bytes>;

    fn deref(&self) -> &http::Request<Bytes> {
        &self.0
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", self.method())
            .field("uri", &format_args!("{}", Redacted(self.uri())))
            .field("headers", self.headers())
            .field("body", &self.body().len())
            .finish()
    }
}

/// An address without the credentials of its query string.
struct Redacted<'a>(&'a Uri);

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(uri) = self;
        if let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) {
            write!(f, "{scheme}://{authority}")?;
        }
        f.write_str(uri.path())?;
        let pairs = uri.query().into_iter().flat_map(|query| query.split('&'));
        for (index, pair) in pairs.enumerate() {
            f.write_char(if index == 0 { '?' } else { '&' })?;
            match pair.split_once('=') {
                Some((key @ ("u" | "p"), _)) => write!(f, "{key}=[redacted]")?,
                _ => f.write_str(pair)?,
            }
        }
        Ok(())
    }
}
