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
        // back as the same, there are no shorter ones. Reading is one division of exact doubles.
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

/// What has at most four digits before its point.
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
