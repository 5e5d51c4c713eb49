//! Eight bytes looked at in one go, which is several times faster than one after the other.
//!
//! Words are little-endian: the first byte is the lowest. A byte that was found is marked by its
//! high bit. Only the lowest mark counts: those above it may mean nothing.
//! Digits in a word are their values instead of their characters.

const HIGH_BITS: u64 = repeat(0x80);

/// A word of eight times the same byte.
pub(crate) const fn repeat(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Marks the bytes that are `needle`.
#[inline]
pub(crate) fn equal(word: u64, needle: u8) -> u64 {
    below(word ^ repeat(needle), 1)
}

/// Marks the bytes below `limit`, which is at most 128.
#[inline]
pub(crate) fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(repeat(limit)) & !word & HIGH_BITS
}

/// Marks the bytes above nine.
#[inline]
pub(crate) fn above_nine(word: u64) -> u64 {
    (word.wrapping_add(repeat(0x80 - 10)) | word) & HIGH_BITS
}

/// The number of bytes before the first mark: 8 without a mark.
#[inline]
pub(crate) fn before(marks: u64) -> usize {
    marks.trailing_zeros() as usize / 8
}

/// Appends digits to `value`, wrapping around. Returns the rest.
#[inline]
pub(crate) fn take_digits<'a>(input: &'a [u8], value: &mut u64) -> &'a [u8] {
    let mut rest = input;
    while let Some((word, tail)) = rest.split_first_chunk() {
        let digits = u64::from_le_bytes(*word) ^ repeat(b'0');
        let count = before(above_nine(digits));
        let Some(power) = POWERS_OF_TEN_OF_WORDS.get(count) else {
            *value = value.wrapping_mul(100_000_000).wrapping_add(eight_digits(digits));
            rest = tail;
            continue;
        };
        // Zeros before the digits do not change their value, bytes behind them do.
        let digits = if count == 0 { 0 } else { first_digits(digits, count) };
        *value = value.wrapping_mul(*power).wrapping_add(eight_digits(digits));
        return rest.get(count..).unwrap_or_default();
    }
    while let Some((digit @ b'0'..=b'9', tail)) = rest.split_first() {
        *value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        rest = tail;
    }
    rest
}

/// The value of eight digits, the first one in the lowest byte: pairs, then fours, then all.
#[inline]
pub(crate) fn eight_digits(digits: u64) -> u64 {
    const EVEN: u64 = 0x0000_00ff_0000_00ff;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let high = (pairs & EVEN).wrapping_mul(100 + (1_000_000 << 32));
    let low = (pairs >> 16 & EVEN).wrapping_mul(1 + (10_000 << 32));
    high.wrapping_add(low) >> 32
}

/// The first digits, at least one, with zeros before them that make them eight.
#[inline]
pub(crate) fn first_digits(digits: u64, count: usize) -> u64 {
    digits << (64 - 8 * count)
}

/// The powers of ten by the count of digits, up to seven.
pub(crate) static POWERS_OF_TEN_OF_WORDS: [u64; 8] =
    [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_mark_is_exact() {
        for byte in 0..=255_u8 {
            for position in 0..8 {
                for (after, filler) in [(0_u8, b'x'), (255, b'x'), (byte, b'x'), (b'1', 0xff)] {
                    let mut bytes = [filler; 8];
                    bytes[position] = byte;
                    bytes[position + 1..].fill(after);
                    let word = u64::from_le_bytes(bytes);
                    let first = |test: &dyn Fn(u8) -> bool| {
                        bytes.iter().position(|byte| test(*byte)).unwrap_or(8)
                    };
                    assert_eq!(before(equal(word, b'"')), first(&|byte| byte == b'"'));
                    assert_eq!(before(below(word, b' ')), first(&|byte| byte < b' '));
                    assert_eq!(before(above_nine(word)), first(&|byte| byte > 9));
                }
            }
        }
    }
}
