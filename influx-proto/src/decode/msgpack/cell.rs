//! The cells of a row.

use super::marker::{Marker, Stop};
use crate::Time;
use crate::decode::batch::Token;

/// The type and the length of a time: seconds since 1970 and nanoseconds (measured on InfluxDB
/// 1.6.7, which floors the seconds before 1970).
const TIME: i8 = 5;
const TIME_LENGTH: u32 = 12;

/// Why a cell was not read.
#[derive(Clone, Copy, Debug)]
pub(super) enum CellStop {
    Stop(Stop),
    /// It is a text of more bytes than allowed, behind a marker of this many bytes.
    LongString(usize),
}

impl From<Stop> for CellStop {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// Reads a cell as servers mostly write it, whose bytes are all there, and appends its text.
/// Returns what is behind it.
#[expect(clippy::inline_always, reason = "a call would pass the cell through memory")]
#[inline(always)]
pub(super) fn read_fast<'a>(
    input: &'a [u8],
    texts: &mut Vec<u8>,
    max_string: usize,
) -> Option<(Token, &'a [u8])> {
    let (&first, rest) = input.split_first()?;
    let (length, rest) = match first {
        0xcb => {
            let (bytes, rest) = rest.split_first_chunk()?;
            return Some((Token::Float(f64::from_be_bytes(*bytes)), rest));
        }
        0xa0..=0xbf => (usize::from(first & 0x1f), rest),
        0xd9 => {
            let (&length, rest) = rest.split_first()?;
            (usize::from(length), rest)
        }
        0x00..=0x7f => return Some((Token::Int(i64::from(first)), rest)),
        0xd3 => {
            let (bytes, rest) = rest.split_first_chunk()?;
            return Some((Token::Int(i64::from_be_bytes(*bytes)), rest));
        }
        0xd2 => {
            let (bytes, rest) = rest.split_first_chunk()?;
            return Some((Token::Int(i64::from(i32::from_be_bytes(*bytes))), rest));
        }
        0xd1 => {
            let (bytes, rest) = rest.split_first_chunk()?;
            return Some((Token::Int(i64::from(i16::from_be_bytes(*bytes))), rest));
        }
        0xc0 => return Some((Token::Null, rest)),
        0xc7 => {
            let ([12, 5, content @ ..], rest) = rest.split_first_chunk::<14>()? else {
                return None;
            };
            return Some((Token::Time(time(*content).ok()?), rest));
        }
        _ => return None,
    };
    let (text, rest) = rest.split_at_checked(length)?;
    (length <= max_string).then(|| (append(texts, text), rest))
}

/// Reads any cell.
#[inline(never)]
pub(super) fn read<'a>(
    input: &'a [u8],
    texts: &mut Vec<u8>,
    max_string: usize,
) -> Result<(Token, &'a [u8]), CellStop> {
    let (marker, rest) = Marker::read(input)?;
    let header = input.len() - rest.len();
    Ok(match marker {
        Marker::Nil => (Token::Null, rest),
        Marker::Bool(value) => (Token::Bool(value), rest),
        Marker::Int(value) => (Token::Int(value), rest),
        Marker::UInt(value) => (Token::UInt(value), rest),
        Marker::Float(value) => (Token::Float(value), rest),
        Marker::Str(length) => {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            if length > max_string {
                return Err(CellStop::LongString(header));
            }
            let content = rest.split_at_checked(length);
            let (text, rest) = content.ok_or(Stop::More(header.saturating_add(length)))?;
            (append(texts, text), rest)
        }
        Marker::Ext(TIME, TIME_LENGTH) => {
            let content = rest.split_first_chunk::<12>();
            let (content, rest) = content.ok_or(Stop::More(header + 12))?;
            (Token::Time(time(*content)?), rest)
        }
        Marker::Ext(TIME, _) => return Err(wrong("a time that has not 12 bytes")),
        Marker::Ext(..) => return Err(wrong("a cell of an unknown type")),
        Marker::Bin(_) => return Err(wrong("a cell of raw bytes")),
        Marker::Array(_) | Marker::Map(_) => return Err(wrong("a list or map as a cell")),
    })
}

fn wrong(found: &'static str) -> CellStop {
    CellStop::Stop(Stop::Wrong(found))
}

fn time(content: [u8; 12]) -> Result<Time, Stop> {
    let (seconds, nanos) = content.split_at(8);
    let seconds = i64::from_be_bytes(seconds.try_into().unwrap_or_default());
    let nanos = i64::from(i32::from_be_bytes(nanos.try_into().unwrap_or_default()));
    if !(0..1_000_000_000).contains(&nanos) {
        return Err(Stop::Wrong("a time whose nanoseconds are not a part of a second"));
    }
    let time = i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    let time = i64::try_from(time).map_err(|_| Stop::Wrong("a time out of range"))?;
    Ok(Time::from_nanos(time))
}

#[inline]
fn append(texts: &mut Vec<u8>, text: &[u8]) -> Token {
    let start = texts.len();
    texts.extend_from_slice(text);
    Token::Unescaped { start, end: texts.len() }
}
