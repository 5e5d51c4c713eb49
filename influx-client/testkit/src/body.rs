//! The body of an answer.

use bytes::Bytes;
use influx_transport::Reply;

/// The body of an answer, with its framing in HTTP/1.1.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "HTTP/1.1 has these two framings")]
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

impl From<Body> for Reply {
    fn from(body: Body) -> Self {
        match body {
            Body::Chunks(chunks) => Self::chunks(chunks),
            Body::Full(bytes) => Self::full(bytes),
        }
    }
}
