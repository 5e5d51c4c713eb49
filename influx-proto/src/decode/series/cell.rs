//! One cell of a row of JSON.

use crate::decode::batch::{Texts, Token};
use crate::text::Stop;
use crate::text::number::{self, Number};
use crate::text::string::{self, Text};

/// Reads the cell that `rest`, the end of `row`, begins with. Returns the rest.
#[inline(never)]
pub(super) fn read<'a>(
    slot: &mut Token,
    row: &[u8],
    rest: &'a [u8],
    texts: &mut Texts,
) -> Result<&'a [u8], Stop> {
    let (token, after) = match rest {
        [b'"', body @ ..] => read_text(row, body, texts)?,
        [b'-' | b'0'..=b'9', ..] => match number::any(rest)? {
            (Number::Int(value), after) => (Token::Int(value), after),
            (Number::UInt(value), after) => (Token::UInt(value), after),
            (Number::Float(value), after) => (Token::Float(value), after),
        },
        [b'n', ..] => (Token::Null, literal(rest, b"null")?),
        [b't', ..] => (Token::Bool(true), literal(rest, b"true")?),
        [b'f', ..] => (Token::Bool(false), literal(rest, b"false")?),
        _ => return Err(Stop::at(rest, NO_CELL)),
    };
    *slot = token;
    Ok(after)
}

/// Reads the text that `body` begins with.
fn read_text<'a>(row: &[u8], body: &'a [u8], texts: &mut Texts) -> Result<(Token, &'a [u8]), Stop> {
    let before = texts.unescaped.len();
    let (text, after) = string::read(body, &mut texts.unescaped)?;
    let (token, length) = match text {
        Text::Plain(length) => {
            let start = row.len() - body.len();
            (Token::Plain { start, end: start + length }, length)
        }
        Text::Unescaped => {
            let end = texts.unescaped.len();
            (Token::Unescaped { start: before, end }, end - before)
        }
    };
    if length > texts.max_len {
        return Err(Stop::LongString { left: body.len() + 1 });
    }
    Ok((token, after))
}

/// Reads the literal that `rest` begins with. Returns the rest.
fn literal<'a>(rest: &'a [u8], name: &[u8]) -> Result<&'a [u8], Stop> {
    if let Some(after) = rest.strip_prefix(name) {
        return Ok(after);
    }
    let equal = rest.iter().zip(name).take_while(|(found, wanted)| found == wanted).count();
    Err(Stop::at(rest.get(equal..).unwrap_or_default(), NO_CELL))
}

const NO_CELL: &str = "expected a null, boolean, number or string";
