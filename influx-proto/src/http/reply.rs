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
    /// [`ResponseError::Redirect`] for a status 3xx, [`ResponseError::Server`] for others,
    /// unless it is `success`.
    pub fn expect(&self, success: StatusCode) -> Result<(), ResponseError> {
        if self.status == success {
            Ok(())
        } else if self.status.is_redirection() {
            Err(ResponseError::Redirect { status: self.status })
        } else {
            Err(ServerError::from(self).into())
        }
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
