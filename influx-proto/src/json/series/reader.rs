//! Reads a row, in pieces if need be.

use std::ops::Range;

use super::fast;
use super::token::{Texts, Token};
use crate::block;
use crate::json::scan::Scanner;
use crate::json::stop::Stop;

/// Reads rows: those that are complete several at a time, another one in the pieces it arrives in.
///
/// A row that is not complete is read again from its first unfinished cell on,
/// and a long cell only once its end is there, so that every byte is read a few times at most.
#[derive(Clone, Debug, Default)]
pub(super) struct RowReader {
    /// Those of a batch of rows, one row after the other.
    tokens: Vec<Token>,
    /// How many tokens a row has.
    width: usize,
    /// The first token of the row that was handed out last.
    first: usize,
    /// The lengths of the rows that were read behind the first one of the batch. Each begins after
    /// the comma behind the row before, so that they stay valid when the text is moved.
    ready: Vec<usize>,
    /// How many of these were handed out.
    taken: usize,
    texts: Texts,
    progress: Progress,
    /// Where the row that was handed out last begins in the text that it was read from.
    start: usize,
}

/// Why a row was not read.
#[derive(Clone, Copy, Debug)]
pub(super) enum RowStop {
    Stop(Stop),
    /// It has another number of cells than there are columns.
    Width {
        found: usize,
    },
}

impl RowReader {
    /// Prepares for rows of `columns` cells.
    pub(super) fn set_width(&mut self, columns: usize) {
        let rows = (MAX_TOKENS / columns.max(1)).clamp(1, MAX_ROWS);
        self.tokens.clear();
        self.tokens.resize(columns * rows, Token::Null);
        self.width = columns;
    }

    /// Prepares for texts of so many bytes at most.
    pub(super) fn set_max_text(&mut self, bytes: usize) {
        self.texts.max_len = bytes;
    }

    /// How many cells a row must have.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The cells of the row that was handed out last.
    #[inline]
    pub(super) fn tokens(&self) -> &[Token] {
        self.tokens.get(self.first..self.first + self.width).unwrap_or_default()
    }

    /// One of these cells.
    #[inline]
    pub(super) fn token(&self, index: usize) -> Option<&Token> {
        self.tokens.get(self.first + index)
    }

    /// A text of the batch that had escapes.
    #[inline]
    pub(super) fn unescaped(&self, place: Range<usize>) -> &str {
        self.texts.unescaped.get(place).unwrap_or_default()
    }

    /// Where that row begins in the text that it was read from.
    #[inline]
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// Notes where that row begins.
    #[inline]
    pub(super) fn set_start(&mut self, start: usize) {
        self.start = start;
    }

    /// Hands out the next row of the batch. Returns its length; a comma is before it.
    #[inline]
    pub(super) fn take_ready(&mut self) -> Option<usize> {
        let length = *self.ready.get(self.taken)?;
        self.taken += 1;
        self.first += self.width;
        Some(length)
    }

    /// Reads the row that `input` begins with, and perhaps some behind it. Returns its length.
    /// To be called only if no row is ready.
    ///
    /// After [`Stop::More`], the same row must be given again with more behind it.
    /// `is_all` tells that nothing more will come.
    pub(super) fn read(&mut self, input: &[u8], is_all: bool) -> Result<usize, RowStop> {
        // A row that was not looked at is mostly complete.
        let is_new = self.progress.seen == 0;
        if !is_new && !is_all && !self.progress.is_worth_reading(input) {
            return Err(RowStop::Stop(Stop::More));
        }
        if self.progress.length == 0 {
            if let Some(length) = self.read_batch(input) {
                self.progress.seen = 0;
                return Ok(length);
            }
            if is_new && !is_all && !self.progress.is_worth_reading(input) {
                return Err(RowStop::Stop(Stop::More));
            }
            self.texts.unescaped.clear();
            self.progress.length = 1;
        }
        self.read_any(input)
    }

    /// Reads rows as servers write them. Returns the length of the first one.
    fn read_batch(&mut self, input: &[u8]) -> Option<usize> {
        self.first = 0;
        self.taken = 0;
        self.ready.clear();
        self.texts.unescaped.clear();
        let mut rows = self.tokens.chunks_exact_mut(self.width.max(1));
        let length = fast::read(rows.next()?, &mut self.texts, input)?;
        let mut rest = input.get(length..)?;
        // The last row of a piece is mostly cut, and trying it would cost as much as a row.
        while let [b',', row @ ..] = rest
            && row.len() >= ENOUGH
            && self.texts.unescaped.len() < MAX_UNESCAPED
            && let Some(tokens) = rows.next()
            && let Some(length) = fast::read(tokens, &mut self.texts, row)
        {
            self.ready.push(length);
            rest = row.get(length..)?;
        }
        Some(length)
    }

    /// Reads a row from where it was left, or tells why it cannot be read.
    #[inline(never)]
    fn read_any(&mut self, input: &[u8]) -> Result<usize, RowStop> {
        let Progress { length, mut count, mut behind_cell, .. } = self.progress;
        let mut rest = skip_blanks(input.get(length..).unwrap_or_default());
        let row = self.tokens.get_mut(..self.width).unwrap_or_default();
        loop {
            if !behind_cell {
                let mut surplus = Token::Null;
                let slot = row.get_mut(count).unwrap_or(&mut surplus);
                match slot.read(input, rest, &mut self.texts) {
                    Ok(after) => {
                        count += 1;
                        rest = skip_blanks(after);
                    }
                    // The only row that ends before a cell.
                    Err(_) if count == 0 && rest.first() == Some(&b']') => {}
                    Err(stop) => return self.pause(stop, input, rest, count, false),
                }
            }
            behind_cell = false;
            match rest {
                [b',', after @ ..] => rest = skip_blanks(after),
                [b']', after @ ..] => {
                    self.progress = Progress::default();
                    let found = count;
                    if found != self.width {
                        return Err(RowStop::Width { found });
                    }
                    return Ok(input.len() - after.len());
                }
                _ => {
                    let stop = Stop::at(rest, "expected `,` or `]`");
                    return self.pause(stop, input, rest, count, true);
                }
            }
        }
    }

    /// Remembers that the row was read up to `rest`.
    #[cold]
    fn pause(
        &mut self,
        stop: Stop,
        input: &[u8],
        rest: &[u8],
        count: usize,
        behind_cell: bool,
    ) -> Result<usize, RowStop> {
        let seen = input.len();
        let length = seen - rest.len();
        self.progress = Progress { seen, length, count, behind_cell, long_cell: None };
        Err(RowStop::Stop(stop))
    }
}

/// The cells and rows of a batch at most; a row is read whatever it has.
const MAX_TOKENS: usize = 512;
const MAX_ROWS: usize = 64;

/// A batch gets no further row once its texts that had escapes have this many bytes.
const MAX_UNESCAPED: usize = 64 << 10;

/// A row is read ahead if at least this many bytes are there from its beginning on.
const ENOUGH: usize = 128;

/// How much of a row was read.
#[derive(Clone, Debug, Default)]
struct Progress {
    /// How many bytes were looked at in vain, or only for a closing bracket.
    seen: usize,
    /// How many bytes were read: 0 if none were. The next one is no blank.
    length: usize,
    /// How many cells were read.
    count: usize,
    /// Whether the next byte is a separator instead of the beginning of a cell.
    behind_cell: bool,
    /// Looks for the end of a long cell, of which so many bytes were looked at.
    long_cell: Option<Box<(Scanner, usize)>>,
}

impl Progress {
    /// Whether the row may be complete.
    fn is_worth_reading(&mut self, input: &[u8]) -> bool {
        const LONG: usize = 64;
        let unseen = input.get(self.seen..).unwrap_or_default();
        self.seen = input.len();
        if !block::any(unseen, |byte| byte == b']') {
            return false;
        }
        let cell = input.get(self.length..).unwrap_or_default();
        if self.length == 0 || self.behind_cell || cell.len() < LONG {
            return true;
        }
        // A long cell full of brackets would be read again for each of them.
        let long_cell = self.long_cell.get_or_insert_with(|| Box::new((Scanner::new(0), 0)));
        let (scanner, length) = &mut **long_cell;
        let found = scanner.scan(cell.get(*length..).unwrap_or_default());
        *length = cell.len();
        // What is no cell is told by reading it.
        found != Ok(None)
    }
}

/// What follows the whitespace that `input` begins with.
#[inline]
pub(super) fn skip_blanks(input: &[u8]) -> &[u8] {
    match input {
        // One comparison tells that there are none, which is the rule.
        [..=b' ', ..] => skip_some_blanks(input),
        _ => input,
    }
}

#[cold]
fn skip_some_blanks(input: &[u8]) -> &[u8] {
    let mut rest = input;
    while let [b' ' | b'\t' | b'\n' | b'\r', tail @ ..] = rest {
        rest = tail;
    }
    rest
}
