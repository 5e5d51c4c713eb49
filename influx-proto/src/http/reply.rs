//! A server's reply, borrowed.

use std::fmt;

use http::{HeaderMap, StatusCode};

use super::{ResponseError, ServerError};

/// A server's reply to a call, borrowed from the HTTP client that received it.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Reply<'a> {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The whole body, decompressed. The HTTP client limits its size.
    pub body: &'a [u8],
}

impl<'a> Reply<'a> {
    /// A reply of these parts.
    pub fn new(status: StatusCode, headers: &'a HeaderMap, body: &'a [u8]) -> Self {
        Self { status, headers, body }
    }

    /// Checks the status.
    ///
    /// # Errors
    ///
    /// [`ResponseError::Server`] unless it is `success`.
    pub fn expect(&self, success: StatusCode) -> Result<(), ResponseError> {
        if self.status == success { Ok(()) } else { Err(ServerError::from(self).into()) }
    }
}

impl From<&Reply<'_>> for ServerError {
    /// The refusal that a reply is.
    fn from(reply: &Reply<'_>) -> Self {
        Self::with_headers(reply.status, reply.headers, reply.body)
    }
}

impl fmt::Debug for Reply<'_> {
    /// Shows neither headers nor body, which can hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, body, .. } = self;
        f.debug_struct("Reply").field("status", status).field("body", &body.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use http::header::LOCATION;

    use super::*;

    #[test]
    fn another_status_than_the_promised_one_is_a_refusal() {
        let headers = HeaderMap::new();
        let expect = |status: u16| {
            let status = StatusCode::from_u16(status).unwrap();
            Reply::new(status, &headers, b"no").expect(StatusCode::CREATED)
        };
        assert_eq!(expect(201), Ok(()));
        for status in [200, 204, 300, 307, 399, 400, 500] {
            assert!(matches!(expect(status), Err(ResponseError::Server(_))), "{status}");
        }
    }

    #[test]
    fn a_redirect_names_its_place_without_secrets() {
        for (location, expected) in [
            ("http://b:8086/db", "http://b:8086/db"),
            ("https://u:CANARY@b/db?p=CANARY#CANARY", "https://b/db"),
            ("https://u:CANARY@b", "https://b"),
            ("//u:CANARY@b/x@y", "//b/x@y"),
            ("/login?u=CANARY", "/login"),
            ("/a//b", "/a//b"),
            ("login", "login"),
            ("?p=CANARY", ""),
            ("", ""),
        ] {
            let headers = [(LOCATION, location.parse().unwrap())].into_iter().collect();
            let error = ServerError::from(&Reply::new(StatusCode::FOUND, &headers, b""));
            assert_eq!(error.location.as_deref(), Some(expected), "{location}");
            assert!(error.to_string().contains(&format!("a redirect to {expected}")), "{error}");
            assert!(!format!("{error} {error:?}").contains("CANARY"), "{error}");
        }
        let error = ServerError::from(&Reply::new(StatusCode::FOUND, &HeaderMap::new(), b""));
        let text = "the server answered 302 Found, a redirect, which is not followed";
        assert!(error.to_string().starts_with(text), "{error}");
        let long = format!("/{}\u{e9}", "x".repeat(ServerError::MAX_HEADER - 2));
        let headers = [(LOCATION, http::HeaderValue::from_bytes(long.as_bytes()).unwrap())];
        let headers = headers.into_iter().collect();
        let error = ServerError::from(&Reply::new(StatusCode::FOUND, &headers, b""));
        assert_eq!(error.location.unwrap().len(), 255);
    }

    #[test]
    fn debug_shows_no_content() {
        let headers = [(http::header::COOKIE, "CANARY".parse().unwrap())].into_iter().collect();
        let reply = Reply::new(StatusCode::OK, &headers, b"CANARY");
        assert!(!format!("{reply:?}").contains("CANARY"));
    }
}
