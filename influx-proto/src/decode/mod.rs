//! Answers of servers, decoded while they arrive.
//!
//! [`SeriesDecoder`] hands out each row as it arrives, [`SeriesAssembler`] one series after the
//! other, [`ChunkDecoder`] one document of any type. All take pieces of any size, keep within the limits of their [`DecodeOptions`], and give
//! the same result however the input was cut.
//!
//! A decoder of rows has the same four calls whatever format it reads: `push` a piece, take
//! [`Event`]s by `next_event` until there is none, `finish` at the end of the input; `buffered`
//! tells how much it holds.

mod assembler;
mod batch;
mod byte_buffer;
mod chunk;
mod error;
mod event;
mod options;
mod pending;
mod row;
mod scan;
mod series;
mod syntax;
mod text_buffer;

pub use assembler::SeriesAssembler;
pub use chunk::ChunkDecoder;
pub use error::DecodeError;
pub use event::{Event, Notice, Statement};
pub use options::{DecodeOptions, Shape};
pub use row::{Row, SeriesHead};
pub use series::SeriesDecoder;
