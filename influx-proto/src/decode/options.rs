//! Limits and other options of a decoder.

use crate::TimeUnit;

/// Limits of the memory that a peer can make a decoder use, and the unit of times.
///
/// They are set by assignment. Input that passes a limit is
/// [`DecodeError::TooLarge`](super::DecodeError::TooLarge), which names the limit.
///
/// ```
/// use influx_proto::TimeUnit;
/// use influx_proto::decode::{DecodeOptions, SeriesDecoder};
///
/// let mut options = DecodeOptions::default();
/// options.max_row = 64 << 10;
/// options.time_unit = Some(TimeUnit::Milliseconds);
/// let decoder = SeriesDecoder::with_options(options);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct DecodeOptions {
    /// Columns of a series: 4,096 by default.
    pub max_columns: usize,
    /// Levels of objects and arrays in a document: 64 by default.
    ///
    /// The JSON parser takes 127 at most, and rows of some servers are at level 7: a larger number
    /// counts as 127, and to a [`SeriesDecoder`](super::SeriesDecoder) a smaller one as 7.
    pub max_depth: usize,
    /// Bytes of a document that is handed out whole: 16 MiB by default.
    pub max_document: usize,
    /// Bytes of a name in an object, and of a value other than the rows: 1 MiB by default.
    ///
    /// This limits columns, tags, messages, and values that are skipped. It also limits the sum
    /// of the rows that come before their columns, because they are held until the series ends.
    pub max_member: usize,
    /// Bytes of a row, brackets included: 1 MiB by default.
    pub max_row: usize,
    /// Bytes of UTF-8 of a string, its escapes replaced: 1 MiB by default.
    ///
    /// A string is also a part of its row or member, so a limit above theirs changes nothing.
    pub max_string: usize,
    /// Values that are collected: 16,000,000 by default.
    ///
    /// Each cell counts, each column, and each series. A [`SeriesDecoder`](super::SeriesDecoder),
    /// which hands out row by row, does not count.
    pub max_values: usize,
    /// The documents that an answer may consist of: any by default.
    pub shape: Shape,
    /// The unit of the numbers in the column `time`, which then are [`Cell::Time`](crate::Cell).
    /// `None`, the default, leaves them as they are.
    pub time_unit: Option<TimeUnit>,
}

/// The documents that an answer may consist of.
///
/// With another shape than [`Shape::Any`], a document that lacks a part of it is an error, and so an
/// answer that is not what the server promises cannot pass for an empty one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Shape {
    /// Series and results. A document that is neither is skipped.
    #[default]
    Any,
    /// Series, each with a name, at least one column, and a list of points.
    Series,
}

/// The deepest nesting that `serde_json` parses.
pub(super) const MAX_DEPTH: usize = 127;

/// The bytes of a text that are kept for an error.
pub(super) const MAX_TEXT: usize = 8 << 10;

impl DecodeOptions {
    /// The levels that a document may nest, at least `least`.
    pub(super) fn depth(&self, least: usize) -> usize {
        self.max_depth.clamp(least, MAX_DEPTH)
    }
}

impl Default for DecodeOptions {
    fn default() -> Self {
        Self {
            max_columns: 4096,
            max_depth: 64,
            max_document: 16 << 20,
            max_member: 1 << 20,
            max_row: 1 << 20,
            max_string: 1 << 20,
            max_values: 16_000_000,
            shape: Shape::Any,
            time_unit: None,
        }
    }
}
