//! JSON in and out: the incremental decoder, and the encoder of the 0.8 write format.
//!
//! [`ChunkDecoder`] takes a server's answer in pieces of any size and hands out one document
//! after the other.

mod buffer;
mod documents;
mod error;
mod limits;
mod scalar;
mod scan;

pub use documents::ChunkDecoder;
pub use error::DecodeError;
pub use limits::DecodeLimits;
