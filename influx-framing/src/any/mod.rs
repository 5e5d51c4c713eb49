//! A codec that is chosen at run time, and its form as text.

mod parse;

use std::fmt;
use std::ops::ControlFlow;

use bytes::BytesMut;

pub use self::parse::{ParseCodecError, ParseProblem};

use crate::{
    DEFAULT_MAX_LEN, Decoder, DelimiterCodec, Encoder, EofCodec, FixedCodec, Frame, FrameError,
    LengthCodec, OversizePolicy, Prefix,
};

/// One of the codecs of bytes, also parsed from text for configuration files and command lines.
///
/// The text is a codec, then options, separated by commas:
///
/// | codec | frames |
/// |---|---|
/// | `delim:0x0d0a`, `delim:"\r\n"` | end with a delimiter of 1 to 64 bytes, in hexadecimal or quoted; quoted text knows `\r \n \t \0 \\ \"` and `\x17` |
/// | `line`, `nul` | short for `delim:0x0a` and `delim:0x00`; the `\r` of `\r\n` stays in the frame |
/// | `len:u32be`, `len:u16le`, ... | begin with their length in 1 to 8 bytes: `u8` to `u64`, then `be` or `le` |
/// | `varint` | begin with their length in LEB128 |
/// | `fixed:16` | have 16 bytes |
/// | `eof` | one per connection |
///
/// | preset | stands for | used by |
/// |---|---|---|
/// | `datalogd` | `delim:0x17,max=1MiB` | datalogd's `SocketDataFilter`, by default |
/// | `riemann` | `len:u32be,max=16MiB` | Riemann over TCP and TLS |
/// | `telegraf` | `line` | line protocol over TCP |
/// | `syslog` | `line` | syslog over TCP without octet counting |
///
/// | option | meaning | default |
/// |---|---|---|
/// | `max=16KiB` | a frame's limit in bytes; units `KiB`, `MiB`, `GiB` | `1MiB` |
/// | `over=skip` | the treatment of longer frames: `error`, `skip`, `truncate` | `error` |
/// | `adjust=-2` | a number to add to a length prefix; -2 if `u16` counts itself | `0` |
///
/// `fixed` takes no option; `adjust` goes with length prefixes only.
/// Displaying gives the shortest text that parses to an equal value.
///
/// Two frames, `{}` and `hi`, on the wire:
///
/// ```
/// use bytes::BytesMut;
/// use influx_framing::{AnyCodec, Encoder};
///
/// for (text, wire) in [
///     ("datalogd", "7b 7d 17 68 69 17"),
///     ("line", "7b 7d 0a 68 69 0a"),
///     (r#"delim:"\r\n",over=skip"#, "7b 7d 0d 0a 68 69 0d 0a"),
///     ("riemann", "00 00 00 02 7b 7d 00 00 00 02 68 69"),
///     ("len:u16le,adjust=-2", "04 00 7b 7d 04 00 68 69"),
///     ("varint,max=16KiB", "02 7b 7d 02 68 69"),
///     ("fixed:2", "7b 7d 68 69"),
/// ] {
///     let mut codec: AnyCodec = text.parse()?;
///     let mut out = BytesMut::new();
///     codec.encode("{}", &mut out)?;
///     codec.encode("hi", &mut out)?;
///     let hex: Vec<String> = out.iter().map(|byte| format!("{byte:02x}")).collect();
///     assert_eq!(hex.join(" "), wire, "{text}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AnyCodec {
    /// Frames that end with a delimiter.
    Delimiter(DelimiterCodec),
    /// One message per connection.
    Eof(EofCodec),
    /// Frames of one size.
    Fixed(FixedCodec),
    /// Frames that begin with their length.
    Length(LengthCodec),
}

macro_rules! of_each {
    ($any:ident, $codec:ident => $call:expr) => {
        match $any {
            Self::Delimiter($codec) => $call,
            Self::Eof($codec) => $call,
            Self::Fixed($codec) => $call,
            Self::Length($codec) => $call,
        }
    };
}

impl AnyCodec {
    /// The fields `max_len` and `oversize`, where the codec has them.
    fn limits(&mut self) -> Option<(&mut usize, &mut OversizePolicy)> {
        match self {
            Self::Delimiter(codec) => Some((&mut codec.max_len, &mut codec.oversize)),
            Self::Eof(codec) => Some((&mut codec.max_len, &mut codec.oversize)),
            Self::Fixed(_) => None,
            Self::Length(codec) => Some((&mut codec.max_len, &mut codec.oversize)),
        }
    }
}

impl Decoder for AnyCodec {
    type Item = Frame;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        of_each!(self, codec => codec.decode(src))
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        of_each!(self, codec => codec.decode_eof(src))
    }

    fn decode_each(
        &mut self,
        src: &mut BytesMut,
        visit: impl FnMut(Frame<&[u8]>) -> ControlFlow<()>,
    ) -> Result<(), FrameError> {
        of_each!(self, codec => codec.decode_each(src, visit))
    }
}

impl<B: AsRef<[u8]>> Encoder<B> for AnyCodec {
    fn encode(&mut self, frame: B, dst: &mut BytesMut) -> Result<(), FrameError> {
        of_each!(self, codec => codec.encode(frame, dst))
    }
}

impl fmt::Display for AnyCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delimiter(codec) => match codec.delimiter.as_bytes() {
                b"\n" => f.write_str("line")?,
                b"\0" => f.write_str("nul")?,
                bytes => {
                    f.write_str("delim:0x")?;
                    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                }
            },
            Self::Eof(_) => f.write_str("eof")?,
            Self::Fixed(codec) => write!(f, "fixed:{}", codec.size)?,
            Self::Length(codec) => {
                f.write_str(if codec.prefix == Prefix::VARINT { "" } else { "len:" })?;
                write!(f, "{}", codec.prefix)?;
                if codec.adjustment != 0 {
                    write!(f, ",adjust={}", codec.adjustment)?;
                }
            }
        }
        let Some((&mut max_len, &mut oversize)) = self.clone().limits() else { return Ok(()) };
        if max_len != DEFAULT_MAX_LEN {
            let fits = |(_, unit): &&(_, _)| max_len >= *unit && max_len.is_multiple_of(*unit);
            let (name, unit) = UNITS.iter().find(fits).unwrap_or(&("", 1));
            write!(f, ",max={}{name}", max_len / unit)?;
        }
        match POLICIES.iter().find(|(_, policy)| *policy == oversize) {
            Some((name, _)) if oversize != OversizePolicy::default() => write!(f, ",over={name}"),
            _ => Ok(()),
        }
    }
}

/// The units of a size, the largest first.
const UNITS: [(&str, usize); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

const POLICIES: [(&str, OversizePolicy); 3] = [
    ("error", OversizePolicy::Error),
    ("skip", OversizePolicy::Skip),
    ("truncate", OversizePolicy::Truncate),
];

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use proptest::prelude::*;

    use super::*;
    use crate::Delimiter;

    fn codec() -> impl Strategy<Value = AnyCodec> {
        let prefix = prop_oneof![
            Just(Prefix::VARINT),
            (1..=8u8).prop_map(|width| Prefix::big_endian(width).unwrap()),
            (1..=8u8).prop_map(|width| Prefix::little_endian(width).unwrap()),
        ];
        prop_oneof![
            proptest::collection::vec(any::<u8>(), 1..=Delimiter::MAX_LEN).prop_map(|bytes| {
                AnyCodec::Delimiter(DelimiterCodec::new(Delimiter::new(&bytes).unwrap()))
            }),
            any::<u8>().prop_map(|byte| AnyCodec::Delimiter(DelimiterCodec::new(byte))),
            Just(AnyCodec::Eof(EofCodec::new())),
            any::<NonZeroUsize>().prop_map(|size| AnyCodec::Fixed(FixedCodec::new(size))),
            (prefix, prop_oneof![Just(0), any::<i64>()]).prop_map(|(prefix, adjustment)| {
                let mut codec = LengthCodec::new(prefix);
                codec.adjustment = adjustment;
                AnyCodec::Length(codec)
            }),
        ]
    }

    fn limited() -> impl Strategy<Value = AnyCodec> {
        let size = prop_oneof![
            Just(DEFAULT_MAX_LEN),
            any::<usize>(),
            (0..4096usize, 0..=3u32).prop_map(|(count, unit)| count << (10 * unit)),
        ];
        let policy = prop_oneof![
            Just(OversizePolicy::Error),
            Just(OversizePolicy::Skip),
            Just(OversizePolicy::Truncate)
        ];
        (codec(), size, policy).prop_map(|(mut codec, size, policy)| {
            if let Some((max_len, oversize)) = codec.limits() {
                (*max_len, *oversize) = (size, policy);
            }
            codec
        })
    }

    proptest! {
        #[test]
        fn displayed_text_parses_to_the_same(codec in limited()) {
            let parsed: AnyCodec = codec.to_string().parse().unwrap();
            prop_assert_eq!(format!("{parsed:?}"), format!("{codec:?}"));
        }
    }
}
