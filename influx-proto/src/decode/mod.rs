//! Answers of servers, decoded while they arrive.
//!
//! [`SeriesDecoder`] and [`MsgpackDecoder`] hand out each row as it arrives, out of JSON and
//! MessagePack; [`ChunkDecoder`] hands out one JSON document after the other. All take pieces of
//! any size, keep within the limits of their [`DecodeOptions`], and give the same result however
//! the input was cut.
//!
//! A decoder of rows has the same four calls whatever format it reads: `push` a piece, take
//! [`Event`]s by `next_event` until there is none, `finish` at the end of the input; `buffered`
//! tells how much it holds.

mod batch;
mod byte_buffer;
mod chunk;
mod error;
mod event;
mod msgpack;
mod options;
mod row;
mod scan;
mod series;
mod syntax;
mod text_buffer;

pub use chunk::ChunkDecoder;
pub use error::DecodeError;
pub use event::{Event, Notice, Statement};
pub use msgpack::MsgpackDecoder;
pub use options::{DecodeOptions, InvalidText};
pub use row::{Row, SeriesHead};
pub use series::SeriesDecoder;
