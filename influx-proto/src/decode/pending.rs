//! The place in a buffer up to which its bytes were consumed.

use std::ops::Range;

/// Where the pending bytes of a buffer begin, in the buffer and in the stream.
///
/// A buffer that asks it for room never moves more bytes than were consumed before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pending {
    /// Invariant: at most the length of the buffer.
    pub(super) start: usize,
    /// The stream's offset of the buffer's first byte.
    offset: u64,
}

impl Pending {
    /// Nothing is consumed of a buffer that was at `offset` in the stream.
    pub(super) fn all_from(offset: u64) -> Self {
        Self { start: 0, offset }
    }

    /// Consumes at most `count` of the bytes before `end`. Returns their place.
    #[inline]
    pub(super) fn consume(&mut self, count: usize, end: usize) -> Range<usize> {
        let end = self.start.saturating_add(count).min(end);
        let consumed = self.start..end;
        self.start = end;
        consumed
    }

    /// The number of consumed bytes to drop before `wanted` bytes are appended behind `end`: none
    /// if there is room for them.
    pub(super) fn to_drop(self, wanted: usize, end: usize, capacity: usize) -> usize {
        // Moving the pending bytes only when they are the smaller part keeps the cost linear.
        let is_worth_moving = capacity - end < wanted && self.start >= end - self.start;
        if is_worth_moving { self.start } else { 0 }
    }

    /// Remembers that this many bytes were dropped from the front of the buffer.
    pub(super) fn dropped(&mut self, count: usize) {
        self.offset += count as u64;
        self.start -= count;
    }

    /// The stream's offset of the byte at `index` of the buffer.
    #[inline]
    pub(super) fn offset_of(self, index: usize) -> u64 {
        self.offset + index as u64
    }

    /// The place in the buffer of an offset in the stream, if it was not dropped.
    pub(super) fn index_of(self, offset: u64) -> Option<usize> {
        usize::try_from(offset.checked_sub(self.offset)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::byte_buffer::ByteBuffer;
    use super::super::text_buffer::TextBuffer;
    use super::*;

    trait Buffer: Default {
        fn take_in(&mut self, piece: &[u8]);
        fn consume(&mut self, count: usize) -> Range<usize>;
        fn state(&self) -> (Pending, usize, usize);
    }

    impl Buffer for ByteBuffer {
        fn take_in(&mut self, piece: &[u8]) {
            self.push(piece);
        }

        fn consume(&mut self, count: usize) -> Range<usize> {
            self.consume(count)
        }

        fn state(&self) -> (Pending, usize, usize) {
            (self.pending, self.pending().len(), self.bytes.capacity())
        }
    }

    impl Buffer for TextBuffer {
        fn take_in(&mut self, piece: &[u8]) {
            self.push(piece);
            self.check();
        }

        fn consume(&mut self, count: usize) -> Range<usize> {
            self.consume(count)
        }

        fn state(&self) -> (Pending, usize, usize) {
            (self.pending, self.pending().len(), self.text.capacity())
        }
    }

    fn check_offsets<B: Buffer>() {
        let mut buffer = B::default();
        for round in 0..100_u64 {
            buffer.take_in(b"abcde");
            let range = buffer.consume(4);
            assert_eq!(range.len(), 4);
            let (pending, ..) = buffer.state();
            assert_eq!(pending.offset_of(range.start), round * 4);
            assert_eq!(pending.offset_of(pending.start), round * 4 + 4);
        }
        let (_, len, capacity) = buffer.state();
        assert_eq!(len, 100);
        assert!(capacity <= 500, "the consumed bytes are dropped");
    }

    #[test]
    fn offsets_survive_dropping_the_consumed_bytes() {
        check_offsets::<ByteBuffer>();
        check_offsets::<TextBuffer>();
    }

    /// Pushes `pieces` and consumes all but `rest` bytes after each.
    /// Returns the number of pending bytes that were moved to make room.
    fn moved<B: Buffer>(pieces: usize, piece: usize, rest: usize) -> usize {
        let mut buffer = B::default();
        let mut moved = 0;
        for _ in 0..pieces {
            let (before, len, _) = buffer.state();
            buffer.take_in(&vec![0; piece]);
            let (after, ..) = buffer.state();
            moved += if after.offset == before.offset { 0 } else { len };
            buffer.consume((len + piece).saturating_sub(rest));
        }
        moved
    }

    #[test]
    fn no_more_is_moved_than_arrived() {
        for (piece, rest) in [(1, 0), (1, 1_000), (100, 99), (1_000, 100_000), (37, 64)] {
            let moved = moved::<ByteBuffer>(10_000, piece, rest)
                .max(moved::<TextBuffer>(10_000, piece, rest));
            assert!(moved <= 10_000 * piece, "{piece} {rest}: {moved}");
        }
    }
}
