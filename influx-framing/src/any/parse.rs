//! The grammar of a codec's text.

use std::str::FromStr;

use thiserror::Error;

use super::{DECIMALS, ENVELOPES, LASTS, POLICIES, UNITS, value};
use crate::{
    AnyCodec, Delimiter, DelimiterCodec, Envelope, EnvelopeCodec, EofCodec, FixedCodec, Header,
    InvalidCodec, LengthCodec, Prefix,
};

/// A codec's text that is not understood.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("at byte {at} of the codec: {problem}")]
#[non_exhaustive]
pub struct ParseCodecError {
    /// The place in the text, in bytes from 0.
    pub at: usize,
    /// The problem there.
    pub problem: ParseProblem,
}

/// A problem in a codec's text.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ParseProblem {
    /// An option that does not go with the codec.
    #[error("this option does not go with this codec")]
    Conflict,
    /// A delimiter that is empty or too long.
    #[error(transparent)]
    Delimiter(#[from] InvalidCodec),
    /// An option given twice.
    #[error("this option is given twice")]
    Duplicate,
    /// Text that is not what is expected there.
    #[error("expected {0}")]
    Expected(&'static str),
    /// An unknown codec or preset.
    #[error(
        "unknown codec; use delim:, line, nul, eol, len:, varint, octet-count, netstring, \
         json-seq, slip, cobs, fixed:, eof, or a preset: crlf, datalogd, gelf, grpc, mllp, modbus, \
         mqtt, ndjson, postgres, protobuf, riemann, stx, syslog, telegraf"
    )]
    UnknownCodec,
    /// An unknown option.
    #[error("unknown option; use max=, over=, adjust=, at=, start= or last=")]
    UnknownOption,
}

const ESCAPE: ParseProblem =
    ParseProblem::Expected(r#"an escape: \r \n \t \0 \\ \" or \x and two hexadecimal digits"#);
const HEX: ParseProblem = ParseProblem::Expected("pairs of hexadecimal digits");
const NUMBER: ParseProblem =
    ParseProblem::Expected("a number in range; a size may end in KiB, MiB or GiB");
const LAST: ParseProblem = ParseProblem::Expected("take or error");
const POLICY: ParseProblem = ParseProblem::Expected("error, skip or truncate");
const PREFIX: ParseProblem =
    ParseProblem::Expected("u8, or u16 to u64 in steps of 8 followed by be or le");
const QUOTE: ParseProblem = ParseProblem::Expected("a closing quote");
const TRAILING: ParseProblem = ParseProblem::Expected("a comma or the end");

/// Names that stand for a longer text.
const PRESETS: [(&str, &str); 16] = [
    ("crlf", "delim:0x0d0a"),
    ("datalogd", "delim:0x17"),
    ("gelf", "delim:0x00"),
    ("grpc", "len:u32be,at=1"),
    ("line", "delim:0x0a"),
    ("mllp", "delim:0x1c0d,start=0x0b"),
    ("modbus", "len:u16be,at=4"),
    ("mqtt", "varint,at=1"),
    ("ndjson", "eol,last=take"),
    ("nul", "delim:0x00"),
    ("postgres", "len:u32be,at=1,adjust=-4"),
    ("protobuf", "varint"),
    ("riemann", "len:u32be,max=16MiB"),
    ("stx", "delim:0x03,start=0x02"),
    ("syslog", "delim:0x0a"),
    ("telegraf", "delim:0x0a"),
];

impl FromStr for AnyCodec {
    type Err = ParseCodecError;

    fn from_str(text: &str) -> Result<Self, ParseCodecError> {
        let mut cursor = Cursor { text, at: 0 };
        let mut codec = codec(&mut cursor)?;
        let mut given = Vec::new();
        while !cursor.rest().is_empty() {
            if !cursor.eat(",") {
                return Err(cursor.problem(TRAILING));
            }
            let start = cursor.at;
            let name = option(&mut cursor, &mut codec)?;
            if given.contains(&name) {
                return Err(ParseCodecError { at: start, problem: ParseProblem::Duplicate });
            }
            given.push(name);
        }
        Ok(codec)
    }
}

fn codec(cursor: &mut Cursor<'_>) -> Result<AnyCodec, ParseCodecError> {
    Ok(if cursor.eat("delim:") {
        AnyCodec::Delimiter(DelimiterCodec::new(cursor.delimiter()?))
    } else if cursor.eat("len:") {
        AnyCodec::Length(LengthCodec::new(cursor.word(PREFIX, prefix)?))
    } else if cursor.eat("fixed:") {
        AnyCodec::Fixed(FixedCodec::new(cursor.word(NUMBER, |word| word.parse().ok())?))
    } else {
        cursor.word(ParseProblem::UnknownCodec, |word| match word {
            "eof" => Some(AnyCodec::Eof(EofCodec::new())),
            "varint" => Some(AnyCodec::Length(LengthCodec::new(Prefix::VARINT))),
            _ => value(&PRESETS, word)
                .and_then(|text| text.parse().ok())
                .or_else(|| Some(AnyCodec::Decimal(LengthCodec::new(value(&DECIMALS, word)?))))
                .or_else(|| Some(AnyCodec::Envelope(EnvelopeCodec::new(value(&ENVELOPES, word)?)))),
        })?
    })
}

/// Applies one option and returns its name.
fn option(cursor: &mut Cursor<'_>, codec: &mut AnyCodec) -> Result<&'static str, ParseCodecError> {
    let start = cursor.at;
    let names = ["max=", "over=", "adjust=", "at=", "start=", "last="];
    let Some(name) = names.into_iter().find(|name| cursor.eat(name)) else {
        return Err(cursor.problem(ParseProblem::UnknownOption));
    };
    let conflict = ParseCodecError { at: start, problem: ParseProblem::Conflict };
    match name {
        "max=" => *codec.limits().ok_or(conflict)?.0 = cursor.word(NUMBER, size)?,
        "over=" => {
            let oversize = codec.limits().ok_or(conflict)?.1;
            *oversize = cursor.word(POLICY, |word| value(&POLICIES, word))?;
        }
        "adjust=" => {
            let adjustment = codec.adjustment().ok_or(conflict)?;
            *adjustment = cursor.word(NUMBER, |word| word.parse().ok())?;
        }
        "last=" => {
            let take_last = codec.take_last().ok_or(conflict)?;
            *take_last = cursor.word(LAST, |word| value(&LASTS, word))?;
        }
        "at=" => {
            let AnyCodec::Length(length) = codec else { return Err(conflict) };
            let offset = cursor.word(NUMBER, |word| word.parse().ok())?;
            if offset > 0 {
                let mut header = LengthCodec::new(Header { offset, prefix: length.prefix });
                header.adjustment = length.adjustment;
                (header.max_len, header.oversize) = (length.max_len, length.oversize);
                *codec = AnyCodec::Header(header);
            }
        }
        _ => {
            let AnyCodec::Delimiter(frames) = codec else { return Err(conflict) };
            if frames.take_last {
                return Err(conflict);
            }
            let (start, end) = (cursor.delimiter()?, frames.delimiter.clone());
            let mut envelope = EnvelopeCodec::new(Envelope::Between { start, end });
            (envelope.max_len, envelope.oversize) = (frames.max_len, frames.oversize);
            *codec = AnyCodec::Envelope(envelope);
        }
    }
    Ok(name)
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
        self.at += if found { token.len() } else { 0 };
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
        problem: ParseProblem,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ParseCodecError> {
        let word = self.rest().split(',').next().unwrap_or_default();
        let value = read(word).ok_or_else(|| self.problem(problem))?;
        self.at += word.len();
        Ok(value)
    }

    fn delimiter(&mut self) -> Result<Delimiter, ParseCodecError> {
        let start = self.at;
        let bytes = if self.eat("\"") {
            self.quoted()?
        } else if self.eat("0x") {
            let digits = |word: &str| word.chars().collect::<Vec<_>>();
            let pair = |pair: &[char]| hex_pair(*pair.first()?, *pair.get(1)?);
            self.word(HEX, |word| digits(word).chunks(2).map(pair).collect::<Option<Vec<_>>>())?
        } else {
            return Err(self.problem(HEX));
        };
        Delimiter::new(&bytes).map_err(|error| ParseCodecError { at: start, problem: error.into() })
    }

    /// The bytes up to the closing quote.
    fn quoted(&mut self) -> Result<Vec<u8>, ParseCodecError> {
        let mut bytes = Vec::new();
        loop {
            let start = self.at;
            match self.next() {
                None => return Err(self.problem(QUOTE)),
                Some('"') => return Ok(bytes),
                Some('\\') => {
                    let byte = self.escape();
                    bytes.push(byte.ok_or(ParseCodecError { at: start, problem: ESCAPE })?);
                }
                Some(other) => bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }

    /// The byte that an escape stands for, behind its backslash.
    fn escape(&mut self) -> Option<u8> {
        match self.next()? {
            'r' => Some(b'\r'),
            'n' => Some(b'\n'),
            't' => Some(b'\t'),
            '0' => Some(0),
            '\\' => Some(b'\\'),
            '"' => Some(b'"'),
            'x' => hex_pair(self.next()?, self.next()?),
            _ => None,
        }
    }

    fn problem(&self, problem: ParseProblem) -> ParseCodecError {
        ParseCodecError { at: self.at, problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `text` means the same as `canonical`, which is how it is displayed.
    fn check(text: &str, canonical: &str) {
        let codec: AnyCodec = text.parse().unwrap();
        assert_eq!(codec.to_string(), canonical, "{text}");
        let again: AnyCodec = canonical.parse().unwrap();
        assert_eq!(format!("{again:?}"), format!("{codec:?}"), "{text}");
    }

    fn check_error(text: &str, at: usize, problem: ParseProblem) {
        let error = text.parse::<AnyCodec>().unwrap_err();
        assert_eq!(error, ParseCodecError { at, problem }, "{text}");
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
        check("crlf", "delim:0x0d0a");
        check("gelf", "nul");
        check("grpc", "len:u32be,at=1");
        check("mllp,over=skip", "delim:0x1c0d,start=0x0b,over=skip");
        check("modbus", "len:u16be,at=4");
        check("mqtt", "varint,at=1");
        check("ndjson", "eol,last=take");
        check("ndjson,last=error", "eol");
        check("nul,last=take,max=1KiB", "nul,last=take,max=1KiB");
        check("postgres", "len:u32be,at=1,adjust=-4");
        check(
            "len:u32be,max=1KiB,adjust=-4,over=skip,at=255",
            "len:u32be,at=255,adjust=-4,max=1KiB,over=skip",
        );
        check("len:u8,at=0", "len:u8");
        check("protobuf", "varint");
        check("stx,max=8", "delim:0x03,start=0x02,max=8");
        check(r#"line,start="a""#, "line,start=0x61");
        check("line,max=8,over=skip,start=0x02", "line,start=0x02,max=8,over=skip");
        check("octet-count,adjust=-1", "octet-count,adjust=-1");
        for same in ["octet-count", "netstring", "eol", "json-seq", "slip", "cobs"] {
            check(same, same);
        }
    }

    #[test]
    fn errors_say_what_is_wrong_and_where() {
        check_error("", 0, ParseProblem::UnknownCodec);
        check_error("LINE", 0, ParseProblem::UnknownCodec);
        check_error("line ", 0, ParseProblem::UnknownCodec);
        check_error("len", 0, ParseProblem::UnknownCodec);
        check_error("delim:", 6, HEX);
        check_error("delim:17", 6, HEX);
        check_error("delim:0x1", 8, HEX);
        check_error("delim:0x1g", 8, HEX);
        let empty = ParseProblem::Delimiter(InvalidCodec::Delimiter { len: 0 });
        check_error("delim:0x", 6, empty);
        check_error("delim:\"\"", 6, empty);
        let long = ParseProblem::Delimiter(InvalidCodec::Delimiter { len: 65 });
        check_error(&format!("delim:0x{}", "17".repeat(65)), 6, long);
        check_error(r#"delim:"ab"#, 9, QUOTE);
        check_error(r#"delim:"a\q""#, 8, ESCAPE);
        check_error(r#"delim:"a\x1""#, 8, ESCAPE);
        check_error(r#"delim:"a\"#, 8, ESCAPE);
        check_error(r#"delim:"a"b"#, 9, TRAILING);
        check_error("len:u12be", 4, PREFIX);
        check_error("len:u32", 4, PREFIX);
        check_error("len:u72be", 4, PREFIX);
        check_error("fixed:0", 6, NUMBER);
        check_error("fixed:16,max=1", 9, ParseProblem::Conflict);
        check_error("line,adjust=2", 5, ParseProblem::Conflict);
        check_error("line,", 5, ParseProblem::UnknownOption);
        check_error("line,min=1", 5, ParseProblem::UnknownOption);
        check_error("line,max=1MB", 9, NUMBER);
        check_error("line,max=-1", 9, NUMBER);
        check_error("line,max=99999999999GiB", 9, NUMBER);
        check_error("line,over=drop", 10, POLICY);
        check_error("line,max=1,max=2", 11, ParseProblem::Duplicate);
        check_error("varint,adjust=1.5", 14, NUMBER);
        check_error("varint,at=256", 10, NUMBER);
        check_error("line,at=1", 5, ParseProblem::Conflict);
        check_error("mqtt,at=1", 5, ParseProblem::Conflict);
        check_error("netstring,at=1", 10, ParseProblem::Conflict);
        check_error("eol,adjust=1", 4, ParseProblem::Conflict);
        check_error("eof,last=take", 4, ParseProblem::Conflict);
        check_error("slip,last=take", 5, ParseProblem::Conflict);
        check_error("stx,last=take", 4, ParseProblem::Conflict);
        check_error("line,last=take,start=0x02", 15, ParseProblem::Conflict);
        check_error("eol,start=0x02", 4, ParseProblem::Conflict);
        check_error(
            "line,start=0x",
            11,
            ParseProblem::Delimiter(InvalidCodec::Delimiter { len: 0 }),
        );
        check_error("line,last=keep", 10, LAST);
        let error = "line,max=x".parse::<AnyCodec>().unwrap_err();
        let text = "at byte 9 of the codec: expected a number in range; \
                    a size may end in KiB, MiB or GiB";
        assert_eq!(error.to_string(), text);
    }
}
