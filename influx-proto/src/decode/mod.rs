//! Answers of servers, decoded while they arrive.
//!
//! [`SeriesDecoder`] and [`MsgpackDecoder`] hand out each row as it arrives, out of JSON and
//! MessagePack; [`RowDecoder`] is one of both, and judges the answer as a whole.
//! [`SeriesAssembler`] hands out one series after the other, [`ChunkDecoder`] one JSON document of
//! any type. All take pieces of any size, keep within the limits of their [`DecodeOptions`], and
//! give the same result however the input was cut.
//!
//! A decoder of rows has the same four calls whatever format it reads: `push` a piece, take
//! [`Event`]s by `next_event` until there is none, `finish` at the end of the input; `buffered`
//! tells how much it holds.

mod answer_format;
mod assembler;
mod batch;
mod byte_buffer;
mod chunk;
mod error;
mod event;
mod msgpack;
mod options;
mod pending;
mod row;
mod row_decoder;
mod scan;
mod series;
mod syntax;
mod text_buffer;

pub use answer_format::AnswerFormat;
pub use assembler::SeriesAssembler;
pub use chunk::ChunkDecoder;
pub use error::DecodeError;
pub use event::{Event, Notice, Statement};
pub use msgpack::MsgpackDecoder;
pub use options::{DecodeOptions, InvalidText, Shape};
pub use row::{Row, SeriesHead};
pub use row_decoder::RowDecoder;
pub use series::SeriesDecoder;
