//! Reads a row, in pieces if need be.

use super::token::{Token, TokenCells};
use crate::json::scan::Scanner;
use crate::json::stop::Stop;

/// Reads one row after the other: their cells in one pass, whatever the pieces they arrive in.
///
/// A row that is not complete is read again from its first unfinished cell on,
/// and a long cell only once its end is there, so that every byte is read a few times at most.
#[derive(Clone, Debug, Default)]
pub(super) struct RowReader {
    /// As many as there are columns.
    tokens: Vec<Token>,
    /// The texts of the row that have escapes, without them.
    scratch: String,
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
    /// Prepares for rows of so many cells.
    pub(super) fn set_width(&mut self, columns: usize) {
        self.tokens.clear();
        self.tokens.resize(columns, Token::Null);
    }

    /// How many cells a row must have.
    pub(super) fn width(&self) -> usize {
        self.tokens.len()
    }

    /// The cells of the `row` that was read last.
    #[inline]
    pub(super) fn cells<'a>(&'a self, row: &'a [u8]) -> TokenCells<'a> {
        TokenCells { tokens: &self.tokens, row, scratch: &self.scratch }
    }

    /// Reads the row that `input` begins with. Returns its length.
    ///
    /// After [`Stop::More`], the same row must be given again with more behind it.
    #[inline]
    pub(super) fn read(&mut self, input: &[u8]) -> Result<usize, RowStop> {
        if self.progress.length == 0 {
            self.scratch.clear();
            self.progress.length = 1;
        } else if !self.progress.can_go_on(input) {
            return Err(RowStop::Stop(Stop::More));
        }
        let Progress { length, mut count, mut behind_cell, .. } = self.progress;
        let mut rest = skip_blanks(input.get(length..).unwrap_or_default());
        loop {
            if !behind_cell {
                match Token::read(input, rest, &mut self.scratch) {
                    Ok((token, after)) => {
                        if let Some(slot) = self.tokens.get_mut(count) {
                            *slot = token;
                        }
                        count += 1;
                        rest = skip_blanks(after);
                    }
                    // The only row that ends before a cell.
                    Err(_) if count == 0 && rest.first() == Some(&b']') => {}
                    Err(stop) => return self.pause(stop, input.len() - rest.len(), count, false),
                }
            }
            behind_cell = false;
            match rest {
                [b',', after @ ..] => rest = skip_blanks(after),
                [b']', after @ ..] => {
                    self.progress = Progress::default();
                    let found = count;
                    if found != self.tokens.len() {
                        return Err(RowStop::Width { found });
                    }
                    return Ok(input.len() - after.len());
                }
                _ => {
                    let stop = Stop::at(rest, "expected `,` or `]`");
                    return self.pause(stop, input.len() - rest.len(), count, true);
                }
            }
        }
    }

    #[cold]
    fn pause(
        &mut self,
        stop: Stop,
        length: usize,
        count: usize,
        behind_cell: bool,
    ) -> Result<usize, RowStop> {
        self.progress = Progress { length, count, behind_cell, scanner: None, scanned: 0 };
        Err(RowStop::Stop(stop))
    }
}

/// How much of a row was read.
#[derive(Clone, Debug, Default)]
struct Progress {
    /// In bytes: 0 if nothing was. The next one is no blank.
    length: usize,
    /// In cells.
    count: usize,
    /// Whether the next byte is a separator instead of the beginning of a cell.
    behind_cell: bool,
    /// Looks for the end of a long cell, of which `scanned` bytes were looked at.
    scanner: Option<Scanner>,
    scanned: usize,
}

impl Progress {
    /// Whether it is worth reading on: not inside a long cell.
    fn can_go_on(&mut self, input: &[u8]) -> bool {
        const LONG: usize = 64;
        let cell = input.get(self.length..).unwrap_or_default();
        if self.behind_cell || cell.len() < LONG {
            return true;
        }
        let scanner = self.scanner.get_or_insert_with(|| Scanner::new(0));
        let found = scanner.scan(cell.get(self.scanned..).unwrap_or_default());
        self.scanned = cell.len();
        // What is no cell is told by reading it.
        found != Ok(None)
    }
}

/// What follows the whitespace that `input` begins with.
#[inline]
pub(super) fn skip_blanks(input: &[u8]) -> &[u8] {
    let mut rest = input;
    while let [b' ' | b'\t' | b'\n' | b'\r', tail @ ..] = rest {
        rest = tail;
    }
    rest
}
