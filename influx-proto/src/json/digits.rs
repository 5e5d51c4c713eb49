//! Decimal digits, eight in one go.
//!
//! Digits in a word are their values instead of their characters, the first one in the lowest byte.

use super::word;

/// Appends digits to `value`, wrapping around. Returns what follows them.
#[inline]
pub(super) fn take_digits<'a>(input: &'a [u8], value: &mut u64) -> &'a [u8] {
    let mut rest = input;
    while let Some((word, tail)) = rest.split_first_chunk() {
        let digits = u64::from_le_bytes(*word) ^ word::repeat(b'0');
        let count = word::before(word::above_nine(digits));
        let Some(power) = POWERS_OF_TEN_OF_WORDS.get(count) else {
            *value = value.wrapping_mul(100_000_000).wrapping_add(eight_digits(digits));
            rest = tail;
            continue;
        };
        // Zeros before the digits do not change their value, whatever follows them does.
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
pub(super) fn eight_digits(digits: u64) -> u64 {
    const EVEN: u64 = 0x0000_00ff_0000_00ff;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let high = (pairs & EVEN).wrapping_mul(100 + (1_000_000 << 32));
    let low = (pairs >> 16 & EVEN).wrapping_mul(1 + (10_000 << 32));
    high.wrapping_add(low) >> 32
}

/// The first digits, at least one, behind as many zeros as make them eight.
#[inline]
pub(super) fn first_digits(digits: u64, count: usize) -> u64 {
    digits << (64 - 8 * count)
}

/// The powers of ten by the count of digits, up to seven.
pub(super) static POWERS_OF_TEN_OF_WORDS: [u64; 8] =
    [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
