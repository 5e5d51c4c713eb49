//! Finds delimiters, and searches what has arrived once.

use std::ops::ControlFlow;

use wide::u8x16;

/// The place in the input up to which it was searched. The codec that keeps it beside the input
/// subtracts from `scanned` the bytes that it removes from the input's front.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// In the first `scanned` bytes of the input, delimiters end only where `ahead` says so.
    pub(super) scanned: usize,
    /// The places of the delimiter's last byte in the last 64 of these: the top bit is the last.
    ahead: u64,
}

impl Place {
    /// The length of the first frame, if its delimiter has arrived. The caller then removes both
    /// before it calls again.
    pub(super) fn next(&mut self, input: &[u8], delimiter: &[u8]) -> Option<usize> {
        let mut found = None;
        let _ = self.each(input, delimiter, |frame, _| {
            found = Some(frame.len());
            ControlFlow::Break(())
        });
        found
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
            // Apart, since a call that compares nothing costs as much as finding the byte.
            if others.is_empty() {
                start = at + 1;
                visit(frame, start)
            } else if let Some(frame) = frame.strip_suffix(others) {
                start = at + 1;
                visit(frame, start)
            } else {
                ControlFlow::Continue(())
            }
        })
    }

    /// The least length of the first frame, whose delimiter has not arrived.
    pub(super) fn unended(&self, delimiter: &[u8]) -> usize {
        // A delimiter may begin in the last bytes.
        self.scanned.saturating_sub(delimiter.len() - 1)
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

    /// Searches up to the end of the next block that has the byte, or to the end of the input.
    fn look_further(self, input: &[u8], byte: u8) -> Self {
        let mut scanned = self.scanned;
        let (blocks, end) = input.get(scanned..).unwrap_or_default().as_chunks();
        for block in blocks.iter().take(NEAR) {
            scanned += BLOCK;
            let ahead = positions(block, byte);
            if ahead != 0 {
                return Self { scanned, ahead };
            }
        }
        if blocks.len() > NEAR {
            return Self::find_far(scanned, input, byte);
        }
        // The rest, shorter than a block, is searched with the bytes before it, whose bits are cut.
        let found = match input.last_chunk() {
            Some(block) => positions(block, byte),
            None => positions(&padded(input), byte),
        };
        Self { scanned: input.len(), ahead: found & !(u64::MAX >> end.len()) }
    }

    fn find_far(scanned: usize, input: &[u8], byte: u8) -> Self {
        match memchr::memchr(byte, input.get(scanned..).unwrap_or_default()) {
            Some(at) => Self { scanned: scanned + at + 1, ahead: 1 << (BLOCK - 1) },
            None => Self { scanned: input.len(), ahead: 0 },
        }
    }
}

/// The bytes that are searched together: as many as a word has bits.
const BLOCK: usize = 64;

/// The number of blocks searched before memchr is called, which pays where frames are long.
const NEAR: usize = 4;

/// The bytes of the block that equal `byte`, a bit for each.
#[inline]
fn positions(block: &[u8; BLOCK], byte: u8) -> u64 {
    let byte = u8x16::splat(byte);
    block.as_chunks().0.iter().rev().fold(0, |found, part| {
        found << 16 | u64::from(u8x16::from(*part).simd_eq(byte).to_bitmask())
    })
}

/// A block that ends with this input, which is shorter.
fn padded(input: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    for (to, from) in block.iter_mut().rev().zip(input.iter().rev()) {
        *to = *from;
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_block_has_its_bit() {
        for byte in 0..=u8::MAX {
            assert_eq!(positions(&[byte; BLOCK], byte), u64::MAX);
            for other in [0, 1, 0x7f, 0x80, 0xff, byte.wrapping_add(1), byte ^ 0x80] {
                for at in (0..BLOCK).filter(|_| other != byte) {
                    let mut block = [other; BLOCK];
                    block[at] = byte;
                    block[63 - at] = byte;
                    assert_eq!(positions(&block, byte), 1 << at | 1 << (63 - at), "{byte} {other}");
                }
            }
        }
    }

    /// Finds frames of these lengths, one by one, in one read and in reads of some lengths.
    fn check(delimiter: &[u8], lens: &[usize]) {
        let mut input = Vec::new();
        for len in lens {
            // Full of what a delimiter of more than one byte ends with.
            input.extend(vec![if delimiter.len() > 1 { b'\n' } else { b'x' }; *len]);
            input.extend(delimiter);
        }
        for read in [1, BLOCK - 1, BLOCK, BLOCK + 1, input.len()] {
            let mut place = Place::default();
            let mut found = Vec::new();
            let (mut start, mut end) = (0, 0);
            while end < input.len() {
                end = input.len().min(end + read);
                while let Some(len) = place.next(&input[start..end], delimiter) {
                    found.push(len);
                    start += len + delimiter.len();
                    place.scanned -= len + delimiter.len();
                }
                assert_eq!(place.scanned, end - start, "all is searched");
            }
            assert_eq!(found, lens, "{delimiter:?} in reads of {read}");
        }
    }

    /// Delimiters at distances that cross blocks in all ways are found in order.
    #[test]
    fn delimiters_are_found_whatever_is_between_them() {
        for first in 0..130 {
            for second in [0, 1, 62, 63, 64, 65, 200, BLOCK * (NEAR + 2)] {
                for delimiter in [&b"\n"[..], b"\r\n"] {
                    check(delimiter, &[first, second, 3, 0, second, first]);
                }
            }
        }
    }

    /// The input may be shorter than a block, and the search may begin anywhere in it.
    #[test]
    fn a_byte_is_found_wherever_it_is() {
        for len in 0..3 * BLOCK {
            for at in 0..len {
                let mut input = vec![0; len];
                input[at] = 0xff;
                for scanned in 0..=at {
                    let mut place = Place { scanned, ahead: 0 };
                    assert_eq!(place.next(&input, b"\xff"), Some(at), "{scanned} of {len}");
                    assert_eq!(place.next(&input, b"\xff"), None);
                }
            }
        }
    }
}
