//! One cell as JSON, and the cells that identify a point.

#![expect(clippy::inline_always, reason = "the cursor must stay in a register")]

use std::convert::Infallible;

use wide::u8x16;

use crate::encode::{
    EncodeError, EncodeOptions, NonFinite, PointPart, PointProblem, TIMESTAMPS, read_time, scale,
};
use crate::text::room::{Buffer, Room, put, put_plain};
use crate::text::write_number::{put_finite, put_i64, put_u64};
use crate::{Cell, Time, TimeUnit};

/// The meaning of a column for the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Column {
    Value,
    /// The time; its integers have this unit.
    Time(TimeUnit),
    Number,
}

impl Column {
    pub(super) const TIME: &'static str = "time";
    pub(super) const NUMBER: &'static str = "sequence_number";

    /// The name of a column in the body.
    pub(super) fn written(self, name: &str) -> &str {
        if matches!(self, Self::Time(_)) { Self::TIME } else { name }
    }

    /// The time of a point that is not a row.
    pub(super) fn time() -> Self {
        Self::Time(TimeUnit::Nanoseconds)
    }
}

/// The parts of a point's identity that were written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Identity {
    time: bool,
    number: bool,
    /// Whether the time is null, of which nothing was written: the server refuses a null there.
    pub(super) lacks_time: bool,
}

impl Identity {
    pub(super) fn is_complete(self) -> bool {
        self.time && self.number
    }
}

/// Writes cells, and fills those in that identify a point.
#[derive(Default)]
pub(super) struct CellWriter<'n> {
    pub(super) options: EncodeOptions,
    pub(super) numbers: Option<&'n mut dyn FnMut() -> u64>,
}

impl CellWriter<'_> {
    pub(super) fn new(options: EncodeOptions) -> Self {
        Self { options, numbers: None }
    }

    /// Writes a cell and a comma. Returns the end.
    #[inline(always)]
    pub(super) fn put(
        &mut self,
        buffer: &mut Buffer,
        at: usize,
        column: Column,
        cell: Cell<'_>,
        identity: &mut Identity,
    ) -> Result<usize, Box<PointProblem>> {
        let cell = match (column, cell) {
            (Column::Value, cell) => cell,
            (Column::Number, Cell::Int(_) | Cell::UInt(_)) => {
                identity.number = true;
                cell
            }
            (Column::Time(unit), Cell::Int(count)) => match self.rescale(count, unit) {
                Some(count) => {
                    identity.time = true;
                    Cell::Int(count)
                }
                None => return Err(boxed(PointProblem::TimeOutOfRange)),
            },
            _ => return self.put_identity(buffer, at, column, cell, identity),
        };
        put_cell(buffer, at, cell, self.options.non_finite)
    }

    #[inline(never)]
    fn rescale(&self, count: i64, unit: TimeUnit) -> Option<i64> {
        let time = Time::from_unit(count, unit)?;
        if unit == self.unit() && TIMESTAMPS.contains(&time.nanos()) {
            return Some(count);
        }
        scale(time, self.unit()).ok()
    }

    fn unit(&self) -> TimeUnit {
        self.options.time_unit.unwrap_or(TimeUnit::Microseconds)
    }

    /// Writes any time or sequence number; a null is filled in.
    #[inline(never)]
    fn put_identity(
        &mut self,
        buffer: &mut Buffer,
        at: usize,
        column: Column,
        cell: Cell<'_>,
        identity: &mut Identity,
    ) -> Result<usize, Box<PointProblem>> {
        let cell = match column {
            Column::Time(unit) => {
                let Some(time) = read_time(cell, unit)?.or(self.options.time) else {
                    identity.lacks_time = true;
                    return Ok(at);
                };
                identity.time = true;
                Cell::Int(scale(time, self.unit())?)
            }
            Column::Number if cell == Cell::Null => {
                return Ok(self.put_number(buffer, at, identity));
            }
            _ => {
                identity.number = matches!(cell, Cell::Float(value) if value.is_finite());
                cell
            }
        };
        put_cell(buffer, at, cell, self.options.non_finite)
    }

    /// Writes the next sequence number, or null without a source.
    #[inline(always)]
    pub(super) fn put_number(
        &mut self,
        buffer: &mut Buffer,
        at: usize,
        identity: &mut Identity,
    ) -> usize {
        let room = buffer.room(at);
        let len = match &mut self.numbers {
            Some(next) => {
                identity.number = true;
                put_u64(room, 0, next())
            }
            None => put_text(room, *b"null"),
        };
        put(room, len, *b",");
        at + len + 1
    }
}

/// Begins a point. Returns where its first cell stands.
#[inline(always)]
pub(super) fn begin_point(buffer: &mut Buffer, at: usize) -> usize {
    put(buffer.room(at), 0, *b"[");
    at + 1
}

/// Ends a point behind its last cell. Returns its end, with the comma before the next one,
/// which is begun.
#[inline(always)]
pub(super) fn end_point(buffer: &mut Buffer, at: usize) -> usize {
    put(buffer.room(at - 1), 0, *b"],[");
    at + 1
}

/// Writes a cell and a comma. Returns the end.
#[inline(always)]
fn put_cell(
    buffer: &mut Buffer,
    at: usize,
    cell: Cell<'_>,
    non_finite: NonFinite,
) -> Result<usize, Box<PointProblem>> {
    let room = buffer.room(at);
    let len = match cell {
        Cell::Bool(true) => put_text(room, *b"true"),
        Cell::Bool(false) => put_text(room, *b"false"),
        Cell::Int(value) => put_i64(room, 0, value),
        Cell::UInt(value) => put_u64(room, 0, value),
        // With a fraction or an exponent: without, the server would store an integer.
        Cell::Float(value) if value.is_finite() => put_finite(room, 0, value),
        Cell::Float(_) if non_finite == NonFinite::Refuse => {
            return Err(boxed(PointProblem::NonFinite));
        }
        Cell::Null | Cell::Float(_) => put_text(room, *b"null"),
        Cell::Str(value) => return Ok(put_string(buffer, at, value)),
        Cell::Time(_) => return Err(boxed(PointProblem::TimeAsField)),
    };
    put(room, len, *b",");
    Ok(at + len + 1)
}

#[cold]
#[inline(never)]
fn boxed(problem: PointProblem) -> Box<PointProblem> {
    Box::new(problem)
}

#[inline(always)]
fn put_text<const N: usize>(room: &mut Room, text: [u8; N]) -> usize {
    put(room, 0, text);
    N
}

/// Writes a quoted string and a comma. Everything but quotes, backslashes and control characters
/// stays as it is. Returns the end.
#[inline(always)]
pub(super) fn put_string(buffer: &mut Buffer, at: usize, text: &str) -> usize {
    let room = buffer.room(at);
    put(room, 0, *b"\"");
    if let Some(end) = put_plain(room, 1, text.as_bytes(), special) {
        put(room, end, *b"\",");
        return at + end + 2;
    }
    put_any_string(buffer, at + 1, text)
}

#[inline(never)]
fn put_any_string(buffer: &mut Buffer, at: usize, text: &str) -> usize {
    let escaped = buffer.write_escaped(at, text, special, |rest, room| {
        let byte = rest.first().copied().unwrap_or_default();
        let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
        let short = match byte {
            0x08 => b'b',
            0x0c => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            b'"' | b'\\' => byte,
            _ => {
                put(room, 0, *b"\\u00");
                put(room, 4, [digit(byte >> 4), digit(byte & 15)]);
                return Ok::<_, Infallible>(6);
            }
        };
        put(room, 0, [b'\\', short]);
        Ok(2)
    });
    let Ok(end) = escaped;
    put(buffer.room(end), 0, *b"\",");
    end + 2
}

#[inline(always)]
fn special(block: u8x16) -> u8x16 {
    let control = block.min(u8x16::splat(b' ' - 1)).simd_eq(block);
    control | block.simd_eq(u8x16::splat(b'"')) | block.simd_eq(u8x16::splat(b'\\'))
}

/// An error about the value of a column.
#[cold]
pub(super) fn error(
    part: PointPart,
    key: &str,
    cell: Cell<'_>,
    problem: PointProblem,
) -> EncodeError {
    EncodeError::new(part, key, &crate::line::shown(cell), problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    fn check(value: impl Into<Value>, expected: &str) {
        let (value, mut out) = (value.into(), Buffer::default());
        let end = put_cell(&mut out, 0, Cell::from(&value), NonFinite::Refuse).unwrap();
        assert_eq!(str::from_utf8(out.until(end)).unwrap(), format!("{expected},"));
    }

    #[test]
    fn floats_never_look_like_integers() {
        for (value, expected) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1e21, "1e+21"),
            (1e300, "1e+300"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (9_007_199_254_740_992.0, "9007199254740992.0"),
        ] {
            check(value, expected);
        }
    }

    #[test]
    fn integers_keep_all_bits() {
        check(i64::MIN, "-9223372036854775808");
        check(i64::MAX, "9223372036854775807");
        check(u64::MAX, "18446744073709551615");
    }

    #[test]
    fn strings_are_escaped_where_json_demands_it() {
        check("", r#""""#);
        check("a\"b\\c/d", r#""a\"b\\c/d""#);
        check(
            "\u{0}\u{8}\t\n\u{b}\u{c}\r\u{1f} \u{7f}",
            "\"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f \u{7f}\"",
        );
        check("żółw 🐢\u{2028}", "\"żółw 🐢\u{2028}\"");
        check("x".repeat(10_000), &format!("\"{}\"", "x".repeat(10_000)));
    }

    #[test]
    fn what_json_cannot_carry_is_not_written() {
        for value in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            let mut out = Buffer::default();
            let refused = put_cell(&mut out, 0, Cell::Float(value), NonFinite::Refuse);
            assert_eq!(refused, Err(Box::new(PointProblem::NonFinite)));
            assert_eq!(put_cell(&mut out, 0, Cell::Float(value), NonFinite::Omit), Ok(5));
            assert_eq!(out.until(5), b"null,");
        }
    }
}
