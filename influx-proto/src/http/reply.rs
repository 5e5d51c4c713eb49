//! A server's reply, borrowed.

use std::fmt;

use http::header::LOCATION;
use http::{HeaderMap, StatusCode};

use super::server_error::text;
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
    /// As [`refusal`](Self::refusal), unless the status is `success`.
    pub fn expect(&self, success: StatusCode) -> Result<(), ResponseError> {
        if self.status == success { Ok(()) } else { Err(self.refusal()) }
    }

    /// The error of a reply that does not report success: [`ResponseError::Redirect`] for the
    /// statuses 301, 302, 303, 307 and 308, [`ResponseError::Server`] for others.
    pub fn refusal(&self) -> ResponseError {
        match self.status.as_u16() {
            301..=303 | 307 | 308 => {
                let location = self.headers.get(LOCATION).map(|value| place(value.as_bytes()));
                ResponseError::Redirect { status: self.status, location }
            }
            _ => ServerError::from(self).into(),
        }
    }
}

/// The scheme, the host and the path of an address, cut at [`ServerError::MAX_HEADER`] bytes: its
/// user and its query can be secrets.
fn place(address: &[u8]) -> String {
    let address = String::from_utf8_lossy(address);
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = address.split_at(address.find("//").map_or(0, |at| at + 2));
    let end = rest.find('/').filter(|_| !scheme.is_empty()).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(if scheme.is_empty() { 0 } else { end });
    let host = authority.rsplit('@').next().unwrap_or_default();
    text([scheme, host, path].concat().as_bytes(), ServerError::MAX_HEADER)
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
    use super::*;

    #[test]
    fn another_status_than_the_promised_one_is_a_refusal_or_a_redirect() {
        let headers = HeaderMap::new();
        let expect = |status: u16| {
            let status = StatusCode::from_u16(status).unwrap();
            Reply::new(status, &headers, b"no").expect(StatusCode::CREATED)
        };
        assert_eq!(expect(201), Ok(()));
        for status in [200, 204, 300, 304, 305, 306, 309, 399, 400, 500] {
            assert!(matches!(expect(status), Err(ResponseError::Server(_))), "{status}");
        }
        for status in [301, 302, 303, 307, 308] {
            assert!(matches!(expect(status), Err(ResponseError::Redirect { .. })), "{status}");
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
            let error = Reply::new(StatusCode::FOUND, &headers, b"").refusal();
            let ResponseError::Redirect { location: Some(found), .. } = &error else {
                panic!("{error:?}")
            };
            assert_eq!(found, expected, "{location}");
            assert!(error.to_string().contains(&format!("a redirect to {expected}")), "{error}");
            assert!(!format!("{error} {error:?}").contains("CANARY"), "{error}");
        }
        let error = Reply::new(StatusCode::FOUND, &HeaderMap::new(), b"").refusal();
        let text = "the server answered 302 Found, a redirect, which is not followed";
        assert!(error.to_string().starts_with(text), "{error}");
        let long = format!("/{}\u{e9}", "x".repeat(ServerError::MAX_HEADER - 2));
        let headers = [(LOCATION, http::HeaderValue::from_bytes(long.as_bytes()).unwrap())];
        let headers = headers.into_iter().collect();
        match Reply::new(StatusCode::FOUND, &headers, b"").refusal() {
            ResponseError::Redirect { location, .. } => assert_eq!(location.unwrap().len(), 255),
            error => panic!("{error:?}"),
        }
    }

    #[test]
    fn debug_shows_no_content() {
        let headers = [(http::header::COOKIE, "CANARY".parse().unwrap())].into_iter().collect();
        let reply = Reply::new(StatusCode::OK, &headers, b"CANARY");
        assert!(!format!("{reply:?}").contains("CANARY"));
    }
}
