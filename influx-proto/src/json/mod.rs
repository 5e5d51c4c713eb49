//! JSON in and out: the incremental decoder and the encoder of the 0.8 write format.

use thiserror::Error;

/// Bytes that are not the promised JSON.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The input ended inside a document.
    #[error("the input ended inside a document")]
    Truncated,
}
