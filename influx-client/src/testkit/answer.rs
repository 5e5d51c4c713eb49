//! What the server sends back.

use bytes::Bytes;

/// The answer to a request.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a server answers or it does not")]
pub enum Answer {
    /// The server closes the connection without an answer, as 0.8 does when a handler panics.
    Drop,
    /// Status, headers and body.
    Reply(http::Response<Body>),
}

/// A reply's body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "HTTP/1.1 knows these two framings")]
pub enum Body {
    /// Sent as HTTP chunks of exactly these sizes.
    Chunks(Vec<Bytes>),
    /// Sent with its length.
    Full(Bytes),
}

impl Body {
    /// The whole body.
    pub fn to_bytes(&self) -> Bytes {
        match self {
            Self::Chunks(chunks) => chunks.concat().into(),
            Self::Full(bytes) => bytes.clone(),
        }
    }
}
