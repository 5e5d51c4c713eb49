//! The first bytes of a value, and where a value ends.
//!
//! Source: the MessagePack specification, <https://github.com/msgpack/msgpack/blob/master/spec.md>.

/// The first bytes of a value: all of a number, the length of everything else.
#[derive(Clone, Copy, Debug)]
pub(super) enum Marker {
    Nil,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    /// A text of this many bytes, which need not be UTF-8.
    Str(u32),
    Bin(u32),
    /// Bytes of a type of the application.
    Ext(i8, u32),
    /// The number of elements.
    Array(u32),
    /// The number of pairs.
    Map(u32),
}

/// Why a value was not read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stop {
    /// At least this many bytes are needed, counted from where reading began.
    More(usize),
    Wrong(&'static str),
}

impl Stop {
    /// The same, counted from `bytes` before.
    pub(super) fn behind(self, bytes: usize) -> Self {
        match self {
            Self::More(count) => Self::More(count.saturating_add(bytes)),
            Self::Wrong(message) => Self::Wrong(message),
        }
    }
}

impl Marker {
    /// Reads the marker that `input` begins with. Returns what is behind it.
    pub(super) fn read(input: &[u8]) -> Result<(Self, &[u8]), Stop> {
        let (&first, rest) = input.split_first().ok_or(Stop::More(1))?;
        let small = u32::from(first);
        Ok(match first {
            0x00..=0x7f => (Self::Int(i64::from(first)), rest),
            0x80..=0x8f => (Self::Map(small & 0x0f), rest),
            0x90..=0x9f => (Self::Array(small & 0x0f), rest),
            0xa0..=0xbf => (Self::Str(small & 0x1f), rest),
            0xc0 => (Self::Nil, rest),
            0xc1 => return Err(Stop::Wrong("the byte 0xc1, which begins no value")),
            0xc2 => (Self::Bool(false), rest),
            0xc3 => (Self::Bool(true), rest),
            0xc4 => with(rest, |[length]| Self::Bin(u32::from(length)))?,
            0xc5 => with(rest, |bytes| Self::Bin(u32::from(u16::from_be_bytes(bytes))))?,
            0xc6 => with(rest, |bytes| Self::Bin(u32::from_be_bytes(bytes)))?,
            0xc7 => with(rest, |[length, kind]| Self::Ext(signed(kind), u32::from(length)))?,
            0xc8 => with(rest, |[a, b, kind]| {
                Self::Ext(signed(kind), u32::from(u16::from_be_bytes([a, b])))
            })?,
            0xc9 => with(rest, |[a, b, c, d, kind]| {
                Self::Ext(signed(kind), u32::from_be_bytes([a, b, c, d]))
            })?,
            0xca => with(rest, |bytes| Self::Float(f64::from(f32::from_be_bytes(bytes))))?,
            0xcb => with(rest, |bytes| Self::Float(f64::from_be_bytes(bytes)))?,
            0xcc => with(rest, |[value]| Self::Int(i64::from(value)))?,
            0xcd => with(rest, |bytes| Self::Int(i64::from(u16::from_be_bytes(bytes))))?,
            0xce => with(rest, |bytes| Self::Int(i64::from(u32::from_be_bytes(bytes))))?,
            0xcf => with(rest, |bytes| {
                let value = u64::from_be_bytes(bytes);
                i64::try_from(value).map_or(Self::UInt(value), Self::Int)
            })?,
            0xd0 => with(rest, |bytes| Self::Int(i64::from(i8::from_be_bytes(bytes))))?,
            0xd1 => with(rest, |bytes| Self::Int(i64::from(i16::from_be_bytes(bytes))))?,
            0xd2 => with(rest, |bytes| Self::Int(i64::from(i32::from_be_bytes(bytes))))?,
            0xd3 => with(rest, |bytes| Self::Int(i64::from_be_bytes(bytes)))?,
            0xd4..=0xd8 => with(rest, |[kind]| Self::Ext(signed(kind), 1 << (small - 0xd4)))?,
            0xd9 => with(rest, |[length]| Self::Str(u32::from(length)))?,
            0xda => with(rest, |bytes| Self::Str(u32::from(u16::from_be_bytes(bytes))))?,
            0xdb => with(rest, |bytes| Self::Str(u32::from_be_bytes(bytes)))?,
            0xdc => with(rest, |bytes| Self::Array(u32::from(u16::from_be_bytes(bytes))))?,
            0xdd => with(rest, |bytes| Self::Array(u32::from_be_bytes(bytes)))?,
            0xde => with(rest, |bytes| Self::Map(u32::from(u16::from_be_bytes(bytes))))?,
            0xdf => with(rest, |bytes| Self::Map(u32::from_be_bytes(bytes)))?,
            0xe0..=0xff => (Self::Int(i64::from(signed(first))), rest),
        })
    }

    /// The bytes behind the marker that belong to the value itself.
    fn content(self) -> usize {
        match self {
            Self::Str(length) | Self::Bin(length) | Self::Ext(_, length) => {
                usize::try_from(length).unwrap_or(usize::MAX)
            }
            _ => 0,
        }
    }

    /// The number of values inside of the value.
    fn children(self) -> u64 {
        match self {
            Self::Array(count) => u64::from(count),
            Self::Map(count) => 2 * u64::from(count),
            _ => 0,
        }
    }
}

/// A marker of `N` more bytes.
#[inline]
fn with<const N: usize>(
    rest: &[u8],
    read: impl FnOnce([u8; N]) -> Marker,
) -> Result<(Marker, &[u8]), Stop> {
    let (bytes, rest) = rest.split_first_chunk().ok_or(Stop::More(1 + N))?;
    Ok((read(*bytes), rest))
}

fn signed(byte: u8) -> i8 {
    i8::from_be_bytes([byte])
}

/// Looks for the end of a value that arrives in pieces. The bytes are looked at once, and nesting
/// costs nothing: the values that are still to come are only counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure {
    /// The bytes of the value that are known, more than have arrived inside of a text.
    seen: usize,
    /// The values that are still to come.
    left: u64,
}

impl Default for Measure {
    fn default() -> Self {
        Self { seen: 0, left: 1 }
    }
}

/// A value that is too large: all of it, or a text in it that begins this many bytes behind its start.
pub(super) enum Excess {
    Value,
    String(usize),
}

impl Measure {
    /// The length of the value that `input` begins with. After [`Stop::More`], the same value must
    /// be given again with more behind it.
    pub(super) fn scan(
        &mut self,
        input: &[u8],
        limit: usize,
        max_string: usize,
    ) -> Result<Result<usize, Excess>, Stop> {
        while self.left > 0 && self.seen < limit {
            let rest = input.get(self.seen..).unwrap_or_default();
            let (marker, behind) = match Marker::read(rest) {
                Ok(read) => read,
                Err(Stop::More(count)) if self.seen.saturating_add(count) > limit => {
                    return Ok(Err(Excess::Value));
                }
                Err(stop) => return Err(stop.behind(self.seen)),
            };
            let header = rest.len() - behind.len();
            // As it is if the marker is cut.
            if self.seen.saturating_add(header) > limit {
                return Ok(Err(Excess::Value));
            }
            if matches!(marker, Marker::Str(_)) && marker.content() > max_string {
                return Ok(Err(Excess::String(self.seen)));
            }
            self.seen = self.seen.saturating_add(header).saturating_add(marker.content());
            self.left = (self.left - 1).saturating_add(marker.children());
        }
        if self.left > 0 || self.seen > limit {
            return Ok(Err(Excess::Value));
        }
        if self.seen > input.len() {
            return Err(Stop::More(self.seen));
        }
        let length = self.seen;
        *self = Self::default();
        Ok(Ok(length))
    }
}
