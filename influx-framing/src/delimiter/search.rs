//! Finds delimiters, and searches what has arrived once.

use std::ops::ControlFlow;

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
    /// The length of the input's first frame, if its delimiter is there.
    pub(super) fn next(&mut self, input: &[u8], delimiter: &[u8]) -> Option<usize> {
        let mut len = None;
        let _ = self.each(input, delimiter, |frame, _| {
            len = Some(frame.len());
            ControlFlow::Break(())
        });
        len
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

    /// Hands the frames to `visit`, each with the place behind its delimiter, until it breaks.
    #[inline]
    pub(super) fn each<'a>(
        &mut self,
        input: &'a [u8],
        delimiter: &[u8],
        mut visit: impl FnMut(&'a [u8], usize) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some((last, others)) = delimiter.split_last() else { return ControlFlow::Break(()) };
        let mut start = 0;
        self.each_byte(input, *last, |at| {
            let Some(frame) = input.get(start..at) else { return ControlFlow::Break(()) };
            if others.is_empty() {
                start = at + 1;
                visit(frame, at + 1)
            } else if let Some(frame) = frame.strip_suffix(others) {
                start = at + 1;
                visit(frame, at + 1)
            } else {
                ControlFlow::Continue(())
            }
        })
    }

    #[inline]
    fn each_byte(
        &mut self,
        input: &[u8],
        byte: u8,
        mut visit: impl FnMut(usize) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        loop {
            while self.ahead != 0 {
                let at = self.scanned + self.ahead.trailing_zeros() as usize - BLOCK;
                self.ahead &= self.ahead - 1;
                visit(at)?;
            }
            if self.scanned >= input.len() {
                return ControlFlow::Continue(());
            }
            *self = self.look_further(input, byte);
        }
    }

    /// Searches on, to the end of the first block that has the byte or to that of the input.
    fn look_further(self, input: &[u8], byte: u8) -> Self {
        let rest = input.get(self.scanned..).unwrap_or_default();
        let (blocks, end) = rest.as_chunks();
        let mut scanned = self.scanned;
        for block in blocks.iter().take(NEAR) {
            scanned += BLOCK;
            let ahead = positions(block, byte);
            if ahead != 0 {
                return Self { scanned, ahead };
            }
        }
        if blocks.len() > NEAR {
            return look_far(input, scanned, byte);
        }
        let before = BLOCK - end.len();
        let found = match input.last_chunk() {
            Some(block) => positions(block, byte),
            None => positions(&padded(input), byte),
        };
        let ahead = found.unbounded_shr(before as u32).unbounded_shl(before as u32);
        Self { scanned: input.len(), ahead }
    }
}

/// What is faster than blocks in the long run only.
fn look_far(input: &[u8], scanned: usize, byte: u8) -> Place {
    let rest = input.get(scanned..).unwrap_or_default();
    match memchr::memchr(byte, rest) {
        Some(at) => Place { scanned: scanned + at + 1, ahead: 1 << (BLOCK - 1) },
        None => Place { scanned: input.len(), ahead: 0 },
    }
}

/// A block that ends with this input, which is shorter.
fn padded(input: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    if let Some(end) = block.get_mut(BLOCK.saturating_sub(input.len())..) {
        end.copy_from_slice(input);
    }
    block
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
