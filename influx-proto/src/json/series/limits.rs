//! What a peer may make a `SeriesDecoder` hold.

use crate::json::scan::Scanner;

/// What a peer may make a [`SeriesDecoder`](super::SeriesDecoder) hold.
///
/// | limit | default | what it limits |
/// |---|---|---|
/// | [`max_columns`](Self::with_max_columns) | 4,096 | the columns of a series |
/// | [`max_depth`](Self::with_max_depth) | 64 levels | how deep a document nests |
/// | [`max_member`](Self::with_max_member) | 1 MiB | a name in an object, and a value other than the rows |
/// | [`max_row`](Self::with_max_row) | 1 MiB | a row, brackets included |
/// | [`max_string`](Self::with_max_string) | 1 MiB | a string without its quotes and escapes, wherever it is |
///
/// Whoever exceeds one gets [`DecodeError::Exceeded`](super::DecodeError::Exceeded), or
/// [`DecodeError::TooDeep`](super::DecodeError::TooDeep).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SeriesLimits {
    columns: usize,
    depth: usize,
    member: usize,
    row: usize,
    string: usize,
}

impl SeriesLimits {
    /// Sets how many columns a series may have: 4,096 by default.
    #[must_use]
    pub fn with_max_columns(self, columns: usize) -> Self {
        Self { columns, ..self }
    }

    /// Sets how many levels of objects and arrays a document may nest: 64 by default,
    /// at least 7, which a series of 1.x has, and at most 127, which is what the JSON parser takes.
    #[must_use]
    pub fn with_max_depth(self, levels: usize) -> Self {
        Self { depth: levels.clamp(7, Scanner::MAX_DEPTH), ..self }
    }

    /// Sets how many bytes any other member than the rows may have: 1 MiB by default.
    ///
    /// This limits the names, the columns, the tags, the texts of errors and what is skipped.
    /// It also limits rows that come before their columns, all together,
    /// because they are held back until their series is over.
    #[must_use]
    pub fn with_max_member(self, bytes: usize) -> Self {
        Self { member: bytes, ..self }
    }

    /// Sets how many bytes a row may have, brackets included: 1 MiB by default.
    #[must_use]
    pub fn with_max_row(self, bytes: usize) -> Self {
        Self { row: bytes, ..self }
    }

    /// Sets how many bytes of UTF-8 a string may have, its escapes replaced: 1 MiB by default.
    ///
    /// This limits the texts in rows, and the names, texts and skipped strings in other members.
    /// A string is also a part of its row or member, so a limit above theirs changes nothing.
    #[must_use]
    pub fn with_max_string(self, bytes: usize) -> Self {
        Self { string: bytes, ..self }
    }

    /// How many columns a series may have.
    pub fn max_columns(&self) -> usize {
        self.columns
    }

    /// How many levels of objects and arrays a document may nest.
    pub fn max_depth(&self) -> usize {
        self.depth
    }

    /// How many bytes any other member than the rows may have.
    pub fn max_member(&self) -> usize {
        self.member
    }

    /// How many bytes a row may have.
    pub fn max_row(&self) -> usize {
        self.row
    }

    /// How many bytes of UTF-8 a string may have, its escapes replaced.
    pub fn max_string(&self) -> usize {
        self.string
    }
}

impl Default for SeriesLimits {
    fn default() -> Self {
        Self { columns: 4096, depth: 64, member: 1 << 20, row: 1 << 20, string: 1 << 20 }
    }
}
