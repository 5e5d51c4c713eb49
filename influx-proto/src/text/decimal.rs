//! The double nearest to a decimal fraction.

/// `mantissa / 10^scale` rounded once, so correctly. `None` if the scale is above 27.
///
/// Measurements with all their digits are like this: too long to be exact doubles,
/// but short enough for one division of integers, which is faster than `str::parse`.
#[inline]
pub(crate) fn nearest_fraction(mantissa: u64, scale: usize) -> Option<f64> {
    // Powers of five fit where those of ten do not, and twos are a matter of the exponent.
    let power = *POWERS_OF_FIVE.get(scale)?;
    if mantissa == 0 {
        return Some(0.0);
    }
    // With their highest bits set, the quotient has 63 or 64 bits, ten more than a double: the last
    // one can stand for all that would follow.
    let shifts = (mantissa.leading_zeros(), power.leading_zeros());
    let quotient = quotient(mantissa << shifts.0, power << shifts.1, scale);
    #[expect(clippy::cast_precision_loss, reason = "the one rounding")]
    let rounded = quotient as f64;
    // A power of two from -153 to 0, which changes the exponent alone.
    let exponent = 1023 - 63 - u64::from(shifts.0) + u64::from(shifts.1) - scale as u64;
    Some(rounded * f64::from_bits(exponent << (f64::MANTISSA_DIGITS - 1)))
}

/// 2^63 times the dividend, by the divisor, which is the power of five of this scale. The last bit
/// also stands for all that would follow.
#[expect(clippy::cast_possible_truncation, reason = "64 bits at most, and the low half")]
#[inline]
fn quotient(dividend: u64, divisor: u64, scale: usize) -> u64 {
    // Multiplication by the reciprocal gives 64 bits more, at most two below the true ones: only if
    // these are all ones, the quotient may be exact or one larger.
    let (high, low) = RECIPROCALS.get(scale).copied().unwrap_or_default();
    let wide = u128::from(dividend);
    let product = wide * u128::from(high) + ((wide * u128::from(low)) >> 64);
    if scale == 0 || product as u64 >= u64::MAX - 2 {
        let (wide, divisor) = (wide << 63, u128::from(divisor));
        return (wide / divisor) as u64 | u64::from(!wide.is_multiple_of(divisor));
    }
    (product >> 64) as u64 | 1
}

/// 2^191 by the powers of five without their leading zeros: the high and the low word.
#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "by the compiler")]
static RECIPROCALS: [(u64, u64); 28] = {
    let mut reciprocals = [(0, 0); 28];
    let mut index = 1;
    while index < reciprocals.len() {
        let power = (POWERS_OF_FIVE[index] << POWERS_OF_FIVE[index].leading_zeros()) as u128;
        let (high, rest) = ((1 << 127) / power, (1 << 127) % power);
        reciprocals[index] = (high as u64, ((rest << 64) / power) as u64);
        index += 1;
    }
    reciprocals
};

/// The powers of five that 64 bits hold.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
static POWERS_OF_FIVE: [u64; 28] = {
    let mut powers = [1; 28];
    let mut index = 1;
    while index < powers.len() {
        powers[index] = powers[index - 1] * 5;
        index += 1;
    }
    powers
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(mantissa: u64, scale: usize) {
        let expected: f64 = format!("{mantissa}e-{scale}").parse().unwrap();
        assert_eq!(nearest_fraction(mantissa, scale), Some(expected), "{mantissa}e-{scale}");
    }

    #[test]
    fn borders() {
        for scale in 0..28 {
            for mantissa in [0, 1, 9, (1 << 53) - 1, 1 << 53, (1 << 53) + 1, 1 << 63, u64::MAX] {
                check(mantissa, scale);
            }
        }
        // Odd numbers of 54 bits, divided by a power of two: halfway between two doubles.
        for (scale, power) in POWERS_OF_FIVE.iter().enumerate().take(5) {
            for odd in [(1 << 53) + 1, (1 << 53) + 3, (1 << 54) - 1] {
                let middle = odd * power;
                (middle - 1..=middle + 1).for_each(|mantissa| check(mantissa, scale));
            }
        }
        // Only the bits behind the quotient tell that this is above the middle.
        check(2_403_995_144_556_573_856, 23);
        assert_eq!(nearest_fraction(1, 28), None);
    }

    proptest! {
        #[test]
        fn as_the_standard_library_parses(mantissa: u64, bits in 0_u32..64, scale in 0_usize..28) {
            check(mantissa >> bits, scale);
        }
    }
}
