//! The cells of a row that was read.

use super::buffer::TextBuffer;
use super::reader::RowReader;
use super::token::Token;
use crate::Cell;
use crate::row::Cells;

/// The cells of the row that a reader read last.
///
/// Two references, which travel in registers. What is larger is copied through memory from call to
/// call, too soon after it was written: that made reading a struct slower by a fifth.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowCells<'a> {
    pub(super) reader: &'a RowReader,
    pub(super) source: &'a TextBuffer,
}

impl<'a> RowCells<'a> {
    #[inline]
    pub(super) fn iter(self) -> impl ExactSizeIterator<Item = Cell<'a>> {
        self.reader.tokens().iter().map(move |token| self.cell_of(*token))
    }

    #[inline]
    fn cell_of(self, token: Token) -> Cell<'a> {
        match token {
            Token::Plain { start, end } => {
                let row = self.reader.start();
                Cell::Str(self.source.consumed(row + start..row + end))
            }
            Token::Unescaped { start, end } => Cell::Str(self.reader.unescaped(start..end)),
            Token::Null => Cell::Null,
            Token::Bool(value) => Cell::Bool(value),
            Token::Int(value) => Cell::Int(value),
            Token::UInt(value) => Cell::UInt(value),
            Token::Float(value) => Cell::Float(value),
        }
    }
}

impl<'a> Cells<'a> for RowCells<'a> {
    #[inline]
    fn len(self) -> usize {
        self.reader.width()
    }

    #[inline]
    fn cell(self, index: usize) -> Cell<'a> {
        self.reader.token(index).map(|token| self.cell_of(*token)).unwrap_or_default()
    }

    #[inline]
    fn int(self, index: usize) -> Option<i64> {
        match self.reader.token(index) {
            Some(Token::Int(value)) => Some(*value),
            _ => None,
        }
    }

    #[inline]
    fn float(self, index: usize) -> Option<f64> {
        match self.reader.token(index) {
            Some(Token::Float(value)) => Some(*value),
            _ => None,
        }
    }
}
