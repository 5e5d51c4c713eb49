//! One encoded body.

use bytes::Bytes;

/// The body of one write request. Requests can be sent in any order, and apart from each other.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Body {
    /// The bytes to send.
    pub bytes: Bytes,
    /// The number of points in it, at least 1.
    pub points: usize,
    /// Whether every point has a time and, in series JSON, a `sequence_number`: then a second
    /// request with this body stores nothing twice.
    pub identified: bool,
}
