//! JSON in and out: the incremental decoder, and the encoder of the 0.8 write format.
//!
//! [`ChunkDecoder`] takes a server's answer in pieces of any size and hands out one document
//! after the other; [`SeriesDecoder`] hands out each row as it arrives.
//! [`encode_series`] writes the body of a write request,
//! [`encode_rows`] writes it straight from serializable structs,
//! [`encode_split`] several bodies of a bounded size, such as datagrams.

mod borders;
mod buffer;
mod cell;
mod decimal;
mod digits;
mod documents;
mod encode;
mod error;
mod limits;
mod number;
mod number_text;
mod rows;
mod scalar;
mod scan;
mod series;
mod short_number;
mod stop;
mod string;
mod structural;
mod word;
mod write;

pub use documents::ChunkDecoder;
pub use encode::{NonFinite, encode_series, encode_split};
pub use error::DecodeError;
pub use limits::DecodeLimits;
pub use rows::encode_rows;
pub use series::{Event, Message, Row, SeriesDecoder, SeriesHead, SeriesLimits, Statement};
