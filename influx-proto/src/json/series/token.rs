//! One cell of a row as it was read.

use std::str;

use crate::Cell;
use crate::json::number::{self, Number};
use crate::json::stop::Stop;
use crate::json::string::{self, Text};
use crate::row::Cells;

/// One cell of a row. Texts are given by their place, so that a token borrows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Token {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    /// A place in the row.
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
    /// Reads the cell that `rest`, the end of `row`, begins with. Returns it and what follows.
    #[expect(clippy::inline_always, reason = "a call would return all of it through memory")]
    #[inline(always)]
    pub(super) fn read<'a>(
        row: &[u8],
        rest: &'a [u8],
        texts: &mut Texts,
    ) -> Result<(Self, &'a [u8]), Stop> {
        match rest {
            [b'"', body @ ..] => {
                let before = texts.unescaped.len();
                let (text, after) = string::read(body, &mut texts.unescaped)?;
                let (length, token) = match text {
                    Text::Plain(length) => {
                        let start = row.len() - body.len();
                        (length, Self::Plain { start, end: start + length })
                    }
                    Text::Unescaped => {
                        let end = texts.unescaped.len();
                        (end - before, Self::Unescaped { start: before, end })
                    }
                };
                if length > texts.max_len {
                    return Err(Stop::LongString { left: rest.len() });
                }
                Ok((token, after))
            }
            [b'-' | b'0'..=b'9', ..] => {
                let (number, after) = number::read(rest)?;
                Ok((Self::Number(number), after))
            }
            [b'n', ..] => literal(rest, b"null", Self::Null),
            [b't', ..] => literal(rest, b"true", Self::Bool(true)),
            [b'f', ..] => literal(rest, b"false", Self::Bool(false)),
            _ => Err(Stop::at(rest, "expected a null, boolean, number or string")),
        }
    }
}

#[inline(never)]
fn literal<'a>(rest: &'a [u8], name: &[u8], token: Token) -> Result<(Token, &'a [u8]), Stop> {
    if let Some(after) = rest.strip_prefix(name) {
        return Ok((token, after));
    }
    let equal = rest.iter().zip(name).take_while(|(found, wanted)| found == wanted).count();
    Err(Stop::at(
        rest.get(equal..).unwrap_or_default(),
        "expected a null, boolean, number or string",
    ))
}

/// The cells of a row that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct TokenCells<'a> {
    pub(super) tokens: &'a [Token],
    pub(super) row: &'a [u8],
    pub(super) unescaped: &'a str,
}

impl<'a> TokenCells<'a> {
    #[inline]
    pub(super) fn iter(self) -> impl ExactSizeIterator<Item = Cell<'a>> {
        self.tokens.iter().map(move |token| self.cell_of(*token))
    }

    #[inline]
    fn cell_of(self, token: Token) -> Cell<'a> {
        match token {
            Token::Null => Cell::Null,
            Token::Bool(value) => Cell::Bool(value),
            Token::Number(Number::Int(value)) => Cell::Int(value),
            Token::Number(Number::UInt(value)) => Cell::UInt(value),
            Token::Number(Number::Float(value)) => Cell::Float(value),
            Token::Plain { start, end } => {
                // It was valid when it was read.
                let text = self.row.get(start..end).unwrap_or_default();
                Cell::Str(str::from_utf8(text).unwrap_or_default())
            }
            Token::Unescaped { start, end } => {
                Cell::Str(self.unescaped.get(start..end).unwrap_or_default())
            }
        }
    }
}

impl<'a> Cells<'a> for TokenCells<'a> {
    #[inline]
    fn len(self) -> usize {
        self.tokens.len()
    }

    #[inline]
    fn cell(self, index: usize) -> Cell<'a> {
        self.tokens.get(index).map(|token| self.cell_of(*token)).unwrap_or_default()
    }
}
