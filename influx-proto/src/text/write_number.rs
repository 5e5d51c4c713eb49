//! Numbers as text, digit by digit the shortest.
//!
//! Digits are computed eight at a time and appended as a word, of which only a part stays: such a
//! copy needs no call and no branch.

/// Appends an integer.
#[inline]
pub(crate) fn write_i64(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    write_u64(out, value.unsigned_abs());
}

/// Appends an integer.
#[inline]
pub(crate) fn write_u64(out: &mut Vec<u8>, value: u64) {
    let (rest, last) = (value / TEN_TO_8, value % TEN_TO_8);
    if rest == 0 {
        return write_first(out, last);
    }
    let (first, middle) = (rest / TEN_TO_8, rest % TEN_TO_8);
    if first == 0 {
        write_first(out, middle);
    } else {
        write_first(out, first);
        write_all(out, middle);
    }
    write_all(out, last);
}

/// Appends the shortest text that reads back as the same double. It always has a fraction or an
/// exponent.
#[inline]
pub(crate) fn write_finite(out: &mut Vec<u8>, value: f64) {
    let magnitude = value.abs();
    if magnitude < MAX_SHORT {
        // Seven digits at most, and no other decimal of so few has the same double: if they read
        // back as the same, they are the shortest. Reading is one division of exact doubles.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        let thousandths = (magnitude * 1e3 + 0.5) as u32;
        if (f64::from(thousandths) / 1e3).to_bits() == magnitude.to_bits() {
            if value.is_sign_negative() {
                out.push(b'-');
            }
            return write_thousandths(out, thousandths.into());
        }
    }
    out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
}

/// Smaller numbers have at most four digits before their point.
const MAX_SHORT: f64 = 9_999.0;

/// Appends a number with one to three digits behind its point, seven digits at most.
#[inline]
fn write_thousandths(out: &mut Vec<u8>, thousandths: u64) {
    let digits = eight_digits(thousandths);
    // A digit stays before the point.
    let leading = (digits.trailing_zeros() / 8).min(4);
    let digits = (digits | ZEROS) >> (8 * leading);
    let point = 8 * (5 - leading);
    let whole = digits & ((1 << point) - 1);
    let text = whole | u64::from(b'.') << point | (digits ^ whole) << 8;
    let trailing =
        u32::from(thousandths.is_multiple_of(10)) + u32::from(thousandths.is_multiple_of(100));
    append(out, text, 9 - leading - trailing);
}

/// Appends a number below ten to the 8th.
#[inline]
fn write_first(out: &mut Vec<u8>, value: u64) {
    let digits = eight_digits(value);
    let leading = (digits.trailing_zeros() / 8).min(7);
    append(out, (digits | ZEROS) >> (8 * leading), 8 - leading);
}

/// Appends a number below ten to the 8th with all its leading zeros.
#[inline]
fn write_all(out: &mut Vec<u8>, value: u64) {
    append(out, eight_digits(value) | ZEROS, 8);
}

/// Appends the first characters of a word.
#[inline]
fn append(out: &mut Vec<u8>, text: u64, count: u32) {
    let end = out.len() + count as usize;
    out.extend_from_slice(&text.to_le_bytes());
    out.truncate(end);
}

const TEN_TO_8: u64 = 100_000_000;

/// The character `0` in every byte.
const ZEROS: u64 = u64::from_ne_bytes([b'0'; 8]);

/// The digits of a number below ten to the 8th, the first one in the lowest byte:
/// it is halved into fours, pairs and single digits, each time in all parts at once.
#[inline]
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

    fn check_integer(value: u64) {
        let mut out = b"x".to_vec();
        write_u64(&mut out, value);
        assert_eq!(String::from_utf8(out).unwrap(), format!("x{value}"));
        let negative = value.cast_signed().wrapping_neg();
        let mut out = Vec::new();
        write_i64(&mut out, negative);
        assert_eq!(String::from_utf8(out).unwrap(), negative.to_string());
    }

    fn check_float(value: f64) {
        for value in [value, -value] {
            let mut out = b"x".to_vec();
            write_finite(&mut out, value);
            let expected = zmij::Buffer::new().format_finite(value).to_owned();
            assert_eq!(String::from_utf8(out).unwrap(), format!("x{expected}"));
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
