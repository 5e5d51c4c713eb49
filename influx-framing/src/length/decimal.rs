//! Lengths in decimal digits.

use bytes::BytesMut;

use super::{LengthField, NotALength};

/// A length in decimal digits, then a separator.
///
/// ```text
/// two frames, `hi` and an empty one, octet-counted:   32 20 68 69      30 20
/// the same as netstrings:                             32 3a 68 69 2c   30 3a 2c
/// ```
///
/// The number has no leading zeros, as both specifications demand, so it has at most 20 digits.
/// Anything else is [`FrameError::InvalidLength`](crate::FrameError::InvalidLength).
///
/// ```
/// use bytes::BytesMut;
/// use influx_framing::{Decimal, Decoder, Encoder, Frame, LengthCodec};
///
/// let mut codec = LengthCodec::new(Decimal::Netstring);
/// let mut wire = BytesMut::new();
/// codec.encode("hi", &mut wire)?;
/// assert_eq!(wire, b"2:hi,"[..]);
/// assert_eq!(codec.decode(&mut wire)?, Some(Frame::Complete("hi".into())));
/// # Ok::<(), influx_framing::FrameError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Decimal {
    /// A colon, and a comma behind the frame: <https://cr.yp.to/proto/netstrings.txt>.
    Netstring,
    /// A space: syslog over TLS (RFC 5425) and octet-counted syslog over TCP (RFC 6587, 3.4.1).
    OctetCount,
}

impl LengthField for Decimal {
    fn read(&self, src: &[u8]) -> Result<Option<(u64, usize)>, NotALength> {
        let mut number = 0_u64;
        for (at, &byte) in src.iter().enumerate() {
            if byte == self.separator() && at > 0 {
                return Ok(Some((number, at + 1)));
            }
            let is_padded = at > 0 && number == 0;
            let digit = byte.wrapping_sub(b'0');
            if is_padded || digit > 9 {
                return Err(NotALength);
            }
            let next = number.checked_mul(10).and_then(|tens| tens.checked_add(digit.into()));
            number = next.ok_or(NotALength)?;
        }
        Ok(None)
    }

    fn write(&self, number: u64, dst: &mut BytesMut) -> Option<()> {
        dst.extend_from_slice(number.to_string().as_bytes());
        dst.extend_from_slice(&[self.separator()]);
        Some(())
    }

    fn trailer(&self) -> &[u8] {
        match self {
            Self::Netstring => b",",
            Self::OctetCount => b"",
        }
    }
}

impl Decimal {
    fn separator(self) -> u8 {
        match self {
            Self::Netstring => b':',
            Self::OctetCount => b' ',
        }
    }
}
