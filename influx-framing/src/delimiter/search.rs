//! Finds delimiters, and searches what has arrived once.

use wide::u8x16;

/// How far the input was searched. Whoever keeps it beside the input finds one delimiter after the
/// other.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// The last byte of a delimiter is in the first `scanned` bytes of the input only where
    /// `ahead` says so.
    pub(super) scanned: usize,
    /// Bytes that may end a delimiter, among the last 64 of those: the top bit is the last byte.
    ahead: u64,
}

impl Place {
    /// Where the frame ends that begins at `start`, which is where its delimiter begins. The next
    /// call is for the frame behind the delimiter.
    #[inline]
    pub(super) fn next(&mut self, input: &[u8], start: usize, delimiter: &[u8]) -> Option<usize> {
        let (last, others) = delimiter.split_last()?;
        loop {
            let frame = input.get(start..self.next_byte(input, *last)?).unwrap_or_default();
            if others.is_empty() || frame.ends_with(others) {
                return Some(start + frame.len() - others.len());
            }
        }
    }

    /// How long the frame that begins at `start` is at least, whose delimiter was not found.
    pub(super) fn unended(&self, start: usize, delimiter: &[u8]) -> usize {
        // A delimiter may begin in the last bytes.
        (self.scanned - start).saturating_sub(delimiter.len() - 1)
    }

    /// Forgets the delimiter that begins here and all behind it, so that they are found again.
    pub(super) fn go_back(&mut self, to: usize) {
        *self = Self { scanned: to, ahead: 0 };
    }

    #[inline]
    fn next_byte(&mut self, input: &[u8], byte: u8) -> Option<usize> {
        if self.ahead == 0 {
            self.look_further(input, byte);
        }
        let block = self.ahead;
        self.ahead &= block.wrapping_sub(1);
        (block != 0).then(|| self.scanned + block.trailing_zeros() as usize - BLOCK)
    }

    /// Searches on, to the end of the first block that has the byte or to that of the input.
    #[inline]
    fn look_further(&mut self, input: &[u8], byte: u8) {
        for _ in 0..NEAR {
            let rest = input.get(self.scanned..).unwrap_or_default();
            let Some(block) = rest.first_chunk() else { return self.look_at_end(input, byte) };
            self.scanned += BLOCK;
            self.ahead = positions(block, byte);
            if self.ahead != 0 {
                return;
            }
        }
        self.look_far(input, byte);
    }

    /// Searches less than a block, together with the bytes before it.
    fn look_at_end(&mut self, input: &[u8], byte: u8) {
        let found = match input.last_chunk() {
            Some(block) => positions(block, byte),
            None => {
                let mut block = [0; BLOCK];
                if let Some(end) = block.get_mut(BLOCK - input.len()..) {
                    end.copy_from_slice(input);
                }
                positions(&block, byte)
            }
        };
        let before = BLOCK - input.len().saturating_sub(self.scanned);
        self.ahead = u64::MAX.checked_shl(before as u32).unwrap_or(0) & found;
        self.scanned = input.len();
    }

    #[inline(never)]
    fn look_far(&mut self, input: &[u8], byte: u8) {
        let rest = input.get(self.scanned..).unwrap_or_default();
        (self.scanned, self.ahead) = match memchr::memchr(byte, rest) {
            Some(at) => (self.scanned + at + 1, 1 << (BLOCK - 1)),
            None => (input.len(), 0),
        };
    }
}

/// How many bytes are looked at together: as many as a word has bits.
const BLOCK: usize = 64;

/// How many blocks are looked at before memchr is called, which is faster in the long run only.
const NEAR: usize = 4;

/// Which bytes of the block are this one, a bit for each.
#[inline]
fn positions(block: &[u8; BLOCK], byte: u8) -> u64 {
    let byte = u8x16::splat(byte);
    block.as_chunks().0.iter().rev().fold(0, |found, part| {
        found << 16 | u64::from(u8x16::from(*part).simd_eq(byte).to_bitmask())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_block_has_its_bit() {
        for byte in [0, 1, 0x17, 0x7f, 0x80, 0x81, 0xff] {
            for other in [0, 1, 0x16, 0x18, 0x7f, 0x80, 0xfe, 0xff, byte ^ 0x80] {
                for at in (0..BLOCK).filter(|_| other != byte) {
                    let mut block = [other; BLOCK];
                    block[at] = byte;
                    block[63 - at] = byte;
                    assert_eq!(positions(&block, byte), 1 << at | 1 << (63 - at), "{byte} {other}");
                }
            }
            assert_eq!(positions(&[byte; BLOCK], byte), u64::MAX);
        }
    }

    /// Delimiters at distances that cross blocks in all ways are found in order.
    #[test]
    fn delimiters_are_found_whatever_is_between_them() {
        for first in 0..130 {
            for second in [0, 1, 5, 62, 63, 64, 65, 127, 128, 200] {
                let gaps = [first, second, 3, 0, second, first];
                let mut input: Vec<u8> = Vec::new();
                for gap in gaps {
                    input.extend(vec![b'x'; gap]);
                    input.push(b'\n');
                }
                let mut place = Place::default();
                let mut start = 0;
                for gap in gaps {
                    let end = start + gap;
                    assert_eq!(place.next(&input, start, b"\n"), Some(end), "{gaps:?}");
                    start = end + 1;
                }
                assert_eq!(place.next(&input, start, b"\n"), None);
            }
        }
    }
}
