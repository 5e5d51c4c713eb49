//! One row, lent by the decoder.

use std::collections::BTreeMap;

use serde::de::Deserialize;

use super::batch::{Batch, Token};
use super::text_buffer::TextBuffer;
use crate::row::{Cells, Plan};
use crate::{Cell, RowError};

/// Everything about a series but its rows.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SeriesHead {
    pub(super) name: String,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) columns: Vec<String>,
    pub(super) statement_id: Option<u64>,
}

impl SeriesHead {
    /// The name, empty if there is none.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tags that the query grouped by.
    pub fn tags(&self) -> &BTreeMap<String, String> {
        &self.tags
    }

    /// The names of the columns, in the order of the cells. A server may repeat a name.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The number of the statement that the series answers, from 0.
    /// `None` if the server did not say so before the rows.
    pub fn statement_id(&self) -> Option<u64> {
        self.statement_id
    }
}

/// One row of a series, which has as many cells as the series has columns.
#[derive(Debug)]
pub struct Row<'a> {
    pub(super) head: &'a SeriesHead,
    pub(super) cells: RowCells<'a>,
    pub(super) plan: &'a mut Plan,
}

impl<'a> Row<'a> {
    /// The names of the columns.
    pub fn columns(&self) -> &'a [String] {
        self.head.columns()
    }

    /// The cells, in the order of the columns. A [`ColumnBatch`](crate::ColumnBatch) makes arrays
    /// of them.
    ///
    /// A number in a time column that no [`Time`](crate::Time) can hold stays a number.
    #[inline]
    pub fn cells(&self) -> impl ExactSizeIterator<Item = Cell<'a>> + use<'a> {
        self.cells.iter()
    }

    /// The row as a Rust value: a struct or map by column name, a tuple or sequence by position.
    /// See [`from_row`](crate::from_row) for what fits what. Texts may be borrowed, with or
    /// without escapes.
    ///
    /// The place of a struct's fields is found once for all rows with the same columns.
    ///
    /// # Errors
    ///
    /// [`RowError`] with the column whose cell does not fit or whose time is out of range, or
    /// without one if the number of cells is wrong. The decoder continues with the next row.
    #[expect(clippy::inline_always, reason = "a call would pass the row through memory")]
    #[inline(always)]
    pub fn deserialize<T: Deserialize<'a>>(self) -> Result<T, RowError> {
        self.cells.batch.check_time()?;
        self.plan.read(self.head.columns(), self.cells)
    }
}

/// The cells of the row of a batch that was handed out last.
///
/// Two references, which travel in registers. A larger value is copied through memory from call to
/// call, too soon after it was written: that made reading a struct slower by a fifth.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowCells<'a> {
    pub(super) batch: &'a Batch,
    pub(super) source: &'a TextBuffer,
}

impl<'a> RowCells<'a> {
    #[inline]
    pub(super) fn iter(self) -> impl ExactSizeIterator<Item = Cell<'a>> {
        self.batch.row().iter().map(move |token| self.cell_of(*token))
    }

    /// A text as it is in the row.
    #[inline]
    fn plain(self, start: usize, end: usize) -> &'a str {
        let row = self.batch.start();
        self.source.consumed(row + start..row + end)
    }

    #[inline]
    fn cell_of(self, token: Token) -> Cell<'a> {
        match token {
            Token::Null => Cell::Null,
            Token::Bool(value) => Cell::Bool(value),
            Token::Int(value) => Cell::Int(value),
            Token::UInt(value) => Cell::UInt(value),
            Token::Float(value) => Cell::Float(value),
            Token::Time(time) => Cell::Time(time),
            Token::Plain { start, end } => Cell::Str(self.plain(start, end)),
            Token::Unescaped { start, end } => Cell::Str(self.batch.unescaped(start..end)),
        }
    }
}

impl<'a> Cells<'a> for RowCells<'a> {
    type Token = Token;

    #[inline]
    fn tokens(self) -> &'a [Token] {
        self.batch.row()
    }

    #[inline]
    fn cell(self, token: &'a Token) -> Cell<'a> {
        self.cell_of(*token)
    }

    #[inline]
    fn text(self, token: &'a Token) -> Option<&'a str> {
        match *token {
            Token::Plain { start, end } => Some(self.plain(start, end)),
            Token::Unescaped { start, end } => Some(self.batch.unescaped(start..end)),
            _ => None,
        }
    }

    #[inline]
    fn int(token: &Token) -> Option<i64> {
        if let Token::Int(value) = token { Some(*value) } else { None }
    }

    #[inline]
    fn float(token: &Token) -> Option<f64> {
        if let Token::Float(value) = token { Some(*value) } else { None }
    }

    #[inline]
    fn is_null(token: &Token) -> bool {
        matches!(token, Token::Null)
    }
}
