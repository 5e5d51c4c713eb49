//! The rows of a series.

use std::mem;

use super::cell::{self, CellStop};
use super::marker::{Marker, Stop};
use crate::decode::batch::{Batch, Token};
use crate::decode::options::{DecodeOptions, InvalidText};

/// Reads one row after the other, each in the pieces it arrives in.
///
/// Cells are read once, and their texts checked for UTF-8 once a row.
#[derive(Clone, Debug, Default)]
pub(super) struct RowReader {
    /// The cells of the row that was read last.
    pub(super) batch: Batch,
    /// The texts of the row that is being read.
    texts: Vec<u8>,
    /// Whether the row began and is not over, and the cells of it that were read.
    is_inside: bool,
    filled: usize,
    /// The bytes of the row that were read last.
    length: usize,
}

/// Why a row was not read.
#[derive(Clone, Copy, Debug)]
pub(super) enum RowStop {
    Stop(Stop),
    /// A text has more bytes than allowed.
    LongString,
    /// More bytes than a row may have.
    Long,
    /// Another number of cells than there are columns.
    Width(usize),
    /// The row is over, but the text in this column is not UTF-8.
    NotUtf8(usize),
}

impl RowReader {
    /// Reads the row, or the rest of it, that `input` begins with.
    ///
    /// The first number is the bytes that were read, whatever the outcome: they are not needed again.
    #[inline]
    pub(super) fn read(
        &mut self,
        input: &[u8],
        options: &DecodeOptions,
    ) -> (usize, Result<(), RowStop>) {
        let mut rest = input;
        if !self.is_inside {
            match self.begin(rest) {
                Ok(behind) => rest = behind,
                Err(stop) => return (0, Err(stop)),
            }
        }
        let width = self.batch.width();
        let cells = self.batch.tokens.get_mut(self.filled..width).unwrap_or_default();
        for (index, slot) in cells.iter_mut().enumerate() {
            let fast = cell::read_fast(rest, &mut self.texts, options.max_string);
            let read = match fast {
                Some(read) => Ok(read),
                None => cell::read(rest, &mut self.texts, options.max_string),
            };
            match read {
                Ok((token, behind)) => {
                    *slot = token;
                    rest = behind;
                }
                Err(stop) => {
                    self.filled += index;
                    let read = input.len() - rest.len();
                    self.length += read;
                    return (read, Err(self.judge(stop, options.max_row)));
                }
            }
        }
        let read = input.len() - rest.len();
        self.length += read;
        self.is_inside = false;
        if self.length > options.max_row {
            return (read, Err(RowStop::Long));
        }
        (read, self.end(options.invalid_text))
    }

    /// The bytes of the row that is being read or was read last.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// The bytes of the row that is being read.
    pub(super) fn held(&self) -> usize {
        if self.is_inside { self.length } else { 0 }
    }

    #[inline]
    fn begin<'a>(&mut self, input: &'a [u8]) -> Result<&'a [u8], RowStop> {
        (self.length, self.filled) = (0, 0);
        let (cells, rest) = match input {
            [first @ 0x90..=0x9f, rest @ ..] => (usize::from(first & 0x0f), rest),
            _ => match Marker::read(input).map_err(RowStop::Stop)? {
                (Marker::Array(cells), rest) => {
                    (usize::try_from(cells).unwrap_or(usize::MAX), rest)
                }
                _ => return Err(RowStop::Stop(Stop::Wrong("another value instead of a row"))),
            },
        };
        if cells != self.batch.width() {
            return Err(RowStop::Width(cells));
        }
        self.batch.clear();
        self.texts = mem::take(&mut self.batch.texts.unescaped).into_bytes();
        self.texts.clear();
        self.is_inside = true;
        Ok(rest)
    }

    /// A row that is too long is so wherever the input was cut.
    #[cold]
    fn judge(&self, stop: CellStop, max_row: usize) -> RowStop {
        let (needed, stop) = match stop {
            CellStop::LongString(marker) => (marker, RowStop::LongString),
            CellStop::Stop(Stop::More(count)) => (count, RowStop::Stop(Stop::More(count))),
            CellStop::Stop(stop) => (1, RowStop::Stop(stop)),
        };
        if self.length.saturating_add(needed) > max_row { RowStop::Long } else { stop }
    }

    #[inline]
    fn end(&mut self, invalid: InvalidText) -> Result<(), RowStop> {
        match String::from_utf8(mem::take(&mut self.texts)) {
            Ok(texts) if self.are_whole(&texts) => self.batch.texts.unescaped = texts,
            Ok(texts) => self.mend(&texts.into_bytes(), invalid)?,
            Err(error) => self.mend(error.as_bytes(), invalid)?,
        }
        self.batch.scale_times();
        Ok(())
    }

    /// Whether each text is UTF-8, if they are all together: two broken ones could fit each other.
    #[inline]
    fn are_whole(&self, texts: &str) -> bool {
        self.batch.row().iter().all(|token| match token {
            Token::Unescaped { start, .. } => texts.is_char_boundary(*start),
            _ => true,
        })
    }

    /// Replaces what is not UTF-8, or tells the first column that has it.
    #[cold]
    fn mend(&mut self, texts: &[u8], invalid: InvalidText) -> Result<(), RowStop> {
        let width = self.batch.width();
        let mut mended = String::with_capacity(texts.len());
        for (column, token) in self.batch.tokens.iter_mut().take(width).enumerate() {
            let Token::Unescaped { start, end } = token else { continue };
            let text = texts.get(*start..*end).unwrap_or_default();
            if invalid == InvalidText::Refuse && std::str::from_utf8(text).is_err() {
                return Err(RowStop::NotUtf8(column));
            }
            *start = mended.len();
            mended.push_str(&String::from_utf8_lossy(text));
            *end = mended.len();
        }
        self.batch.texts.unescaped = mended;
        Ok(())
    }
}
