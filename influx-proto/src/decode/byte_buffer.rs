//! The bytes that arrived and were not handed out yet.

use std::fmt;
use std::ops::Range;

/// A queue of bytes that never moves more bytes than were consumed before.
#[derive(Clone, Default)]
pub(super) struct ByteBuffer {
    bytes: Vec<u8>,
    /// Where the pending bytes begin. Invariant: `start <= bytes.len()`.
    start: usize,
    /// The stream's offset of `bytes[0]`.
    offset: u64,
}

impl ByteBuffer {
    pub(super) fn push(&mut self, piece: &[u8]) {
        let room = self.bytes.capacity() - self.bytes.len();
        // Moving the pending bytes only when they are the smaller part keeps the cost linear.
        if room < piece.len() && self.start >= self.pending().len() {
            self.bytes.drain(..self.start);
            self.offset += self.start as u64;
            self.start = 0;
        }
        self.bytes.extend_from_slice(piece);
    }

    /// The bytes that were not consumed.
    pub(super) fn pending(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// Drops the pending bytes behind the first `count`.
    pub(super) fn truncate(&mut self, count: usize) {
        self.bytes.truncate(self.start.saturating_add(count));
    }

    /// The consumed bytes from an offset in the stream on, if they are still there.
    pub(super) fn since(&self, offset: u64) -> Option<&[u8]> {
        let start = usize::try_from(offset.checked_sub(self.offset)?).ok()?;
        self.bytes.get(start..self.start)
    }

    /// Consumes at most `count` bytes. They stay readable by their range until the next push.
    pub(super) fn consume(&mut self, count: usize) -> Range<usize> {
        let end = self.start.saturating_add(count).min(self.bytes.len());
        let consumed = self.start..end;
        self.start = end;
        consumed
    }

    pub(super) fn consumed(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    /// The stream's offset of the byte at `index`, an end of a consumed range.
    pub(super) fn offset_of(&self, index: usize) -> u64 {
        self.offset + index as u64
    }

    /// The stream's offset of the first pending byte.
    pub(super) fn offset(&self) -> u64 {
        self.offset_of(self.start)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_survive_dropping_the_consumed_bytes() {
        let mut buffer = ByteBuffer::default();
        for round in 0..100_u64 {
            buffer.push(b"abcde");
            let range = buffer.consume(4);
            assert_eq!(buffer.offset_of(range.start), round * 4);
            assert_eq!(buffer.consumed(range).len(), 4);
            assert_eq!(buffer.offset(), round * 4 + 4);
        }
        assert_eq!(buffer.pending().len(), 100);
        assert!(buffer.bytes.capacity() <= 500, "the consumed bytes are dropped");
    }

    /// Pushes `pieces` and consumes all but `rest` bytes after each.
    /// Returns the number of pending bytes that were moved to make room.
    fn moved(pieces: usize, piece: usize, rest: usize) -> usize {
        let mut buffer = ByteBuffer::default();
        let mut moved = 0;
        for _ in 0..pieces {
            let (offset, pending) = (buffer.offset, buffer.pending().len());
            buffer.push(&vec![0; piece]);
            moved += if buffer.offset == offset { 0 } else { pending };
            buffer.consume(buffer.pending().len().saturating_sub(rest));
        }
        moved
    }

    #[test]
    fn no_more_is_moved_than_arrived() {
        for (piece, rest) in [(1, 0), (1, 1_000), (100, 99), (1_000, 100_000), (37, 64)] {
            let moved = moved(10_000, piece, rest);
            assert!(moved <= 10_000 * piece, "{piece} {rest}: {moved}");
        }
    }
}
