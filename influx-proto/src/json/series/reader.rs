//! Reads a row, in pieces if need be.

use std::ops::Range;

use super::token::{Texts, Token};
use crate::block;
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
    texts: Texts,
    progress: Progress,
    /// Where the row that was read last begins in the text that it was read from.
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
    /// Prepares for rows of so many cells.
    pub(super) fn set_width(&mut self, columns: usize) {
        self.tokens.clear();
        self.tokens.resize(columns, Token::Null);
    }

    /// Prepares for texts of so many bytes at most.
    pub(super) fn set_max_text(&mut self, bytes: usize) {
        self.texts.max_len = bytes;
    }

    /// How many cells a row must have.
    pub(super) fn width(&self) -> usize {
        self.tokens.len()
    }

    /// The cells of the row that was read last.
    #[inline]
    pub(super) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// A text of that row that had escapes.
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

    /// Reads the row that `input` begins with, if it is a complete one without blanks between its
    /// cells, as servers write them. Returns its length. Asks for a row that was not begun, and for
    /// `least` bytes.
    #[inline]
    pub(super) fn read_complete(&mut self, least: usize, input: &[u8]) -> Option<usize> {
        if input.len() < least || self.progress.seen > 0 { None } else { self.read_plain(input) }
    }

    /// Reads the row that `input` begins with. Returns its length.
    ///
    /// After [`Stop::More`], the same row must be given again with more behind it.
    /// `is_all` tells that nothing more will come.
    pub(super) fn read(&mut self, input: &[u8], is_all: bool) -> Result<usize, RowStop> {
        if !is_all && !self.progress.is_worth_reading(input) {
            return Err(RowStop::Stop(Stop::More));
        }
        if self.progress.length == 0 {
            if let Some(length) = self.read_plain(input) {
                self.progress.seen = 0;
                return Ok(length);
            }
            self.texts.unescaped.clear();
            self.progress.length = 1;
        }
        self.read_any(input)
    }

    #[inline]
    fn read_plain(&mut self, input: &[u8]) -> Option<usize> {
        self.texts.unescaped.clear();
        let mut rest = input;
        let mut separator = b'[';
        for slot in &mut self.tokens {
            let (_, cell) = rest.split_first().filter(|(byte, _)| **byte == separator)?;
            rest = slot.read(input, cell, &mut self.texts).ok()?;
            separator = b',';
        }
        match rest {
            [b']', after @ ..] if separator == b',' => Some(input.len() - after.len()),
            _ => None,
        }
    }

    /// Reads a row from where it was left, or tells why it cannot be read.
    #[inline(never)]
    fn read_any(&mut self, input: &[u8]) -> Result<usize, RowStop> {
        let Progress { length, mut count, mut behind_cell, .. } = self.progress;
        let mut rest = skip_blanks(input.get(length..).unwrap_or_default());
        loop {
            if !behind_cell {
                let mut surplus = Token::Null;
                let slot = self.tokens.get_mut(count).unwrap_or(&mut surplus);
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
                    if found != self.tokens.len() {
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

/// With so many bytes, a row is tried without looking for its end first.
pub(super) const MUCH: usize = 128;

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
