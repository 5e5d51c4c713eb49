//! What a peer may make a decoder hold.

use super::scan::Scanner;

/// What a peer may make a [`ChunkDecoder`](super::ChunkDecoder) hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DecodeLimits {
    max_depth: usize,
    max_document: usize,
}

impl DecodeLimits {
    /// Sets how many levels of objects and arrays a document may nest: 64 by default,
    /// at most 127, which is what the JSON parser takes.
    #[must_use]
    pub fn with_max_depth(self, levels: usize) -> Self {
        Self { max_depth: levels.min(Scanner::MAX_DEPTH), ..self }
    }

    /// Sets how many bytes a document may have: 16 MiB by default.
    #[must_use]
    pub fn with_max_document(self, bytes: usize) -> Self {
        Self { max_document: bytes, ..self }
    }

    /// How many levels of objects and arrays a document may nest.
    pub fn max_depth(&self) -> usize {
        self.max_depth
    }

    /// How many bytes a document may have.
    pub fn max_document(&self) -> usize {
        self.max_document
    }
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self { max_depth: 64, max_document: 16 << 20 }
    }
}
