//! One cell of a row as it was read.

use crate::json::number::{self, Number};
use crate::json::stop::Stop;
use crate::json::string::{self, Text};

/// One cell of a row. Texts are given by their place, so that a token borrows nothing.
#[derive(Clone, Copy, Debug)]
pub(super) enum Token {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    /// A text as it is in the row.
    Plain {
        start: usize,
        end: usize,
    },
    /// A place in [`Texts::unescaped`].
    Unescaped {
        start: usize,
        end: usize,
    },
}

/// What the texts of a row need besides the row.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    /// Those that have escapes, without them.
    pub(super) unescaped: String,
    /// How many bytes one may have.
    pub(super) max_len: usize,
}

impl Token {
    /// Reads the cell that `rest`, the end of `row`, begins with. Returns what follows.
    #[inline(never)]
    pub(super) fn read<'a>(
        &mut self,
        row: &[u8],
        rest: &'a [u8],
        texts: &mut Texts,
    ) -> Result<&'a [u8], Stop> {
        let (token, after) = match rest {
            [b'"', body @ ..] => return self.read_text(row, body, texts),
            [b'-' | b'0'..=b'9', ..] => {
                let (number, after) = number::any(rest)?;
                (number.into(), after)
            }
            [b'n', ..] => (Self::Null, literal(rest, b"null")?),
            [b't', ..] => (Self::Bool(true), literal(rest, b"true")?),
            [b'f', ..] => (Self::Bool(false), literal(rest, b"false")?),
            _ => return Err(Stop::at(rest, NO_CELL)),
        };
        *self = token;
        Ok(after)
    }

    /// Reads the text that `body` begins with.
    #[inline]
    fn read_text<'a>(
        &mut self,
        row: &[u8],
        body: &'a [u8],
        texts: &mut Texts,
    ) -> Result<&'a [u8], Stop> {
        let before = texts.unescaped.len();
        let (text, after) = string::read(body, &mut texts.unescaped)?;
        let length = match text {
            Text::Plain(length) => {
                let start = row.len() - body.len();
                *self = Self::Plain { start, end: start + length };
                length
            }
            Text::Unescaped => {
                let end = texts.unescaped.len();
                *self = Self::Unescaped { start: before, end };
                end - before
            }
        };
        if length > texts.max_len {
            return Err(Stop::LongString { left: body.len() + 1 });
        }
        Ok(after)
    }
}

/// What follows the literal that `rest` begins with.
fn literal<'a>(rest: &'a [u8], name: &[u8]) -> Result<&'a [u8], Stop> {
    if let Some(after) = rest.strip_prefix(name) {
        return Ok(after);
    }
    let equal = rest.iter().zip(name).take_while(|(found, wanted)| found == wanted).count();
    Err(Stop::at(rest.get(equal..).unwrap_or_default(), NO_CELL))
}

const NO_CELL: &str = "expected a null, boolean, number or string";

impl From<Number> for Token {
    #[inline]
    fn from(number: Number) -> Self {
        match number {
            Number::Int(value) => Self::Int(value),
            Number::UInt(value) => Self::UInt(value),
            Number::Float(value) => Self::Float(value),
        }
    }
}
