//! A fixed stretch of bytes: reads at places below 64 need no check and no branch.

use wide::u8x16;

use super::word;

/// Bytes of a window whose marks are found at once.
pub(crate) const BLOCK: usize = 64;

/// A block, and behind it what may be read from any place in it on.
#[derive(Clone, Copy)]
pub(crate) struct Window<'a>(pub(crate) &'a Bytes);

pub(crate) type Bytes = [u8; BLOCK + 32];

impl<'a> Window<'a> {
    #[expect(clippy::inline_always, reason = "only its caller can tell that no check is needed")]
    #[inline(always)]
    pub(crate) fn byte(self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or_default()
    }

    /// The bytes from `start` to `end`, none if they are not in the window.
    #[inline]
    pub(crate) fn bytes(self, start: usize, end: usize) -> &'a [u8] {
        self.0.get(start..end).unwrap_or_default()
    }

    /// Eight bytes as digits: their values, the first one in the lowest byte.
    #[expect(clippy::inline_always, reason = "only its caller can tell that no check is needed")]
    #[inline(always)]
    pub(crate) fn digits(self, at: usize) -> u64 {
        let bytes = self.0.get(at..at + 8).and_then(|bytes| bytes.first_chunk());
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes)) ^ word::repeat(b'0')
    }

    /// Sixteen bytes.
    #[expect(clippy::inline_always, reason = "only its caller can tell that no check is needed")]
    #[inline(always)]
    pub(crate) fn block(self, at: usize) -> u8x16 {
        let bytes = self.0.get(at..at + 16).and_then(|bytes| bytes.first_chunk());
        bytes.map_or(u8x16::ZERO, |bytes| u8x16::new(*bytes))
    }

    /// Where the first 64 bytes are `a`, and where they are `b`: a bit each, the first is the lowest.
    #[expect(clippy::inline_always, reason = "the masks stay in registers")]
    #[inline(always)]
    pub(crate) fn marks(self, a: u8, b: u8) -> (u64, u64) {
        let masks = |at| {
            let block = self.block(at);
            let mask = |byte| u64::from(block.simd_eq(u8x16::splat(byte)).to_bitmask());
            (mask(a), mask(b))
        };
        let parts = [masks(0), masks(16), masks(32), masks(48)];
        let join = |[a, b, c, d]: [u64; 4]| (a | b << 16) | (c | d << 16) << 32;
        (join(parts.map(|part| part.0)), join(parts.map(|part| part.1)))
    }
}

/// The end of an input, with zeros behind it, which belong to no cell.
// Apart, since its zeros would cost something even where they are not needed.
#[inline(never)]
pub(crate) fn pad(input: &[u8]) -> Bytes {
    let mut padded = [0; _];
    padded.iter_mut().zip(input).for_each(|(byte, found)| *byte = *found);
    padded
}
