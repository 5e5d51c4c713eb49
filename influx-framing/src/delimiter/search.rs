//! Finds delimiters, and looks at each byte once.

use memchr::memmem;

use super::Delimiter;

/// Finds a delimiter.
#[derive(Clone, Debug)]
pub(super) struct Finder {
    delimiter: Delimiter,
    /// Boxed for its size, a multiple of the rest.
    finder: Box<memmem::Finder<'static>>,
}

/// How far the input was searched. Whoever keeps it beside the input can find one delimiter after
/// the other, and looks at each byte once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// No delimiter begins in the first `scanned` bytes of the input, but for those in `ahead`.
    pub(super) scanned: usize,
    /// Delimiters of one byte that were found together with the last: bit n is byte n of the input.
    ahead: u64,
    /// Whether the last frame was short, so that the next is likely to be.
    short: bool,
}

impl Finder {
    pub(super) fn new(delimiter: Delimiter) -> Self {
        let finder = Box::new(memmem::Finder::new(delimiter.as_bytes()).into_owned());
        Self { delimiter, finder }
    }

    pub(super) fn delimiter(&self) -> &[u8] {
        self.delimiter.as_bytes()
    }

    /// Where the first delimiter begins.
    #[inline]
    pub(super) fn find(&self, bytes: &[u8]) -> Option<usize> {
        match self.delimiter.as_bytes() {
            [byte] => memchr::memchr(*byte, bytes),
            _ => self.finder.find(bytes),
        }
    }

    /// Where the first delimiter begins from this place on. The caller then removes the input up
    /// to the delimiter's end, before it calls again.
    #[inline]
    pub(super) fn next(&self, place: &mut Place, input: &[u8]) -> Option<usize> {
        match self.delimiter.as_bytes() {
            [byte] => place.next_byte(input, *byte),
            // A delimiter may begin in the last bytes.
            delimiter => place.search(input, delimiter.len() - 1, |bytes| self.finder.find(bytes)),
        }
    }
}

impl Place {
    /// After so many bytes, in which no delimiter begins.
    pub(super) fn after(scanned: usize) -> Self {
        Self { scanned, ..Self::default() }
    }

    #[inline]
    fn next_byte(&mut self, input: &[u8], byte: u8) -> Option<usize> {
        if self.ahead != 0 {
            return Some(self.hand_out(self.ahead, 0));
        }
        self.look_further(input, byte)
    }

    fn look_further(&mut self, input: &[u8], byte: u8) -> Option<usize> {
        if self.short {
            let block = input.get(self.scanned..).and_then(<[u8]>::first_chunk);
            let found = block.map_or(0, |block| positions(block, byte));
            if found != 0 {
                let start = self.scanned;
                self.scanned += BLOCK;
                return Some(self.hand_out(found, start));
            }
        }
        self.search(input, 0, |bytes| memchr::memchr(byte, bytes))
    }

    /// The first of the delimiters that were found behind `start`.
    #[inline]
    fn hand_out(&mut self, found: u64, start: usize) -> usize {
        let first = found.trailing_zeros();
        // Two steps, since one alone may not shift by all 64 bits.
        self.ahead = found >> first >> 1;
        let at = start + first as usize;
        self.scanned -= at + 1;
        self.short = at < BLOCK;
        at
    }

    /// Searches what was not searched. If it finds nothing, the last bytes are searched again.
    #[inline]
    fn search(
        &mut self,
        input: &[u8],
        again: usize,
        find: impl FnOnce(&[u8]) -> Option<usize>,
    ) -> Option<usize> {
        let found = find(input.get(self.scanned..).unwrap_or_default());
        let found = found.map(|found| self.scanned + found);
        self.scanned = found.map_or(input.len().saturating_sub(again), |_| 0);
        self.short = found.is_some_and(|at| at < BLOCK);
        found
    }
}

/// How many bytes are looked at together: as many as a word has bits.
const BLOCK: usize = 64;

/// Which bytes of the block are this one, a bit for each.
///
/// A search for each of a row of short frames costs more than the few bytes that it looks at.
#[inline]
fn positions(block: &[u8; BLOCK], byte: u8) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const SEVEN: u64 = 0x7f * LOW;
    let pattern = u64::from(byte) * LOW;
    let mut found = 0;
    for (index, eight) in block.chunks_exact(8).enumerate() {
        let mut word = [0; 8];
        word.copy_from_slice(eight);
        // A byte that is equal becomes zero; then the top bit of zero bytes, and of no other, is
        // set; then the multiplication gathers these bits in the top byte.
        let other = u64::from_le_bytes(word) ^ pattern;
        let equal = !(((other & SEVEN) + SEVEN) | other | SEVEN);
        found |= ((equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * index);
    }
    found
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
                let finder = Finder::new(b'\n'.into());
                let mut place = Place::default();
                let mut rest = &input[..];
                for gap in gaps {
                    assert_eq!(finder.next(&mut place, rest), Some(gap), "{gaps:?}");
                    rest = &rest[gap + 1..];
                }
                assert_eq!(finder.next(&mut place, rest), None);
            }
        }
    }
}
