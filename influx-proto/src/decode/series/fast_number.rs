//! The numbers that most cells are, read without a loop.

use crate::decode::batch::Token;
use crate::text::number::{POWERS_OF_TEN, short_float};
use crate::text::window::{BLOCK, Window};
use crate::text::word::{self, POWERS_OF_TEN_OF_WORDS, eight_digits};

/// Reads the number between two places, if it is an integer of at most 19 digits, or a decimal of
/// as many with at most seven before its point and 15 behind it, perhaps with a negative exponent.
/// Everything else is left to [`any`](crate::text::number::any).
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
        // A single byte is not a digit, it is a point, and it is not the last one.
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
// In line, it would take the registers of the common cells.
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
    // As the caller knows; it spares checks of places.
    let start = start % BLOCK;
    let others = word::above_nine(word);
    if others == 0 {
        // Nineteen digits always fit into an unsigned word.
        let count = length.checked_sub(8).filter(|_| length <= 19)?;
        let value = append_digits(window, start + 8, count, eight_digits(word))?;
        return Some(i64::try_from(value).map_or(Token::UInt(value), Token::Int));
    }
    let count = word::before(others) % 8;
    let (exponent, power) = exponent(window, start + length);
    let scale = length.wrapping_sub(count + 1 + exponent);
    if window.byte(start + count) != b'.' || scale.wrapping_sub(1) > 14 || count + scale > 19 {
        return None;
    }
    let whole = eight_digits(last_digits(word, count));
    let mantissa = append_digits(window, start + count + 1, scale, whole)?;
    short_float(mantissa, true, scale + power).map(Token::Float)
}

/// Appends at most 15 digits to a number of at most 8, wrapping around.
#[inline]
fn append_digits(window: Window<'_>, start: usize, count: usize, before: u64) -> Option<u64> {
    let first = window.digits(start);
    let (high, last, count) = if count < 8 {
        (before, first, count)
    } else if word::above_nine(first) == 0 {
        let high = before.wrapping_mul(100_000_000).wrapping_add(eight_digits(first));
        (high, window.digits(start + 8), count - 8)
    } else {
        return None;
    };
    // Two shifts, since no digits at all are shifted by the whole word.
    let last = (last << 8) << (56_usize.wrapping_sub(8 * count) % 64);
    if word::above_nine(last) != 0 {
        return None;
    }
    let power = POWERS_OF_TEN_OF_WORDS.get(count % 8).copied().unwrap_or(1);
    Some(high.wrapping_mul(power).wrapping_add(eight_digits(last)))
}

/// The length and value of the negative exponent of one or two digits that ends before `end`.
#[inline]
fn exponent(window: Window<'_>, end: usize) -> (usize, usize) {
    let byte = |back: usize| window.byte(end.wrapping_sub(back) % BLOCK);
    let digit = |back| usize::from(byte(back).wrapping_sub(b'0'));
    match (byte(4) | 0x20, byte(3), byte(2)) {
        (_, b'e' | b'E', b'-') if digit(1) < 10 => (3, digit(1)),
        (b'e', b'-', _) if digit(2) < 10 && digit(1) < 10 => (4, 10 * digit(2) + digit(1)),
        _ => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::number::{self, Number};
    use crate::text::window;

    /// The number between two places, if it is read.
    fn read_at(text: &str, start: usize) -> Option<Number> {
        let padded = window::pad(&[&vec![b'7'; start], text.as_bytes(), b",1234567"].concat());
        let mut slot = Token::Null;
        let is_read = read(&mut slot, Window(&padded), start, start + text.len());
        is_read.then(|| match slot {
            Token::Int(value) => Number::Int(value),
            Token::UInt(value) => Number::UInt(value),
            Token::Float(value) => Number::Float(value),
            _ => panic!("{slot:?}"),
        })
    }

    /// The number is read as the other reader does, at the first and the last place in a block.
    fn check(text: &str) {
        let (expected, _) = number::any(format!("{text},").as_bytes()).unwrap();
        for start in [0, 1, 63 - text.len()] {
            assert_eq!(read_at(text, start), Some(expected), "{text}");
        }
    }

    #[test]
    fn integers_of_every_length() {
        for length in 1..=19 {
            for digits in ["1234567890123456789", "9999999999999999999", "1000000000000000000"] {
                check(&digits[..length]);
            }
        }
        check("0");
    }

    #[test]
    fn decimals_of_every_length() {
        let mut digits = 1_u64;
        for _ in 0..200 {
            digits = digits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let text = format!("{digits:020}");
            for count in 1..=7 {
                for scale in 1..=15_usize.min(19 - count) {
                    let whole = text[..count].trim_start_matches('0');
                    let whole = if whole.is_empty() { "0" } else { whole };
                    let text = format!("{whole}.{}", &text[20 - scale..]);
                    check(&text);
                    if text.len() > 8 {
                        check(&format!("{text}e-7"));
                        check(&format!("{text}E-09"));
                    }
                }
            }
        }
    }

    #[test]
    fn others_are_left_to_the_other_reader() {
        for text in [
            "",
            "-",
            "-1",
            "01",
            "00.5",
            ".5",
            "1.",
            "1..2",
            "1.2.3",
            "12/5",
            "1+5",
            "1x",
            "1e5",
            "1.5e+07",
            "123456789.",
            "123456789.5",
            "12345678x0",
            "1234567.x",
            "1.2345678x",
            "1.23456789012x",
            "1.234567890.12",
            "1.2345678e-",
            "1.2345678-7",
            "1.2345678e-x7",
            "12345678901234567890",
            "1234567890123456x",
            "1.2345678901234567",
            "123456789012345x",
        ] {
            for start in [0, 1, 63 - text.len()] {
                assert_eq!(read_at(text, start), None, "{text}");
            }
        }
    }
}
