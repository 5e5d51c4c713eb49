//! JSON in: the incremental decoders.
//!
//! [`ChunkDecoder`] takes a server's answer in pieces of any size and hands out one document
//! after the other; [`SeriesDecoder`] hands out each row as it arrives.

mod borders;
mod buffer;
mod decimal;
mod digits;
mod documents;
mod error;
mod limits;
mod number;
mod scalar;
mod scan;
mod series;
mod short_number;
mod stop;
mod string;
mod structural;
mod word;

pub use documents::ChunkDecoder;
pub use error::DecodeError;
pub use limits::DecodeLimits;
pub use series::{Event, Message, Row, SeriesDecoder, SeriesHead, SeriesLimits, Statement};
