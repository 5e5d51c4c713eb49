//! The numbers that most cells are, read without a loop.

use crate::decode::batch::Token;
use crate::text::number::{POWERS_OF_TEN, short_float};
use crate::text::window::Window;
use crate::text::word::{self, POWERS_OF_TEN_OF_WORDS, eight_digits};

/// Reads the number between two places, if it is an integer of at most 19 digits, or a decimal of
/// as many with at most seven before its point and 15 behind it, perhaps with a negative exponent.
/// Others, and what is no number, are left to [`any`](crate::text::number::any).
#[expect(clippy::inline_always, reason = "a call would return the number through memory")]
#[inline(always)]
pub(super) fn read(slot: &mut Token, window: Window<'_>, start: usize, end: usize) -> bool {
    let length = end.wrapping_sub(start);
    let first = window.byte(start);
    // One comparison tells that it is a digit other than zero, which is the rule.
    if first.wrapping_sub(b'1') > 8
        && (first != b'0' || (length != 1 && window.byte(start + 1) != b'.'))
    {
        return false;
    }
    let word = window.digits(start);
    if length <= 8 {
        let digits = last_digits(word, length);
        let others = word::above_nine(digits);
        if others == 0 {
            *slot = Token::Int(eight_digits(digits).cast_signed());
            return true;
        }
        let mark = others.trailing_zeros() & 0x38;
        // Only one byte is no digit, it is a point, and it is not the last one.
        let others_behind = others & (others - 1);
        if (others_behind | (digits >> mark & 0xff ^ POINT) | others >> 63) != 0 {
            return read_long(slot, window, start, length, word);
        }
        let before = digits & !(u64::MAX << mark);
        let value = eight_digits((digits ^ before ^ POINT << mark) | before << 8);
        let scale = 7 - (mark / 8) as usize;
        #[expect(clippy::cast_precision_loss, reason = "seven digits at most")]
        let value = value as f64 / POWERS_OF_TEN.get(scale).copied().unwrap_or(1.0);
        *slot = Token::Float(value);
        return true;
    }
    if word::above_nine(word) != 0 || length > 15 {
        return read_long(slot, window, start, length, word);
    }
    let last = last_digits(window.digits(start + 8), length - 8);
    if word::above_nine(last) != 0 {
        return false;
    }
    let power = POWERS_OF_TEN_OF_WORDS.get((length - 8) % 8).copied().unwrap_or(1);
    *slot = Token::Int((eight_digits(word) * power + eight_digits(last)).cast_signed());
    true
}

/// A point among digits.
const POINT: u64 = (b'.' ^ b'0') as u64;

/// The first `length` digits, at most eight, as the last ones of a word.
#[inline]
fn last_digits(word: u64, length: usize) -> u64 {
    word << (64_usize.wrapping_sub(8 * length) % 64)
}

/// Reads an integer of 16 to 19 digits, and a decimal with a long fraction or an exponent.
// In line, it would take the registers of what is more common.
#[inline(never)]
fn read_long(slot: &mut Token, window: Window<'_>, start: usize, length: usize, word: u64) -> bool {
    match long(window, start, length, word) {
        Some(token) => {
            *slot = token;
            true
        }
        None => false,
    }
}

#[inline]
fn long(window: Window<'_>, start: usize, length: usize, word: u64) -> Option<Token> {
    let others = word::above_nine(word);
    if others == 0 {
        let value = some_digits(window, start + 8, length - 8, eight_digits(word))?;
        // Nineteen digits always fit into an unsigned word.
        let integer = || i64::try_from(value).map_or(Token::UInt(value), Token::Int);
        return (length <= 19).then(integer);
    }
    let count = word::before(others);
    let whole = eight_digits(last_digits(word, count));
    let (length, power) = without_exponent(window, start, length);
    let scale = match window.byte(start + count) {
        b'.' => length.checked_sub(count + 1)?,
        _ if length == count => 0,
        _ => return None,
    };
    if count + scale > 19 || (scale == 0 && length != count) {
        return None;
    }
    let mantissa = some_digits(window, start + count + 1, scale, whole)?;
    short_float(mantissa, true, scale + power).map(Token::Float)
}

/// Appends at most 15 digits to a number, wrapping around.
#[inline]
fn some_digits(window: Window<'_>, start: usize, count: usize, before: u64) -> Option<u64> {
    let first = window.digits(start);
    let (high, last, count) = if count < 8 {
        (before, first, count)
    } else if word::above_nine(first) == 0 {
        (
            before.wrapping_mul(100_000_000).wrapping_add(eight_digits(first)),
            window.digits(start + 8),
            count - 8,
        )
    } else {
        return None;
    };
    // Two shifts, since no digits at all are shifted by the whole word.
    let last = (last << 8) << (56_usize.wrapping_sub(8 * count) % 64);
    if word::above_nine(last) != 0 {
        return None;
    }
    Some(high.wrapping_mul(*POWERS_OF_TEN_OF_WORDS.get(count)?).wrapping_add(eight_digits(last)))
}

/// The length of a number without its exponent, which is negative and has one or two digits.
#[inline]
fn without_exponent(window: Window<'_>, start: usize, length: usize) -> (usize, usize) {
    let digit = |byte: &u8| usize::from(byte - b'0');
    match window.bytes(start, start + length) {
        [.., b'e' | b'E', b'-', last @ b'0'..=b'9'] => (length - 3, digit(last)),
        [.., b'e' | b'E', b'-', tens @ b'0'..=b'9', last @ b'0'..=b'9'] => {
            (length - 4, 10 * digit(tens) + digit(last))
        }
        _ => (length, 0),
    }
}
