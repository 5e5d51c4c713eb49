//! The bytes that arrived and were not handed out yet.

use std::fmt;
use std::ops::Range;

use super::pending::Pending;

/// A queue of bytes.
#[derive(Clone, Default)]
pub(super) struct ByteBuffer {
    pub(super) bytes: Vec<u8>,
    pub(super) pending: Pending,
}

impl ByteBuffer {
    pub(super) fn push(&mut self, piece: &[u8]) {
        let (end, capacity) = (self.bytes.len(), self.bytes.capacity());
        let consumed = self.pending.to_drop(piece.len(), end, capacity);
        self.bytes.drain(..consumed);
        self.pending.dropped(consumed);
        self.bytes.extend_from_slice(piece);
    }

    /// The bytes that were not consumed.
    pub(super) fn pending(&self) -> &[u8] {
        self.bytes.get(self.pending.start..).unwrap_or_default()
    }

    /// Consumes at most `count` bytes. They stay readable by their range until the next push.
    pub(super) fn consume(&mut self, count: usize) -> Range<usize> {
        self.pending.consume(count, self.bytes.len())
    }

    pub(super) fn consumed(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    /// The stream's offset of the byte at `index`, an end of a consumed range.
    pub(super) fn offset_of(&self, index: usize) -> u64 {
        self.pending.offset_of(index)
    }

    /// The stream's offset of the first pending byte.
    pub(super) fn offset(&self) -> u64 {
        self.offset_of(self.pending.start)
    }
}

impl fmt::Debug for ByteBuffer {
    /// Shows the number of pending bytes instead of megabytes of data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteBuffer")
            .field("offset", &self.offset())
            .field("pending", &self.pending().len())
            .finish_non_exhaustive()
    }
}
