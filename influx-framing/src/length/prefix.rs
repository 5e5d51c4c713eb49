//! The forms of a length prefix.

use std::fmt;

use bytes::{BufMut, BytesMut};

use super::{LengthField, NotALength};
use crate::InvalidCodec;

/// The form of a length prefix.
///
/// ```
/// use influx_framing::Prefix;
///
/// assert_eq!(Prefix::big_endian(4)?, Prefix::U32_BE);
/// assert_eq!(Prefix::little_endian(3)?.to_string(), "u24le");
/// assert_eq!(Prefix::VARINT.to_string(), "varint");
/// # Ok::<(), influx_framing::InvalidCodec>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Prefix(Form);

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Form {
    BigEndian(u8),
    LittleEndian(u8),
    Varint,
}

/// A 64-bit number has at most ten groups of seven bits.
const VARINT_MAX_BYTES: usize = 10;

impl Prefix {
    /// One byte.
    pub const U8: Self = Self(Form::BigEndian(1));
    /// Two bytes, the most significant first.
    pub const U16_BE: Self = Self(Form::BigEndian(2));
    /// Two bytes, the least significant first.
    pub const U16_LE: Self = Self(Form::LittleEndian(2));
    /// Four bytes, the most significant first.
    pub const U32_BE: Self = Self(Form::BigEndian(4));
    /// Four bytes, the least significant first.
    pub const U32_LE: Self = Self(Form::LittleEndian(4));
    /// Eight bytes, the most significant first.
    pub const U64_BE: Self = Self(Form::BigEndian(8));
    /// Eight bytes, the least significant first.
    pub const U64_LE: Self = Self(Form::LittleEndian(8));
    /// LEB128, as in protobuf: seven bits a byte, the least significant first, the top bit set
    /// on all bytes but the last; 1 to 10 bytes. Longer forms than needed are read, not written.
    pub const VARINT: Self = Self(Form::Varint);

    /// `width` bytes, the most significant first.
    ///
    /// # Errors
    ///
    /// [`InvalidCodec::PrefixWidth`] unless the width is 1 to 8 bytes.
    pub fn big_endian(width: u8) -> Result<Self, InvalidCodec> {
        match width {
            1..=8 => Ok(Self(Form::BigEndian(width))),
            _ => Err(InvalidCodec::PrefixWidth { width }),
        }
    }

    /// `width` bytes, the least significant first.
    ///
    /// # Errors
    ///
    /// [`InvalidCodec::PrefixWidth`] unless the width is 1 to 8 bytes.
    pub fn little_endian(width: u8) -> Result<Self, InvalidCodec> {
        match width {
            // One byte has no order: equal codecs are to compare as equal.
            1 => Ok(Self::U8),
            2..=8 => Ok(Self(Form::LittleEndian(width))),
            _ => Err(InvalidCodec::PrefixWidth { width }),
        }
    }
}

impl LengthField for Prefix {
    #[inline]
    fn read(&self, src: &[u8]) -> Result<Option<(u64, usize)>, NotALength> {
        match self.0 {
            Form::BigEndian(width) => {
                Ok(read_fixed(src, width, |word| u64::from_be_bytes(word) >> unused_bits(width)))
            }
            Form::LittleEndian(width) => Ok(read_fixed(src, width, |word| {
                u64::from_le_bytes(word) & (u64::MAX >> unused_bits(width))
            })),
            Form::Varint => read_varint(src),
        }
    }

    #[inline]
    fn write(&self, number: u64, dst: &mut BytesMut) -> Option<()> {
        match self.0 {
            Form::BigEndian(width) if fits(number, width) => {
                write_fixed((number << unused_bits(width)).to_be_bytes(), width, dst);
            }
            Form::LittleEndian(width) if fits(number, width) => {
                write_fixed(number.to_le_bytes(), width, dst);
            }
            Form::BigEndian(_) | Form::LittleEndian(_) => return None,
            Form::Varint => write_varint(number, dst),
        }
        Some(())
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Form::BigEndian(1) => f.write_str("u8"),
            Form::BigEndian(width) => write!(f, "u{}be", u32::from(width) * 8),
            Form::LittleEndian(width) => write!(f, "u{}le", u32::from(width) * 8),
            Form::Varint => f.write_str("varint"),
        }
    }
}

/// The bits of a 64-bit word that a number of `width` bytes, 1 to 8, leaves unused.
#[inline]
fn unused_bits(width: u8) -> u32 {
    u64::BITS - u32::from(width) * 8
}

#[inline]
fn fits(number: u64, width: u8) -> bool {
    number <= u64::MAX >> unused_bits(width)
}

/// Reads a number of `width` bytes out of the eight bytes that begin `src`.
#[inline]
fn read_fixed(src: &[u8], width: u8, number: impl Fn([u8; 8]) -> u64) -> Option<(u64, usize)> {
    let width = usize::from(width);
    // Loading a whole word costs one instruction where a loop over `width` costs dozens.
    if let Some(word) = src.first_chunk() {
        return Some((number(*word), width));
    }
    let mut word = [0; 8];
    word.get_mut(..width)?.copy_from_slice(src.get(..width)?);
    Some((number(word), width))
}

/// Appends the first `width` bytes.
#[inline]
fn write_fixed(word: [u8; 8], width: u8, dst: &mut BytesMut) {
    let end = dst.len() + usize::from(width);
    // As above: a whole word costs less than its bytes one by one.
    dst.extend_from_slice(&word);
    dst.truncate(end);
}

fn read_varint(src: &[u8]) -> Result<Option<(u64, usize)>, NotALength> {
    let mut number = 0;
    for (at, &byte) in src.iter().take(VARINT_MAX_BYTES).enumerate() {
        let bits = u64::from(byte & 0x7f);
        let shifted = bits << (7 * at);
        // The tenth byte has room for one bit.
        if shifted >> (7 * at) != bits {
            return Err(NotALength);
        }
        number |= shifted;
        if byte < 0x80 {
            return Ok(Some((number, at + 1)));
        }
    }
    if src.len() < VARINT_MAX_BYTES { Ok(None) } else { Err(NotALength) }
}

fn write_varint(mut number: u64, dst: &mut BytesMut) {
    while number >= 0x80 {
        dst.put_u8((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    dst.put_u8((number & 0x7f) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads and writes `number` as `wire`, and asks for more at every prefix of it.
    fn check(prefix: Prefix, number: u64, wire: &[u8]) {
        let mut dst = BytesMut::new();
        assert_eq!(prefix.write(number, &mut dst), Some(()));
        assert_eq!(dst, wire, "{prefix} {number}");
        for cut in 0..wire.len() {
            assert_eq!(prefix.read(&wire[..cut]), Ok(None), "{prefix} {number} cut at {cut}");
        }
        assert_eq!(prefix.read(wire), Ok(Some((number, wire.len()))));
    }

    #[test]
    fn numbers() {
        check(Prefix::U8, 0xff, &[0xff]);
        check(Prefix::U16_BE, 0x1234, &[0x12, 0x34]);
        check(Prefix::U16_LE, 0x1234, &[0x34, 0x12]);
        check(Prefix::big_endian(3).unwrap(), 0x12_3456, &[0x12, 0x34, 0x56]);
        check(Prefix::little_endian(3).unwrap(), 0x12_3456, &[0x56, 0x34, 0x12]);
        check(Prefix::U32_BE, 47, &[0, 0, 0, 47]);
        check(Prefix::U32_LE, u32::MAX.into(), &[0xff; 4]);
        check(Prefix::U64_BE, u64::MAX, &[0xff; 8]);
        check(Prefix::U64_LE, 1, &[1, 0, 0, 0, 0, 0, 0, 0]);
        check(Prefix::VARINT, 0, &[0]);
        check(Prefix::VARINT, 127, &[0x7f]);
        check(Prefix::VARINT, 128, &[0x80, 0x01]);
        check(Prefix::VARINT, 300, &[0xac, 0x02]);
        let all = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        check(Prefix::VARINT, u64::MAX, &all);
    }

    #[test]
    fn numbers_too_large_to_write() {
        for width in 1..8 {
            for prefix in [Prefix::big_endian(width), Prefix::little_endian(width)] {
                let mut dst = BytesMut::new();
                assert_eq!(prefix.unwrap().write(1 << (8 * width), &mut dst), None);
                assert!(dst.is_empty());
            }
        }
    }

    #[test]
    fn varints_that_are_not_a_length() {
        let eleven_bytes = [0x80; 11];
        let bit_64 = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02];
        for wire in [&eleven_bytes[..], &bit_64] {
            assert_eq!(Prefix::VARINT.read(wire), Err(NotALength));
        }
        assert_eq!(Prefix::VARINT.read(&[0x80, 0x00]), Ok(Some((0, 2))), "longer than needed");
    }

    #[test]
    fn widths() {
        for width in [0, 9, 255] {
            let error = Err(InvalidCodec::PrefixWidth { width });
            assert_eq!(Prefix::big_endian(width), error);
            assert_eq!(Prefix::little_endian(width), error);
        }
    }
}
