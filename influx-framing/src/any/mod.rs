//! A codec that is chosen at run time, and its form as text.

mod parse;

use std::fmt;
use std::ops::ControlFlow;

use bytes::BytesMut;

pub use self::parse::{ParseCodecError, ParseProblem};

use crate::{
    DEFAULT_MAX_LEN, Decimal, Decoder, Delimiter, DelimiterCodec, Encoder, Envelope, EnvelopeCodec,
    EofCodec, FixedCodec, Frame, FrameError, Header, LengthCodec, OversizePolicy, Prefix,
};

/// One of the codecs of bytes, also parsed from text for configuration files and command lines.
///
/// The text is a codec or a preset, then options, separated by commas:
///
/// | codec | frames |
/// |---|---|
/// | `delim:0x0d0a`, `delim:"\r\n"` | end with a delimiter of 1 to 64 bytes, in hexadecimal or quoted; quoted text knows `\r \n \t \0 \\ \"` and `\x17` |
/// | `line`, `nul` | short for `delim:0x0a` and `delim:0x00`; the `\r` of `\r\n` stays in the frame |
/// | `eol` | end with LF or CR LF; a byte order mark at the beginning is removed |
/// | `len:u32be`, `len:u16le`, ... | begin with their length in 1 to 8 bytes: `u8` to `u64`, then `be` or `le` |
/// | `varint` | begin with their length in LEB128 |
/// | `octet-count`, `netstring` | begin with their length in decimal digits |
/// | `json-seq`, `slip`, `cobs` | stand in such an [`Envelope`] |
/// | `fixed:16` | have 16 bytes |
/// | `eof` | one per connection |
///
/// | preset | stands for | used by |
/// |---|---|---|
/// | `crlf` | `delim:0x0d0a` | lines that end with CR LF alone |
/// | `datalogd` | `delim:0x17,max=1MiB` | datalogd's `SocketDataFilter`, by default |
/// | `gelf` | `nul` | Graylog's GELF over TCP |
/// | `grpc` | `len:u32be,at=1` | the messages of gRPC, behind a byte of flags |
/// | `mllp` | `delim:0x1c0d,start=0x0b` | HL7 version 2 |
/// | `modbus` | `len:u16be,at=4` | Modbus/TCP |
/// | `mqtt` | `varint,at=1` | MQTT, behind its type and flags |
/// | `ndjson` | `eol,last=take` | JSON in lines |
/// | `postgres` | `len:u32be,at=1,adjust=-4` | `PostgreSQL`, behind a type, after its start-up message |
/// | `protobuf` | `varint` | the delimited messages of protobuf's libraries |
/// | `riemann` | `len:u32be,max=16MiB` | Riemann over TCP and TLS |
/// | `stx` | `delim:0x03,start=0x02` | scales, scanners and other devices: STX and ETX |
/// | `syslog` | `line` | syslog over TCP without octet counting |
/// | `telegraf` | `line` | line protocol over TCP |
///
/// | option | meaning | default |
/// |---|---|---|
/// | `max=16KiB` | a frame's limit in bytes; units `KiB`, `MiB`, `GiB` | `1MiB` |
/// | `over=skip` | the treatment of longer frames: `error`, `skip`, `truncate` | `error` |
/// | `adjust=-2` | a number to add to a length; -2 if `u16` counts itself | `0` |
/// | `at=1` | the bytes of [`Header`] before the length, at most 255 | `0` |
/// | `start=0x02` | the bytes before each frame of `delim`: [`Envelope::Between`] | none |
/// | `last=take` | the bytes behind the last delimiter at the end of the input: `take`, `error` | `error` |
///
/// `fixed` takes no option; `adjust` goes with lengths, `at` with `len` and `varint`, `start` with
/// `delim` and its presets, `last` with `delim` without a start, and with `eol`.
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
///     ("octet-count", "32 20 7b 7d 32 20 68 69"),
///     ("netstring", "32 3a 7b 7d 2c 32 3a 68 69 2c"),
///     // The first byte of each frame is its header.
///     ("grpc", "7b 00 00 00 01 7d 68 00 00 00 01 69"),
///     ("postgres", "7b 00 00 00 05 7d 68 00 00 00 05 69"),
///     ("mqtt", "7b 01 7d 68 01 69"),
///     ("stx", "02 7b 7d 03 02 68 69 03"),
///     ("mllp", "0b 7b 7d 1c 0d 0b 68 69 1c 0d"),
///     ("json-seq", "1e 7b 7d 0a 1e 68 69 0a"),
///     ("slip", "c0 7b 7d c0 c0 68 69 c0"),
///     ("cobs", "03 7b 7d 00 03 68 69 00"),
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
    /// Frames that begin with their length in decimal digits.
    Decimal(LengthCodec<Decimal>),
    /// Frames that end with a delimiter.
    Delimiter(DelimiterCodec),
    /// Frames that end with a delimiter and stand in an envelope.
    Envelope(EnvelopeCodec),
    /// One message per connection.
    Eof(EofCodec),
    /// Frames of one size.
    Fixed(FixedCodec),
    /// Frames that have their length behind a header.
    Header(LengthCodec<Header>),
    /// Frames that begin with their length.
    Length(LengthCodec),
}

macro_rules! of_each {
    ($any:ident, $codec:ident => $call:expr) => {
        match $any {
            Self::Decimal($codec) => $call,
            Self::Delimiter($codec) => $call,
            Self::Envelope($codec) => $call,
            Self::Eof($codec) => $call,
            Self::Fixed($codec) => $call,
            Self::Header($codec) => $call,
            Self::Length($codec) => $call,
        }
    };
}

impl AnyCodec {
    /// The fields `max_len` and `oversize`, where the codec has them.
    fn limits(&mut self) -> Option<(&mut usize, &mut OversizePolicy)> {
        Some(match self {
            Self::Decimal(codec) => (&mut codec.max_len, &mut codec.oversize),
            Self::Delimiter(codec) => (&mut codec.max_len, &mut codec.oversize),
            Self::Envelope(codec) => (&mut codec.max_len, &mut codec.oversize),
            Self::Eof(codec) => (&mut codec.max_len, &mut codec.oversize),
            Self::Fixed(_) => return None,
            Self::Header(codec) => (&mut codec.max_len, &mut codec.oversize),
            Self::Length(codec) => (&mut codec.max_len, &mut codec.oversize),
        })
    }

    /// The field `adjustment`, where the codec has it.
    fn adjustment(&mut self) -> Option<&mut i64> {
        match self {
            Self::Decimal(codec) => Some(&mut codec.adjustment),
            Self::Header(codec) => Some(&mut codec.adjustment),
            Self::Length(codec) => Some(&mut codec.adjustment),
            _ => None,
        }
    }

    /// The field `take_last`, where it has a meaning.
    fn take_last(&mut self) -> Option<&mut bool> {
        match self {
            Self::Delimiter(codec) => Some(&mut codec.take_last),
            Self::Envelope(codec) if codec.envelope == Envelope::Line => Some(&mut codec.take_last),
            _ => None,
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
            Self::Decimal(codec) => f.write_str(name(&DECIMALS, &codec.prefix))?,
            Self::Delimiter(codec) => write_delimiter(f, &codec.delimiter)?,
            Self::Envelope(codec) => match &codec.envelope {
                Envelope::Between { start, end } => {
                    write_delimiter(f, end)?;
                    write!(f, ",start={}", Hex(start))?;
                }
                other => f.write_str(name(&ENVELOPES, other))?,
            },
            Self::Eof(_) => f.write_str("eof")?,
            Self::Fixed(codec) => write!(f, "fixed:{}", codec.size)?,
            Self::Header(codec) => {
                write_prefix(f, codec.prefix.prefix)?;
                write!(f, ",at={}", codec.prefix.offset)?;
            }
            Self::Length(codec) => write_prefix(f, codec.prefix)?,
        }
        let mut options = self.clone();
        if let Some(adjustment) = options.adjustment().filter(|adjustment| **adjustment != 0) {
            write!(f, ",adjust={adjustment}")?;
        }
        if let Some(true) = options.take_last() {
            f.write_str(",last=take")?;
        }
        let Some((&mut max_len, &mut oversize)) = options.limits() else { return Ok(()) };
        if max_len != DEFAULT_MAX_LEN {
            let fits = |(_, unit): &&(_, _)| max_len >= *unit && max_len.is_multiple_of(*unit);
            let (name, unit) = UNITS.iter().find(fits).unwrap_or(&("", 1));
            write!(f, ",max={}{name}", max_len / unit)?;
        }
        if oversize != OversizePolicy::default() {
            write!(f, ",over={}", name(&POLICIES, &oversize))?;
        }
        Ok(())
    }
}

fn write_delimiter(f: &mut fmt::Formatter<'_>, delimiter: &Delimiter) -> fmt::Result {
    match delimiter.as_bytes() {
        b"\n" => f.write_str("line"),
        b"\0" => f.write_str("nul"),
        _ => write!(f, "delim:{}", Hex(delimiter)),
    }
}

fn write_prefix(f: &mut fmt::Formatter<'_>, prefix: Prefix) -> fmt::Result {
    f.write_str(if prefix == Prefix::VARINT { "" } else { "len:" })?;
    write!(f, "{prefix}")
}

struct Hex<'a>(&'a Delimiter);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The units of a size, the largest first.
const UNITS: [(&str, usize); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

const DECIMALS: [(&str, Decimal); 2] =
    [("netstring", Decimal::Netstring), ("octet-count", Decimal::OctetCount)];

const ENVELOPES: [(&str, Envelope); 4] = [
    ("cobs", Envelope::Cobs),
    ("eol", Envelope::Line),
    ("json-seq", Envelope::JsonSeq),
    ("slip", Envelope::Slip),
];

const LASTS: [(&str, bool); 2] = [("error", false), ("take", true)];

const POLICIES: [(&str, OversizePolicy); 3] = [
    ("error", OversizePolicy::Error),
    ("skip", OversizePolicy::Skip),
    ("truncate", OversizePolicy::Truncate),
];

/// The value's name in the table.
fn name<T: PartialEq>(table: &[(&'static str, T)], value: &T) -> &'static str {
    table.iter().find(|(_, other)| other == value).map_or("", |(name, _)| *name)
}

/// The value of this name in the table.
fn value<T: Clone>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone())
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use proptest::prelude::*;

    use super::*;
    use crate::Delimiter;

    fn codec() -> impl Strategy<Value = AnyCodec> {
        let bytes = || {
            let bytes = proptest::collection::vec(any::<u8>(), 1..=Delimiter::MAX_LEN);
            bytes.prop_map(|bytes| Delimiter::new(&bytes).unwrap())
        };
        let envelope = prop_oneof![
            proptest::sample::select(&ENVELOPES).prop_map(|(_, envelope)| envelope),
            (bytes(), bytes()).prop_map(|(start, end)| Envelope::Between { start, end }),
        ];
        let prefix = prop_oneof![
            Just(Prefix::VARINT),
            (1..=8u8).prop_map(|width| Prefix::big_endian(width).unwrap()),
            (1..=8u8).prop_map(|width| Prefix::little_endian(width).unwrap()),
        ];
        let prefix_of_header = prefix.clone();
        prop_oneof![
            bytes().prop_map(|bytes| AnyCodec::Delimiter(DelimiterCodec::new(bytes))),
            any::<u8>().prop_map(|byte| AnyCodec::Delimiter(DelimiterCodec::new(byte))),
            Just(AnyCodec::Eof(EofCodec::new())),
            any::<NonZeroUsize>().prop_map(|size| AnyCodec::Fixed(FixedCodec::new(size))),
            (prefix, prop_oneof![Just(0), any::<i64>()]).prop_map(|(prefix, adjustment)| {
                let mut codec = LengthCodec::new(prefix);
                codec.adjustment = adjustment;
                AnyCodec::Length(codec)
            }),
            (prefix_of_header, 1..=255_u8).prop_map(|(prefix, offset)| {
                AnyCodec::Header(LengthCodec::new(Header { offset, prefix }))
            }),
            proptest::sample::select(&DECIMALS)
                .prop_map(|(_, decimal)| AnyCodec::Decimal(LengthCodec::new(decimal))),
            envelope.prop_map(|envelope| AnyCodec::Envelope(EnvelopeCodec::new(envelope))),
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
        (codec(), size, policy, any::<bool>()).prop_map(|(mut codec, size, policy, last)| {
            if let Some(take_last) = codec.take_last() {
                *take_last = last;
            }
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
