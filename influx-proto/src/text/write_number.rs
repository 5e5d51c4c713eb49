//! Numbers as text, digit by digit the shortest.
//!
//! Digits are computed eight at a time and written as a word, of which only a part stays: such a
//! copy needs no call and no branch.

#![expect(clippy::inline_always, reason = "the cursor must stay in a register")]

use super::room::{Room, put, put_plain};

/// Writes an integer, at most 20 bytes. Returns its end.
#[inline(always)]
pub(crate) fn put_i64(room: &mut Room, at: usize, value: i64) -> usize {
    // Overwritten unless it counts, which needs no branch.
    put(room, at, *b"-");
    put_u64(room, at + usize::from(value < 0), value.unsigned_abs())
}

/// Writes an integer, at most 20 bytes. Returns its end.
#[inline(always)]
pub(crate) fn put_u64(room: &mut Room, at: usize, value: u64) -> usize {
    let (rest, last) = (value / TEN_TO_8, value % TEN_TO_8);
    if rest == 0 {
        return put_first(room, at, last);
    }
    let (first, middle) = (rest / TEN_TO_8, rest % TEN_TO_8);
    if first == 0 {
        let at = put_first(room, at, middle);
        put(room, at, all_digits(last));
        return at + 8;
    }
    let at = put_four(room, at, first);
    put(room, at, all_digits(middle));
    put(room, at + 8, all_digits(last));
    at + 16
}

/// Writes the shortest text that reads back as the same double, at most 24 bytes.
/// It always has a fraction or an exponent. Returns its end.
#[inline(always)]
pub(crate) fn put_finite(room: &mut Room, at: usize, value: f64) -> usize {
    let magnitude = value.abs();
    if magnitude < MAX_SHORT {
        // Seven digits at most, and no other decimal of as few has the same double: if they read
        // back as the same, they are the shortest. Reading is one division of exact doubles.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        let thousandths = (magnitude * 1e3 + 0.5) as u32;
        if (f64::from(thousandths) / 1e3).to_bits() == magnitude.to_bits() {
            put(room, at, *b"-");
            let at = at + usize::from(value.is_sign_negative());
            return put_thousandths(room, at, thousandths.into());
        }
    }
    put_any_finite(room, at, value)
}

#[inline(never)]
fn put_any_finite(room: &mut Room, at: usize, value: f64) -> usize {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value).as_bytes();
    put_plain(room, at, text, |_| wide::u8x16::ZERO).unwrap_or(at)
}

/// Smaller numbers have at most four digits before their point.
const MAX_SHORT: f64 = 9_999.0;

/// Writes a number with one to three digits behind its point, seven digits at most.
#[inline(always)]
fn put_thousandths(room: &mut Room, at: usize, thousandths: u64) -> usize {
    let digits = eight_digits(thousandths);
    // A digit stays before the point.
    let leading = (digits.trailing_zeros() / 8).min(4);
    let digits = (digits | ZEROS) >> (8 * leading);
    let point = 8 * (5 - leading);
    let whole = digits & ((1 << point) - 1);
    let text = whole | u64::from(b'.') << point | (digits ^ whole) << 8;
    let trailing =
        u32::from(thousandths.is_multiple_of(10)) + u32::from(thousandths.is_multiple_of(100));
    put(room, at, text.to_le_bytes());
    at + (9 - leading - trailing) as usize
}

/// Writes a number below ten to the 8th.
#[inline(always)]
fn put_first(room: &mut Room, at: usize, value: u64) -> usize {
    let digits = eight_digits(value);
    let leading = (digits.trailing_zeros() / 8).min(7);
    put(room, at, ((digits | ZEROS) >> (8 * leading)).to_le_bytes());
    at + 8 - leading as usize
}

/// Writes a number of four digits at most.
#[inline(always)]
fn put_four(room: &mut Room, at: usize, value: u64) -> usize {
    let pairs = (value / 100) | (value % 100) << 16;
    let tens = (pairs * 103) >> 10 & 0xf_000f;
    let digits = tens | (pairs - tens * 10) << 8;
    let leading = (digits.trailing_zeros() / 8).min(3);
    put(room, at, ((digits | ZEROS) >> (8 * leading)).to_le_bytes());
    at + 4 - leading as usize
}

/// The characters of a number below ten to the 8th, with all its leading zeros.
#[inline(always)]
fn all_digits(value: u64) -> [u8; 8] {
    (eight_digits(value) | ZEROS).to_le_bytes()
}

const TEN_TO_8: u64 = 100_000_000;

/// The character `0` in every byte.
const ZEROS: u64 = u64::from_ne_bytes([b'0'; 8]);

/// The digits of a number below ten to the 8th, the first one in the lowest byte:
/// it is halved into fours, pairs and single digits, each time in all parts at once.
#[inline(always)]
fn eight_digits(value: u64) -> u64 {
    let fours = (value / 10_000) | ((value % 10_000) << 32);
    // The factors are the reciprocals of 100 and 10, precise enough for so few digits.
    let hundreds = (fours * 10_486) >> 20 & 0x7f_0000_007f;
    let pairs = hundreds | (fours - hundreds * 100) << 16;
    let tens = (pairs * 103) >> 10 & 0xf_000f_000f_000f;
    tens | (pairs - tens * 10) << 8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check_text(expected: &str, put: impl FnOnce(&mut Room) -> usize) {
        let mut room = [0; 128];
        let end = put(&mut room);
        assert_eq!(str::from_utf8(&room[1..end]).unwrap(), expected);
    }

    fn check_integer(value: u64) {
        check_text(&value.to_string(), |room| put_u64(room, 1, value));
        let negative = value.cast_signed().wrapping_neg();
        check_text(&negative.to_string(), |room| put_i64(room, 1, negative));
    }

    fn check_float(value: f64) {
        for value in [value, -value] {
            let expected = zmij::Buffer::new().format_finite(value).to_owned();
            check_text(&expected, |room| put_finite(room, 1, value));
            assert_eq!(expected.parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
    }

    #[test]
    fn every_number_of_digits() {
        for exponent in 0..20 {
            let power = 10_u64.pow(exponent);
            for factor in 1..10 {
                let Some(value) = power.checked_mul(factor) else { continue };
                (value - 1..=value.saturating_add(1)).for_each(check_integer);
            }
        }
        check_integer(u64::MAX);
        check_integer(i64::MIN.unsigned_abs());
        (0..100_000).step_by(7).for_each(check_integer);
    }

    #[test]
    fn every_short_fraction() {
        for thousandths in (0..100_000_u32).chain((0..1_000_000_000).step_by(99_991)) {
            check_float(f64::from(thousandths) / 1e3);
        }
        for value in [9998.999, 9998.9995, 9_999.0, 9999.001, 9999.9999, 1e4, 1e15, f64::MAX] {
            check_float(value);
        }
        for value in [0.0005, 0.0015, 1e-3, 9.995e-4, 5e-324, 0.1 + 0.2, 1.0005, 2.0 / 3.0] {
            check_float(value);
        }
    }

    proptest! {
        #[test]
        fn any_integer(value: u64, bits in 0_u32..64) {
            check_integer(value >> bits);
        }

        #[test]
        fn any_float(value in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL) {
            check_float(value);
        }

        #[test]
        fn any_decimal(digits in 0_u64..1_000_000_000_000_000, scale in 0_i32..8) {
            check_float(format!("{digits}e-{scale}").parse().unwrap());
        }
    }
}
