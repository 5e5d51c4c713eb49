//! Lengths behind the first bytes of a frame.

use bytes::BytesMut;

use super::{LengthField, NotALength};
use crate::Prefix;

/// A length behind `offset` bytes of header.
///
/// A decoded frame is its header and the bytes that the length counts; the length between them
/// is taken out. A frame to encode is the same: the length is put in behind the header.
///
/// ```text
/// gRPC, a byte of flags, then u32be; the frame is 00 68 69:          00 00 00 00 02 68 69
/// PostgreSQL, a type, then u32be that counts itself (adjustment -4): 51 00 00 00 06 68 69
/// MQTT, type and flags, then a varint:                               30 02 68 69
/// Modbus/TCP, two numbers of 16 bits, then u16be:                    00 01 00 00 00 02 11 03
/// ```
///
/// The header counts towards the limit of a frame.
///
/// ```
/// use bytes::BytesMut;
/// use influx_framing::{Decoder, Encoder, Frame, Header, LengthCodec, Prefix};
///
/// let mut postgres = LengthCodec::new(Header { offset: 1, prefix: Prefix::U32_BE });
/// postgres.adjustment = -4;
/// let mut wire = BytesMut::new();
/// postgres.encode("Qhi", &mut wire)?;
/// assert_eq!(wire, b"Q\0\0\0\x06hi"[..]);
/// assert_eq!(postgres.decode(&mut wire)?, Some(Frame::Complete("Qhi".into())));
/// # Ok::<(), influx_framing::FrameError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a place and a form are all that there is")]
pub struct Header {
    /// The number of bytes before the length.
    pub offset: u8,
    /// The form of the length.
    pub prefix: Prefix,
}

impl LengthField for Header {
    fn read(&self, src: &[u8]) -> Result<Option<(u64, usize)>, NotALength> {
        src.get(self.offset()..).map_or(Ok(None), |src| self.prefix.read(src))
    }

    fn write(&self, number: u64, dst: &mut BytesMut) -> Option<()> {
        self.prefix.write(number, dst)
    }

    fn offset(&self) -> usize {
        self.offset.into()
    }
}
