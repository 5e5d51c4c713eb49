//! The grammar of one line.

use std::borrow::Cow;

use memchr::memchr_iter;

use super::error::{LineParseError, LinePosition, LineProblem};
use super::escape::read_name;
use super::lines::Line;
use super::options::{KEY_SEPARATOR_LEN, MAX_KEY_LEN, TIMESTAMPS};
use super::scan::{parse_integer, read_value};
use super::value::FieldValue;

pub(super) fn parse(line: &[u8]) -> Result<Line<'_>, Fault> {
    let text = std::str::from_utf8(line)
        .map_err(|error| Fault::line(error.valid_up_to(), LineProblem::InvalidUtf8))?;
    if text.ends_with('\r') {
        return Err(Fault::line(text.len() - 1, LineProblem::ControlCharacter));
    }
    let mut cursor = Cursor { text, at: 0 };
    cursor.skip_space();
    let start = cursor.at;
    let measurement = cursor.name(LinePosition::Measurement)?;
    let mut line = Line { measurement, tags: Vec::new(), fields: Vec::new(), timestamp: None };
    cursor.tags(&mut line.tags)?;
    let series_len = cursor.at - start;
    cursor.end_of(LinePosition::TagValue)?;
    cursor.fields(&mut line.fields, series_len)?;
    cursor.end_of(LinePosition::FieldValue)?;
    line.timestamp = cursor.timestamp()?;
    Ok(line)
}

/// What is wrong with a line, at a byte of it.
pub(super) struct Fault {
    at: usize,
    position: LinePosition,
    problem: LineProblem,
}

impl Fault {
    pub(super) fn line(at: usize, problem: LineProblem) -> Self {
        Self { at, position: LinePosition::Line, problem }
    }

    /// Says where in the input it is; `number` is the number of the line's first line.
    pub(super) fn locate(self, line: &[u8], number: usize) -> LineParseError {
        let before = line.get(..self.at).unwrap_or(line);
        let mut newlines = memchr_iter(b'\n', before);
        LineParseError {
            line: number + newlines.clone().count(),
            column: 1 + before.len() - newlines.next_back().map_or(0, |newline| newline + 1),
            position: self.position,
            problem: self.problem,
        }
    }
}

/// What is left of a line.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn tags(&mut self, tags: &mut Vec<(Cow<'a, str>, Cow<'a, str>)>) -> Result<(), Fault> {
        use LinePosition::{TagKey, TagValue};
        while self.skip(',') {
            let key = self.name(TagKey)?;
            let value = self.value(TagValue, |text| read_name(text, TagValue))?;
            tags.push((key, value));
        }
        if has_duplicate(tags.iter().map(|(key, _)| key.as_ref())) {
            return Err(self.fault(TagKey, LineProblem::Duplicate));
        }
        Ok(())
    }

    fn fields(
        &mut self,
        fields: &mut Vec<(Cow<'a, str>, FieldValue<'a>)>,
        series_len: usize,
    ) -> Result<(), Fault> {
        use LinePosition::{FieldKey, FieldValue, Line};
        if self.is_at_end() {
            return Err(self.fault(Line, LineProblem::NoFields));
        }
        loop {
            let start = self.at;
            let key = self.name(FieldKey)?;
            if series_len + KEY_SEPARATOR_LEN + self.at - start > MAX_KEY_LEN {
                let problem = LineProblem::KeyTooLong { max: MAX_KEY_LEN };
                return Err(Fault { at: start, position: FieldKey, problem });
            }
            let value = self.value(FieldValue, read_value)?;
            fields.push((key, value));
            if !self.skip(',') {
                break;
            }
        }
        if has_duplicate(fields.iter().map(|(key, _)| key.as_ref())) {
            return Err(self.fault(FieldKey, LineProblem::Duplicate));
        }
        Ok(())
    }

    fn timestamp(&mut self) -> Result<Option<i64>, Fault> {
        if self.is_at_end() {
            return Ok(None);
        }
        let text = self.rest().split(' ').next().unwrap_or_default();
        let timestamp = parse_integer(text).filter(|timestamp| TIMESTAMPS.contains(timestamp));
        if timestamp.is_none() {
            let (min, max) = TIMESTAMPS.into_inner();
            return Err(self.fault(LinePosition::Timestamp, LineProblem::OutOfRange { min, max }));
        }
        self.at += text.len();
        match self.rest().find(|character| character != ' ') {
            None => Ok(timestamp),
            Some(offset) => {
                self.at += offset;
                Err(self.fault(LinePosition::Timestamp, LineProblem::TrailingText))
            }
        }
    }

    fn name(&mut self, position: LinePosition) -> Result<Cow<'a, str>, Fault> {
        let read = read_name(self.rest(), position);
        self.advance(position, read)
    }

    /// The equals sign before a value, and the value.
    fn value<T>(
        &mut self,
        position: LinePosition,
        read: impl FnOnce(&'a str) -> Result<(T, usize), (usize, LineProblem)>,
    ) -> Result<T, Fault> {
        if !self.skip('=') {
            return Err(self.fault(position, LineProblem::Empty));
        }
        let read = read(self.rest());
        self.advance(position, read)
    }

    fn advance<T>(
        &mut self,
        position: LinePosition,
        read: Result<(T, usize), (usize, LineProblem)>,
    ) -> Result<T, Fault> {
        let (value, len) =
            read.map_err(|(offset, problem)| Fault { at: self.at + offset, position, problem })?;
        self.at += len;
        Ok(value)
    }

    /// The space after a part of the line, or the line's end.
    fn end_of(&mut self, position: LinePosition) -> Result<(), Fault> {
        if !self.is_at_end() && !self.skip(' ') {
            return Err(self.fault(position, LineProblem::TrailingText));
        }
        self.skip_space();
        Ok(())
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(SPACE).len();
    }

    fn skip(&mut self, byte: char) -> bool {
        let found = self.rest().starts_with(byte);
        self.at += usize::from(found);
        found
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    fn fault(&self, position: LinePosition, problem: LineProblem) -> Fault {
        Fault { at: self.at, position, problem }
    }
}

/// What the server skips before a line, its fields and its timestamp.
pub(super) const SPACE: [char; 2] = [' ', '\t'];

/// Whether a name appears twice. Sorted names, as fast writers send them, cost no allocation.
fn has_duplicate<'a>(names: impl Iterator<Item = &'a str> + Clone) -> bool {
    if names.clone().is_sorted_by(|one, next| one < next) {
        return false;
    }
    let mut sorted: Vec<_> = names.collect();
    sorted.sort_unstable();
    !sorted.is_sorted_by(|one, next| one < next)
}
