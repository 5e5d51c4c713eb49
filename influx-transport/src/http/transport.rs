//! Sends requests over pooled connections.

use std::sync::Arc;
use std::{fmt, mem};

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, Request, Response, Uri, Version, header};

use super::body::{Encodings, HttpBody};
use super::connection::{Connection, Failure, Peer};
use super::data::Full;
use super::options::HttpOptions;
use super::pool::Pool;
use crate::{Connect, Delivery, Endpoint, Error, ErrorKind, Phase, Transport};

/// Sends HTTP/1.1 requests to one peer over pooled connections.
///
/// A connection leaves the pool for an exchange and returns only after the answer was read to its
/// end. An exchange that fails, times out or is dropped closes its connection, so that a late answer
/// reaches no other caller. A request is sent again on a new connection only if the pooled one was
/// closed before the first byte was sent. Redirects are not followed.
///
/// A request may have an absolute URI. It travels in origin form, with the URI's host in the `Host`
/// header unless the request has one; user names and passwords in a URI are not sent. The
/// transport sets `Content-Length` itself, and `Accept-Encoding: identity` unless the request has
/// that header; then the body of an encoded answer is an error.
///
/// Clones share the pool. Each open connection has a task on the current tokio runtime, which ends
/// when the connection is dropped: with its exchange, or with the last clone of the transport.
///
/// ```no_run
/// use bytes::Bytes;
/// use influx_transport::Transport;
/// use influx_transport::http::HttpTransport;
/// use influx_transport::tcp::TcpConnector;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let transport = HttpTransport::new(TcpConnector::new("localhost", 8080)?);
/// let request = http::Request::get("http://localhost:8080/status").body(Bytes::new())?;
/// let response = transport.send(request).await?;
/// println!("{}: {:?}", response.status(), response.into_body().collect(1024).await?);
/// # Ok(())
/// # }
/// ```
pub struct HttpTransport<C> {
    connector: Arc<C>,
    pool: Arc<Pool>,
}

impl<C: Connect> HttpTransport<C> {
    /// Speaks HTTP over this connector's streams, with the default options.
    pub fn new(connector: C) -> Self {
        Self::with_options(connector, HttpOptions::default())
    }

    /// Speaks HTTP over this connector's streams, with these options.
    pub fn with_options(connector: C, options: HttpOptions) -> Self {
        let endpoint = connector.endpoint().clone();
        let pool = Pool::new(Peer { endpoint, options: options.sound() });
        Self { connector: Arc::new(connector), pool: Arc::new(pool) }
    }

    /// The address to connect to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.pool.peer.endpoint
    }

    async fn dial(&self) -> Result<Connection, Error> {
        Connection::open(self.connector.connect().await?, &self.pool.peer).await
    }

    async fn exchange(
        &self,
        connection: Connection,
        request: Request<Full>,
        encodings: Encodings,
    ) -> Result<Response<HttpBody>, Failure> {
        let (response, connection) = connection.exchange(request, &self.pool.peer).await?;
        Ok(HttpBody::of(response, encodings, connection, &self.pool))
    }
}

impl<C: Connect> Transport for HttpTransport<C> {
    type Request = Request<Bytes>;
    type Response = Response<HttpBody>;

    /// Opens one connection into the pool, unless it holds one.
    async fn connect(&self) -> Result<(), Error> {
        let connection = match self.pool.take().await {
            Some(connection) => connection,
            None => self.dial().await?,
        };
        self.pool.put(connection);
        Ok(())
    }

    /// Sends one request and waits for the head of its answer; the caller reads the body.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<HttpBody>, Error> {
        let mut request = request.map(Full::new);
        let encodings = prepare(&mut request, &self.pool.peer.endpoint)?;
        if let Some(connection) = self.pool.take().await {
            match self.exchange(connection, request, encodings).await {
                Ok(response) => return Ok(response),
                Err(Failure { unsent: Some(unsent), .. }) => request = *unsent,
                Err(failure) => return Err(failure.error),
            }
        }
        let connection = self.dial().await?;
        self.exchange(connection, request, encodings).await.map_err(|failure| failure.error)
    }

    /// Closes the connections in the pool. Those in use return to it later.
    async fn disconnect(&self) -> Result<(), Error> {
        self.pool.clear();
        Ok(())
    }
}

impl<C> Clone for HttpTransport<C> {
    fn clone(&self) -> Self {
        Self { connector: Arc::clone(&self.connector), pool: Arc::clone(&self.pool) }
    }
}

impl<C> fmt::Debug for HttpTransport<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("endpoint", &self.pool.peer.endpoint)
            .field("options", &self.pool.peer.options)
            .finish_non_exhaustive()
    }
}

/// Gives a request the form in which it travels.
fn prepare(request: &mut Request<Full>, endpoint: &Endpoint) -> Result<Encodings, Error> {
    let invalid = |reason| {
        Error::new(ErrorKind::Invalid(reason), Phase::Send).with_delivery(Delivery::NotSent)
    };
    if request.method() == Method::CONNECT {
        return Err(invalid("CONNECT cannot be sent: it would take over the connection"));
    }
    if !request.headers().contains_key(header::HOST) {
        let host = HeaderValue::from_maybe_shared(Bytes::from(host(request.uri(), endpoint)))
            .map_err(|error| invalid("the host cannot stand in a header").with_source(error))?;
        request.headers_mut().insert(header::HOST, host);
    }
    let path = mem::take(request.uri_mut()).into_parts().path_and_query;
    *request.uri_mut() = Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
    *request.version_mut() = Version::HTTP_11;
    let has_body = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH);
    let length = request.body().len();
    request.headers_mut().remove(header::TRANSFER_ENCODING);
    if has_body || length > 0 {
        request.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    } else {
        request.headers_mut().remove(header::CONTENT_LENGTH);
    }
    Ok(match request.headers_mut().entry(header::ACCEPT_ENCODING) {
        header::Entry::Occupied(_) => Encodings::Any,
        header::Entry::Vacant(entry) => {
            entry.insert(HeaderValue::from_static("identity"));
            Encodings::Identity
        }
    })
}

/// The URI's host and port, without a user's name and password, or else the endpoint's.
fn host(uri: &Uri, endpoint: &Endpoint) -> String {
    match (uri.host(), uri.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => endpoint.authority(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(request: http::request::Builder, body: &'static str, expected: &[&str]) {
        let endpoint = Endpoint::new("::1", 8080).unwrap();
        let mut request = request.body(Full::new(Bytes::from(body))).unwrap();
        prepare(&mut request, &endpoint).unwrap();
        let mut found = vec![format!("{} {}", request.method(), request.uri())];
        for (name, value) in request.headers() {
            if name == header::ACCEPT_ENCODING && value == "identity" {
                continue;
            }
            found.push(format!("{name}: {}", value.to_str().unwrap()));
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn requests_travel_in_origin_form_with_a_host() {
        check(
            Request::get("http://user:pw@example.org:8080/db?q=a%20b"),
            "",
            &["GET /db?q=a%20b", "host: example.org:8080"],
        );
        check(Request::get("http://example.org"), "", &["GET /", "host: example.org"]);
        check(Request::get("http://[::2]:1/"), "", &["GET /", "host: [::2]:1"]);
        check(Request::get("/ping"), "", &["GET /ping", "host: [::1]:8080"]);
        check(Request::get("http://a/").header("host", "b"), "", &["GET /", "host: b"]);
    }

    #[test]
    fn the_transport_alone_says_how_long_a_body_is() {
        check(
            Request::post("/").header("host", "h").header("content-length", "7"),
            "ab",
            &["POST /", "host: h", "content-length: 2"],
        );
        check(
            Request::post("/").header("host", "h").header("transfer-encoding", "chunked"),
            "",
            &["POST /", "host: h", "content-length: 0"],
        );
        check(Request::delete("/").header("host", "h"), "", &["DELETE /", "host: h"]);
    }

    #[test]
    fn an_encoded_answer_is_asked_for_by_the_caller_only() {
        for (asked, expected) in [
            (None, Encodings::Identity),
            (Some("gzip"), Encodings::Any),
            (Some(""), Encodings::Any),
        ] {
            let mut request = Request::new(Full::new(Bytes::new()));
            if let Some(asked) = asked {
                let asked = HeaderValue::from_static(asked);
                request.headers_mut().insert(header::ACCEPT_ENCODING, asked);
            }
            let found = prepare(&mut request, &Endpoint::new("a", 1).unwrap()).unwrap();
            assert_eq!(found, expected);
            assert_eq!(request.headers()[header::ACCEPT_ENCODING], asked.unwrap_or("identity"));
        }
    }

    #[test]
    fn connect_is_refused() {
        let mut request = Request::connect("a:1").body(Full::new(Bytes::new())).unwrap();
        let error = prepare(&mut request, &Endpoint::new("a", 1).unwrap()).unwrap_err();
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert!(matches!(error.kind(), ErrorKind::Invalid(_)), "{error}");
    }
}
