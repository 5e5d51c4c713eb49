//! Rows that were read ahead, as tokens.

use std::ops::Range;

use crate::text::number::Number;
use crate::{RowError, Time, TimeUnit};

/// One cell of a row. Texts are given by their place, so that a token borrows nothing.
#[derive(Clone, Copy, Debug)]
pub(super) enum Token {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Time(Time),
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

impl Token {
    fn number(self) -> Option<Number> {
        match self {
            Self::Int(value) => Some(Number::Int(value)),
            Self::UInt(value) => Some(Number::UInt(value)),
            Self::Float(value) => Some(Number::Float(value)),
            _ => None,
        }
    }
}

/// The texts of a batch that are not as they are in its rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    /// Those that have escapes, without them.
    pub(super) unescaped: String,
    /// The bytes that one text may have.
    pub(super) max_len: usize,
}

/// The cells of some rows of one width.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    /// Those of all rows, one row after the other.
    pub(super) tokens: Vec<Token>,
    pub(super) texts: Texts,
    /// The lengths of the rows behind the first one. Each begins after the comma behind the row
    /// before, so that they stay valid when the text is moved.
    pub(super) ready: Vec<usize>,
    /// The number of these that were handed out.
    taken: usize,
    width: usize,
    /// The first token of the row that was handed out last.
    first: usize,
    /// Where that row begins in the text that it was read from.
    start: usize,
    /// The position of the time column, and the unit of its numbers.
    times: Option<(usize, TimeUnit)>,
    /// The rows whose time is out of range: a bit each, the first is the lowest.
    bad_times: u64,
}

/// The tokens and rows of a batch at most; one row may have more tokens.
const MAX_TOKENS: usize = 512;
// One bit each in `bad_times`.
const MAX_ROWS: usize = 64;

/// A batch gets no further row once its texts that had escapes have this many bytes.
pub(super) const MAX_UNESCAPED: usize = 64 << 10;

impl Batch {
    /// Prepares for rows of these columns.
    pub(super) fn set_columns(&mut self, columns: &[String], time_unit: Option<TimeUnit>) {
        self.width = columns.len();
        let rows = (MAX_TOKENS / self.width.max(1)).clamp(1, MAX_ROWS);
        self.tokens.clear();
        self.tokens.resize(self.width * rows, Token::Null);
        let position = columns.iter().position(|column| column == "time");
        self.times = position.zip(time_unit);
    }

    /// The number of cells in a row.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Begins another batch.
    pub(super) fn clear(&mut self) {
        self.first = 0;
        self.taken = 0;
        self.bad_times = 0;
        self.ready.clear();
        self.texts.unescaped.clear();
    }

    /// Turns the numbers of the time column into times. Those out of range stay numbers.
    #[inline]
    pub(super) fn scale_times(&mut self) {
        let Some((position, unit)) = self.times else { return };
        let rows = self.tokens.chunks_exact_mut(self.width.max(1)).take(self.ready.len() + 1);
        for (index, row) in rows.enumerate() {
            let Some(token) = row.get_mut(position) else { continue };
            match token.number().map(|number| number.to_time(unit)) {
                Some(Some(time)) => *token = Token::Time(time),
                Some(None) => self.bad_times |= 1 << index,
                None => {}
            }
        }
    }

    /// The error of the row that was handed out last, if its time is out of range.
    #[inline]
    pub(super) fn check_time(&self) -> Result<(), RowError> {
        if self.bad_times == 0 { Ok(()) } else { self.check_time_of_row() }
    }

    #[cold]
    fn check_time_of_row(&self) -> Result<(), RowError> {
        let token = self.times.and_then(|(position, _)| self.row().get(position));
        match token.and_then(|token| token.number()) {
            Some(number) if self.bad_times >> self.taken & 1 != 0 => {
                Err(number.bad_time().in_column("time"))
            }
            _ => Ok(()),
        }
    }

    /// Hands out the next row. Returns its length; a comma is before it.
    #[inline]
    pub(super) fn take_ready(&mut self) -> Option<usize> {
        let length = *self.ready.get(self.taken)?;
        self.taken += 1;
        self.first += self.width;
        Some(length)
    }

    /// The cells of the row that was handed out last.
    #[inline]
    pub(super) fn row(&self) -> &[Token] {
        let rest = self.tokens.get(self.first..);
        rest.and_then(|rest| rest.get(..self.width)).unwrap_or_default()
    }

    /// A text that had escapes.
    #[inline]
    pub(super) fn unescaped(&self, place: Range<usize>) -> &str {
        self.texts.unescaped.get(place).unwrap_or_default()
    }

    /// Where the row that was handed out last begins in the text that it was read from.
    #[inline]
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// Notes where that row begins.
    #[inline]
    pub(super) fn set_start(&mut self, start: usize) {
        self.start = start;
    }
}
