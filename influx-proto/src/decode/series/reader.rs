//! Reads rows of JSON, in pieces if need be.

use super::{cell, fast_row};
use crate::decode::batch::{Batch, MAX_UNESCAPED, Token};
use crate::decode::scan::Scanner;
use crate::decode::text_buffer::PADDING;
use crate::text::{Stop, block};

/// Reads rows: those that are complete several at a time, another one in the pieces it arrives in.
///
/// A row that is not complete is read again from its first unfinished cell on,
/// and a long cell only once its end is there, so that every byte is read a few times at most.
#[derive(Clone, Debug, Default)]
pub(super) struct RowReader {
    pub(super) batch: Batch,
    progress: Progress,
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
    /// Reads the row that `input` begins with, and perhaps some behind it. Returns its length.
    /// To be called only if no row is ready.
    ///
    /// `padded` is the same input, perhaps with zeros behind it.
    /// After [`Stop::More`], the same row must be given again with more behind it.
    /// `is_all` tells that nothing more will come.
    pub(super) fn read(
        &mut self,
        input: &[u8],
        padded: &[u8],
        is_all: bool,
    ) -> Result<usize, RowStop> {
        // A row that was not looked at is mostly complete.
        let is_new = self.progress.seen == 0;
        if !is_new && !is_all && !self.progress.is_worth_reading(input) {
            return Err(RowStop::Stop(Stop::More));
        }
        if self.progress.length == 0 {
            if let Some(length) = self.read_batch(padded) {
                self.progress.seen = 0;
                return Ok(length);
            }
            if is_new && !is_all && !self.progress.is_worth_reading(input) {
                return Err(RowStop::Stop(Stop::More));
            }
            self.batch.clear();
            self.progress.length = 1;
        }
        self.read_any(input)
    }

    /// Reads rows as servers write them. Returns the length of the first one.
    fn read_batch(&mut self, input: &[u8]) -> Option<usize> {
        let batch = &mut self.batch;
        batch.clear();
        let width = batch.width().max(1);
        let mut rows = batch.tokens.chunks_exact_mut(width);
        let length = fast_row::read(rows.next()?, &mut batch.texts, input)?;
        let mut rest = input.get(length..)?;
        // The last row of a piece is mostly cut, and trying it would cost as much as a row.
        while let [b',', row @ ..] = rest
            && row.len() >= ENOUGH
            && batch.texts.unescaped.len() < MAX_UNESCAPED
            && let Some(tokens) = rows.next()
            && let Some(length) = fast_row::read(tokens, &mut batch.texts, row)
        {
            batch.ready.push(length);
            rest = row.get(length..)?;
        }
        batch.scale_times();
        Some(length)
    }

    /// Reads the rest of a row, or tells why it cannot be read.
    #[inline(never)]
    fn read_any(&mut self, input: &[u8]) -> Result<usize, RowStop> {
        let Progress { length, mut count, mut behind_cell, .. } = self.progress;
        let mut rest = skip_blanks(input.get(length..).unwrap_or_default());
        let width = self.batch.width();
        let row = self.batch.tokens.get_mut(..width).unwrap_or_default();
        loop {
            if !behind_cell {
                let mut surplus = Token::Null;
                let slot = row.get_mut(count).unwrap_or(&mut surplus);
                match cell::read(slot, input, rest, &mut self.batch.texts) {
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
                    if found != width {
                        return Err(RowStop::Width { found });
                    }
                    self.batch.scale_times();
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

/// A row is read ahead if at least this many bytes are there from its beginning on, zeros included.
const ENOUGH: usize = 128 + PADDING.len();

/// The part of a row that was read.
#[derive(Clone, Debug, Default)]
struct Progress {
    /// The bytes that were looked at in vain, or only for a closing bracket.
    seen: usize,
    /// The bytes that were read. A byte that is not blank is next.
    length: usize,
    /// The cells that were read.
    count: usize,
    /// Whether the next byte is a separator instead of the beginning of a cell.
    behind_cell: bool,
    /// Looks for the end of a long cell, and the bytes of it that were looked at.
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
        // Reading it gives the error.
        found != Ok(None)
    }
}

/// Skips the whitespace that `input` begins with.
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
