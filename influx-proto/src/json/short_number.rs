//! The numbers that most cells are, read without a loop.

use super::digits::{POWERS_OF_TEN_OF_WORDS, eight_digits, first_digits};
use super::number::{Number, POWERS_OF_TEN, short_float};
use super::word;

/// Reads a number without sign and exponent: an integer of at most fifteen digits, or a fraction
/// of few digits, or of eight to fifteen behind its point. What it does not read is left to
/// [`any`](super::number::any).
#[expect(clippy::inline_always, reason = "a call would return all of it through memory")]
#[inline(always)]
pub(super) fn short(input: &[u8]) -> Option<(Number, &[u8])> {
    let word = match input.first_chunk() {
        Some(word) => u64::from_le_bytes(*word),
        None => padded(input),
    };
    let digits = word ^ word::repeat(b'0');
    let ends = word::above_nine(digits);
    let count = word::before(ends);
    if count == 8 {
        return middling(input, digits);
    }
    if count == 0 || (count > 1 && byte(digits, 0) == 0) {
        return None;
    }
    let stop = byte(word, count);
    if stop == b'.' {
        // A point is ASCII, which leaves the mark behind it exact, too.
        let end = word::before(ends & (ends - 1));
        let scale = end - count - 1;
        if end == 8 {
            let fraction = input.get(count + 1..)?;
            return long_fraction(eight_digits(first_digits(digits, count)), count, fraction);
        }
        if scale == 0 || is_exponent(byte(word, end)) {
            return None;
        }
        let before_point = u64::MAX >> (64 - 8 * count);
        let without_point = (digits & before_point) | (digits >> 8 & !before_point);
        let value = eight_digits(first_digits(without_point, end - 1));
        #[expect(clippy::cast_precision_loss, reason = "seven digits at most")]
        let value = value as f64 / POWERS_OF_TEN.get(scale)?;
        return Some((Number::Float(value), input.get(end..)?));
    }
    if is_exponent(stop) {
        return None;
    }
    Some((small(eight_digits(first_digits(digits, count))), input.get(count..)?))
}

/// Reads a fraction of eight to fifteen digits, behind a whole number of so many digits.
#[inline]
fn long_fraction(whole: u64, count: usize, input: &[u8]) -> Option<(Number, &[u8])> {
    let (first, rest) = input.split_first_chunk()?;
    let first = u64::from_le_bytes(*first) ^ word::repeat(b'0');
    let word = u64::from_le_bytes(*rest.first_chunk()?);
    let last = word ^ word::repeat(b'0');
    let last_count = word::before(word::above_nine(last));
    // Nineteen digits always fit into an unsigned word.
    if word::above_nine(first) != 0 || last_count == 8 || count + 8 + last_count > 19 {
        return None;
    }
    if is_exponent(byte(word, last_count)) {
        return None;
    }
    let last = if last_count == 0 { 0 } else { eight_digits(first_digits(last, last_count)) };
    let high = whole * 100_000_000 + eight_digits(first);
    let mantissa = high * POWERS_OF_TEN_OF_WORDS.get(last_count)? + last;
    let value = short_float(mantissa, true, 8 + last_count)?;
    Some((Number::Float(value), rest.get(last_count..)?))
}

/// The first eight bytes of an input that has fewer: as if more digits followed.
#[cold]
fn padded(input: &[u8]) -> u64 {
    let mut bytes = [b'0'; 8];
    bytes.iter_mut().zip(input).for_each(|(byte, found)| *byte = *found);
    u64::from_le_bytes(bytes)
}

/// Reads an integer that begins with these eight digits and has at most seven more.
#[inline]
fn middling(input: &[u8], digits: u64) -> Option<(Number, &[u8])> {
    let rest = input.get(8..)?;
    let word = u64::from_le_bytes(*rest.first_chunk()?);
    let more = word ^ word::repeat(b'0');
    let count = word::before(word::above_nine(more));
    if count == 8 || byte(digits, 0) == 0 {
        return None;
    }
    let stop = byte(word, count);
    if stop == b'.' || is_exponent(stop) {
        return None;
    }
    let more = if count == 0 { 0 } else { eight_digits(first_digits(more, count)) };
    let value = eight_digits(digits) * POWERS_OF_TEN_OF_WORDS.get(count)? + more;
    Some((small(value), rest.get(count..)?))
}

#[expect(clippy::cast_possible_wrap, reason = "fifteen digits at most")]
fn small(value: u64) -> Number {
    Number::Int(value as i64)
}

/// The byte at `index`, below 8.
#[inline]
fn byte(word: u64, index: usize) -> u8 {
    (word >> (8 * index) & 0xff) as u8
}

#[inline]
fn is_exponent(byte: u8) -> bool {
    byte | 0x20 == b'e'
}
