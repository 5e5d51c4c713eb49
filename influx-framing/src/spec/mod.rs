//! A codec as text, for configuration files and command lines.

mod parse;

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

pub use parse::{SpecError, SpecProblem};

use crate::{
    AnyCodec, DEFAULT_MAX_LEN, Delimiter, DelimiterCodec, EofCodec, FixedCodec, LengthCodec,
    OversizePolicy, Prefix,
};

/// The description of a codec, parsed from text.
///
/// A description is a codec, then options, separated by commas:
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
/// use influx_framing::{Encoder, Framing};
///
/// for (spec, wire) in [
///     ("datalogd", "7b 7d 17 68 69 17"),
///     ("line", "7b 7d 0a 68 69 0a"),
///     (r#"delim:"\r\n",over=skip"#, "7b 7d 0d 0a 68 69 0d 0a"),
///     ("riemann", "00 00 00 02 7b 7d 00 00 00 02 68 69"),
///     ("len:u16le,adjust=-2", "04 00 7b 7d 04 00 68 69"),
///     ("varint,max=16KiB", "02 7b 7d 02 68 69"),
///     ("fixed:2", "7b 7d 68 69"),
/// ] {
///     let framing: Framing = spec.parse()?;
///     let mut codec = framing.codec();
///     let mut out = BytesMut::new();
///     codec.encode("{}", &mut out)?;
///     codec.encode("hi", &mut out)?;
///     let hex: Vec<String> = out.iter().map(|byte| format!("{byte:02x}")).collect();
///     assert_eq!(hex.join(" "), wire, "{spec}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Framing {
    kind: Kind,
    max_len: usize,
    oversize: OversizePolicy,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
enum Kind {
    Delimiter(Delimiter),
    Eof,
    Fixed(NonZeroUsize),
    Length { prefix: Prefix, adjustment: i64 },
}

impl Framing {
    fn new(kind: Kind) -> Self {
        Self { kind, max_len: DEFAULT_MAX_LEN, oversize: OversizePolicy::default() }
    }

    /// A fresh codec, for one connection.
    pub fn codec(&self) -> AnyCodec {
        match &self.kind {
            Kind::Delimiter(delimiter) => {
                let mut codec = DelimiterCodec::new(delimiter.clone());
                (codec.max_len, codec.oversize) = (self.max_len, self.oversize);
                AnyCodec::Delimiter(codec)
            }
            Kind::Eof => {
                let mut codec = EofCodec::new();
                (codec.max_len, codec.oversize) = (self.max_len, self.oversize);
                AnyCodec::Eof(codec)
            }
            Kind::Fixed(size) => AnyCodec::Fixed(FixedCodec::new(*size)),
            Kind::Length { prefix, adjustment } => {
                let mut codec = LengthCodec::new(*prefix);
                codec.adjustment = *adjustment;
                (codec.max_len, codec.oversize) = (self.max_len, self.oversize);
                AnyCodec::Length(codec)
            }
        }
    }
}

impl FromStr for Framing {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        parse::framing(text)
    }
}

impl fmt::Display for Framing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Delimiter(delimiter) => match delimiter.as_bytes() {
                b"\n" => f.write_str("line")?,
                b"\0" => f.write_str("nul")?,
                bytes => {
                    f.write_str("delim:0x")?;
                    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                }
            },
            Kind::Eof => f.write_str("eof")?,
            Kind::Fixed(size) => write!(f, "fixed:{size}")?,
            Kind::Length { prefix, adjustment } => {
                f.write_str(if *prefix == Prefix::VARINT { "" } else { "len:" })?;
                write!(f, "{prefix}")?;
                if *adjustment != 0 {
                    write!(f, ",adjust={adjustment}")?;
                }
            }
        }
        if self.max_len != DEFAULT_MAX_LEN {
            f.write_str(",max=")?;
            write_size(f, self.max_len)?;
        }
        match self.oversize {
            OversizePolicy::Error => Ok(()),
            OversizePolicy::Skip => f.write_str(",over=skip"),
            OversizePolicy::Truncate => f.write_str(",over=truncate"),
        }
    }
}

/// The units of a size, the largest first.
const UNITS: [(&str, usize); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

fn write_size(f: &mut fmt::Formatter<'_>, size: usize) -> fmt::Result {
    for (name, unit) in UNITS {
        if size >= unit && size.is_multiple_of(unit) {
            return write!(f, "{}{name}", size / unit);
        }
    }
    write!(f, "{size}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kind() -> impl Strategy<Value = Kind> {
        let prefix = prop_oneof![
            Just(Prefix::VARINT),
            (1..=8u8).prop_map(|width| Prefix::big_endian(width).unwrap()),
            (1..=8u8).prop_map(|width| Prefix::little_endian(width).unwrap()),
        ];
        prop_oneof![
            proptest::collection::vec(any::<u8>(), 1..=Delimiter::MAX_LEN)
                .prop_map(|bytes| Kind::Delimiter(Delimiter::new(&bytes).unwrap())),
            any::<u8>().prop_map(|byte| Kind::Delimiter(byte.into())),
            Just(Kind::Eof),
            any::<NonZeroUsize>().prop_map(Kind::Fixed),
            (prefix, prop_oneof![Just(0), any::<i64>()])
                .prop_map(|(prefix, adjustment)| Kind::Length { prefix, adjustment }),
        ]
    }

    fn framing() -> impl Strategy<Value = Framing> {
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
        (kind(), size, policy).prop_map(|(kind, max_len, oversize)| match kind {
            Kind::Fixed(_) => Framing::new(kind),
            _ => Framing { kind, max_len, oversize },
        })
    }

    proptest! {
        #[test]
        fn displayed_text_parses_to_the_same(framing in framing()) {
            prop_assert_eq!(framing.to_string().parse(), Ok(framing));
        }
    }
}
