//! The grammar of a codec's description.

use thiserror::Error;

use super::{Framing, Kind, UNITS};
use crate::{Delimiter, InvalidCodec, OversizePolicy, Prefix};

/// A codec's description that is not understood.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("at byte {at} of the framing: {problem}")]
#[non_exhaustive]
pub struct SpecError {
    /// The place in the text, in bytes from 0.
    pub at: usize,
    /// The problem there.
    pub problem: SpecProblem,
}

/// A problem in a codec's description.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum SpecProblem {
    /// An option that does not go with the codec.
    #[error("this option does not go with this codec")]
    Conflict,
    /// A delimiter that is empty or too long.
    #[error(transparent)]
    Delimiter(#[from] InvalidCodec),
    /// An option given twice.
    #[error("this option is given twice")]
    Duplicate,
    /// A backslash before anything else than `r n t 0 \ " x`.
    #[error(r#"unknown escape; use \r \n \t \0 \\ \" or \x and two hexadecimal digits"#)]
    Escape,
    /// Hexadecimal text that is not pairs of digits.
    #[error("expected pairs of hexadecimal digits")]
    Hex,
    /// Text that is not a number, a number out of range, or an unknown unit.
    #[error("expected a number in range; a size may end in KiB, MiB or GiB")]
    Number,
    /// An unknown oversize policy.
    #[error("expected error, skip or truncate")]
    Policy,
    /// An unknown length prefix.
    #[error("expected u8, or u16 to u64 in steps of 8 followed by be or le")]
    Prefix,
    /// Something other than a comma or the end.
    #[error("expected a comma or the end")]
    Trailing,
    /// A quoted delimiter without its closing quote.
    #[error("the quote is not closed")]
    UnclosedQuote,
    /// An unknown codec or preset.
    #[error(
        "unknown codec; use delim:, line, nul, len:, varint, fixed:, eof, or a preset: datalogd, \
         riemann, telegraf, syslog"
    )]
    UnknownCodec,
    /// An unknown option.
    #[error("unknown option; use max=, over= or adjust=")]
    UnknownOption,
}

pub(super) fn framing(text: &str) -> Result<Framing, SpecError> {
    let mut cursor = Cursor { text, at: 0 };
    let mut framing = codec(&mut cursor)?;
    let mut given = Vec::new();
    while !cursor.rest().is_empty() {
        if !cursor.eat(",") {
            return cursor.fail(SpecProblem::Trailing);
        }
        let start = cursor.at;
        let name = option(&mut cursor, &mut framing)?;
        if given.contains(&name) {
            return Err(SpecError { at: start, problem: SpecProblem::Duplicate });
        }
        given.push(name);
    }
    Ok(framing)
}

fn codec(cursor: &mut Cursor<'_>) -> Result<Framing, SpecError> {
    if cursor.eat("delim:") {
        return Ok(Framing::new(Kind::Delimiter(delimiter(cursor)?)));
    }
    if cursor.eat("len:") {
        let prefix = cursor.word(SpecProblem::Prefix, prefix)?;
        return Ok(Framing::new(Kind::Length { prefix, adjustment: 0 }));
    }
    if cursor.eat("fixed:") {
        let size = cursor.word(SpecProblem::Number, |word| word.parse().ok())?;
        return Ok(Framing::new(Kind::Fixed(size)));
    }
    cursor.word(SpecProblem::UnknownCodec, |name| {
        Some(match name {
            "datalogd" => Framing::new(Kind::Delimiter(0x17.into())),
            "eof" => Framing::new(Kind::Eof),
            "line" | "syslog" | "telegraf" => Framing::new(Kind::Delimiter(b'\n'.into())),
            "nul" => Framing::new(Kind::Delimiter(0.into())),
            "riemann" => {
                let kind = Kind::Length { prefix: Prefix::U32_BE, adjustment: 0 };
                Framing { max_len: 16 << 20, ..Framing::new(kind) }
            }
            "varint" => Framing::new(Kind::Length { prefix: Prefix::VARINT, adjustment: 0 }),
            _ => return None,
        })
    })
}

/// Applies one option and returns its name.
fn option(cursor: &mut Cursor<'_>, framing: &mut Framing) -> Result<&'static str, SpecError> {
    let start = cursor.at;
    let names = ["max=", "over=", "adjust="];
    let Some(name) = names.into_iter().find(|name| cursor.eat(name)) else {
        return cursor.fail(SpecProblem::UnknownOption);
    };
    match (name, &mut framing.kind) {
        ("adjust=", Kind::Length { adjustment, .. }) => {
            *adjustment = cursor.word(SpecProblem::Number, |word| word.parse().ok())?;
        }
        ("adjust=", _) | (_, Kind::Fixed(_)) => {
            return Err(SpecError { at: start, problem: SpecProblem::Conflict });
        }
        ("max=", _) => framing.max_len = cursor.word(SpecProblem::Number, size)?,
        (_, _) => framing.oversize = cursor.word(SpecProblem::Policy, policy)?,
    }
    Ok(name)
}

fn delimiter(cursor: &mut Cursor<'_>) -> Result<Delimiter, SpecError> {
    let start = cursor.at;
    let bytes = if cursor.eat("\"") {
        quoted(cursor)?
    } else if cursor.eat("0x") {
        cursor.word(SpecProblem::Hex, hex)?
    } else {
        return cursor.fail(SpecProblem::Hex);
    };
    Delimiter::new(&bytes).map_err(|error| SpecError { at: start, problem: error.into() })
}

/// The bytes up to the closing quote.
fn quoted(cursor: &mut Cursor<'_>) -> Result<Vec<u8>, SpecError> {
    let mut bytes = Vec::new();
    loop {
        let start = cursor.at;
        match cursor.next() {
            None => return cursor.fail(SpecProblem::UnclosedQuote),
            Some('"') => return Ok(bytes),
            Some('\\') => {
                let byte = escape(cursor);
                bytes.push(byte.ok_or(SpecError { at: start, problem: SpecProblem::Escape })?);
            }
            Some(other) => bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// The byte that an escape stands for, behind its backslash.
fn escape(cursor: &mut Cursor<'_>) -> Option<u8> {
    Some(match cursor.next()? {
        'r' => b'\r',
        'n' => b'\n',
        't' => b'\t',
        '0' => 0,
        '\\' => b'\\',
        '"' => b'"',
        'x' => hex_pair(cursor.next()?, cursor.next()?)?,
        _ => return None,
    })
}

fn hex(word: &str) -> Option<Vec<u8>> {
    let mut digits = word.chars();
    let mut bytes = Vec::new();
    while let Some(high) = digits.next() {
        bytes.push(hex_pair(high, digits.next()?)?);
    }
    Some(bytes)
}

fn hex_pair(high: char, low: char) -> Option<u8> {
    u8::try_from(high.to_digit(16)? << 4 | low.to_digit(16)?).ok()
}

fn prefix(word: &str) -> Option<Prefix> {
    let all = (1..=8).flat_map(|width| [Prefix::big_endian(width), Prefix::little_endian(width)]);
    all.flatten().find(|prefix| prefix.to_string() == word)
}

fn size(word: &str) -> Option<usize> {
    let unit = UNITS.into_iter().find_map(|(name, unit)| Some((word.strip_suffix(name)?, unit)));
    let (digits, unit) = unit.unwrap_or((word, 1));
    digits.parse::<usize>().ok()?.checked_mul(unit)
}

fn policy(word: &str) -> Option<OversizePolicy> {
    match word {
        "error" => Some(OversizePolicy::Error),
        "skip" => Some(OversizePolicy::Skip),
        "truncate" => Some(OversizePolicy::Truncate),
        _ => None,
    }
}

/// The text and the place up to which it was read, always at a character's border.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl Cursor<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Reads up to the next comma; `None` from `read` is the given problem.
    fn word<T>(
        &mut self,
        problem: SpecProblem,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, SpecError> {
        let word = self.rest().split(',').next().unwrap_or_default();
        let value = read(word).ok_or(SpecError { at: self.at, problem })?;
        self.at += word.len();
        Ok(value)
    }

    fn fail<T>(&self, problem: SpecProblem) -> Result<T, SpecError> {
        Err(SpecError { at: self.at, problem })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `text` means the same as `canonical`, which is how it is displayed.
    fn check(text: &str, canonical: &str) {
        let framing: Framing = text.parse().unwrap();
        assert_eq!(framing.to_string(), canonical, "{text}");
        assert_eq!(canonical.parse(), Ok(framing), "{text}");
    }

    fn check_error(text: &str, at: usize, problem: SpecProblem) {
        assert_eq!(text.parse::<Framing>(), Err(SpecError { at, problem }), "{text}");
    }

    #[test]
    fn descriptions() {
        check("delim:0x17,max=1MiB", "delim:0x17");
        check(r#"delim:"\r\n",over=skip"#, "delim:0x0d0a,over=skip");
        check(r#"delim:",=\"\\\0\x17\t£""#, "delim:0x2c3d225c001709c2a3");
        check(r#"delim:"\n""#, "line");
        check("delim:0x00", "nul");
        check("line,over=truncate,max=65536", "line,max=64KiB,over=truncate");
        check("line,over=error", "line");
        check("len:u8", "len:u8");
        check("len:u32be,max=16KiB", "len:u32be,max=16KiB");
        check("len:u16le,adjust=-2", "len:u16le,adjust=-2");
        check("len:u56le,adjust=0,max=0", "len:u56le,max=0");
        check("varint,max=1025", "varint,max=1025");
        check("fixed:16", "fixed:16");
        check("eof,max=1GiB", "eof,max=1GiB");
        check("datalogd", "delim:0x17");
        check("riemann", "len:u32be,max=16MiB");
        check("riemann,max=1MiB", "len:u32be");
        check("telegraf", "line");
        check("syslog", "line");
    }

    #[test]
    fn errors_say_what_is_wrong_and_where() {
        check_error("", 0, SpecProblem::UnknownCodec);
        check_error("LINE", 0, SpecProblem::UnknownCodec);
        check_error("line ", 0, SpecProblem::UnknownCodec);
        check_error("len", 0, SpecProblem::UnknownCodec);
        check_error("delim:", 6, SpecProblem::Hex);
        check_error("delim:17", 6, SpecProblem::Hex);
        check_error("delim:0x1", 8, SpecProblem::Hex);
        check_error("delim:0x1g", 8, SpecProblem::Hex);
        let empty = SpecProblem::Delimiter(InvalidCodec::Delimiter { len: 0 });
        check_error("delim:0x", 6, empty);
        check_error("delim:\"\"", 6, empty);
        let long = SpecProblem::Delimiter(InvalidCodec::Delimiter { len: 65 });
        check_error(&format!("delim:0x{}", "17".repeat(65)), 6, long);
        check_error(r#"delim:"ab"#, 9, SpecProblem::UnclosedQuote);
        check_error(r#"delim:"a\q""#, 8, SpecProblem::Escape);
        check_error(r#"delim:"a\x1""#, 8, SpecProblem::Escape);
        check_error(r#"delim:"a\"#, 8, SpecProblem::Escape);
        check_error(r#"delim:"a"b"#, 9, SpecProblem::Trailing);
        check_error("len:u12be", 4, SpecProblem::Prefix);
        check_error("len:u32", 4, SpecProblem::Prefix);
        check_error("len:u72be", 4, SpecProblem::Prefix);
        check_error("fixed:0", 6, SpecProblem::Number);
        check_error("fixed:16,max=1", 9, SpecProblem::Conflict);
        check_error("line,adjust=2", 5, SpecProblem::Conflict);
        check_error("line,", 5, SpecProblem::UnknownOption);
        check_error("line,min=1", 5, SpecProblem::UnknownOption);
        check_error("line,max=1MB", 9, SpecProblem::Number);
        check_error("line,max=-1", 9, SpecProblem::Number);
        check_error("line,max=99999999999GiB", 9, SpecProblem::Number);
        check_error("line,over=drop", 10, SpecProblem::Policy);
        check_error("line,max=1,max=2", 11, SpecProblem::Duplicate);
        check_error("varint,adjust=1.5", 14, SpecProblem::Number);
        let error = "line,max=x".parse::<Framing>().unwrap_err();
        let text = "at byte 9 of the framing: expected a number in range; \
                    a size may end in KiB, MiB or GiB";
        assert_eq!(error.to_string(), text);
    }
}
