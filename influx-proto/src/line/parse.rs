//! The grammar of one line.

use std::borrow::Cow;

use memchr::memchr_iter;

use super::error::LineParseError;
use super::escape::read_name;
use super::scan::{parse_integer, read_value};
use super::value::FieldValue;
use crate::encode::{KEY_SEPARATOR_LEN, MAX_KEY_LEN, PointPart, PointProblem, TIMESTAMPS};

/// One point, as a line says it. Names and strings are borrowed unless they contain an escape.
#[derive(Clone, Debug, PartialEq)]
pub struct Line<'a> {
    /// The measurement.
    pub measurement: Cow<'a, str>,
    /// Keys and values of the tags, in the order of the line.
    pub tags: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Keys and values of the fields, at least one, in the order of the line.
    pub fields: Vec<(Cow<'a, str>, FieldValue<'a>)>,
    /// The timestamp, in the unit that the lines' sender and receiver agreed upon.
    pub timestamp: Option<i64>,
}

/// Reads a line. Also returns its text from the measurement to the last field.
pub(super) fn parse(line: &[u8]) -> Result<(Line<'_>, &str), Fault> {
    let text = std::str::from_utf8(line)
        .map_err(|error| Fault::line(error.valid_up_to(), PointProblem::InvalidUtf8))?;
    if text.ends_with('\r') {
        return Err(Fault::line(text.len() - 1, PointProblem::ControlCharacter));
    }
    let mut cursor = Cursor { text, at: 0 };
    cursor.skip_space();
    let start = cursor.at;
    let measurement = cursor.name(PointPart::Measurement)?;
    let mut line = Line { measurement, tags: Vec::new(), fields: Vec::new(), timestamp: None };
    cursor.tags(&mut line.tags)?;
    let series_len = cursor.at - start;
    cursor.end_of(PointPart::TagValue)?;
    cursor.fields(&mut line.fields, series_len)?;
    let untimed = text.get(start..cursor.at).unwrap_or_default();
    cursor.end_of(PointPart::FieldValue)?;
    line.timestamp = cursor.timestamp()?;
    Ok((line, untimed))
}

/// The problem with a line, at a byte of it.
pub(super) struct Fault {
    at: usize,
    part: PointPart,
    problem: PointProblem,
}

impl Fault {
    pub(super) fn line(at: usize, problem: PointProblem) -> Self {
        Self { at, part: PointPart::Line, problem }
    }

    /// Says where in the input it is; `number` is the number of the line's first line.
    pub(super) fn locate(self, line: &[u8], number: usize) -> LineParseError {
        let before = line.get(..self.at).unwrap_or(line);
        let mut newlines = memchr_iter(b'\n', before);
        LineParseError {
            line: number + newlines.clone().count(),
            column: 1 + before.len() - newlines.next_back().map_or(0, |newline| newline + 1),
            part: self.part,
            problem: self.problem,
        }
    }
}

/// The rest of a line.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn tags(&mut self, tags: &mut Vec<(Cow<'a, str>, Cow<'a, str>)>) -> Result<(), Fault> {
        use PointPart::{TagKey, TagValue};
        while self.skip(',') {
            let key = self.name(TagKey)?;
            let value = self.value(TagValue, |text| read_name(text, TagValue))?;
            tags.push((key, value));
        }
        if has_duplicate(tags.iter().map(|(key, _)| key.as_ref())) {
            return Err(self.fault(TagKey, PointProblem::Duplicate));
        }
        Ok(())
    }

    fn fields(
        &mut self,
        fields: &mut Vec<(Cow<'a, str>, FieldValue<'a>)>,
        series_len: usize,
    ) -> Result<(), Fault> {
        use PointPart::{FieldKey, FieldValue, Line};
        if self.is_at_end() {
            return Err(self.fault(Line, PointProblem::NoFields));
        }
        loop {
            let start = self.at;
            let key = self.name(FieldKey)?;
            if series_len + KEY_SEPARATOR_LEN + self.at - start > MAX_KEY_LEN {
                let problem = PointProblem::large_key(MAX_KEY_LEN);
                return Err(Fault { at: start, part: FieldKey, problem });
            }
            let value = self.value(FieldValue, read_value)?;
            fields.push((key, value));
            if !self.skip(',') {
                break;
            }
        }
        if has_duplicate(fields.iter().map(|(key, _)| key.as_ref())) {
            return Err(self.fault(FieldKey, PointProblem::Duplicate));
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
            return Err(self.fault(PointPart::Timestamp, PointProblem::OutOfRange { min, max }));
        }
        self.at += text.len();
        match self.rest().find(|character| character != ' ') {
            None => Ok(timestamp),
            Some(offset) => {
                self.at += offset;
                Err(self.fault(PointPart::Timestamp, PointProblem::TrailingText))
            }
        }
    }

    fn name(&mut self, part: PointPart) -> Result<Cow<'a, str>, Fault> {
        let read = read_name(self.rest(), part);
        self.advance(part, read)
    }

    /// The equals sign before a value, and the value.
    fn value<T>(
        &mut self,
        part: PointPart,
        read: impl FnOnce(&'a str) -> Result<(T, usize), (usize, PointProblem)>,
    ) -> Result<T, Fault> {
        if !self.skip('=') {
            return Err(self.fault(part, PointProblem::Empty));
        }
        let read = read(self.rest());
        self.advance(part, read)
    }

    fn advance<T>(
        &mut self,
        part: PointPart,
        read: Result<(T, usize), (usize, PointProblem)>,
    ) -> Result<T, Fault> {
        let (value, len) =
            read.map_err(|(offset, problem)| Fault { at: self.at + offset, part, problem })?;
        self.at += len;
        Ok(value)
    }

    /// The space after a part of the line, or the line's end.
    fn end_of(&mut self, part: PointPart) -> Result<(), Fault> {
        if !self.is_at_end() && !self.skip(' ') {
            return Err(self.fault(part, PointProblem::TrailingText));
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

    fn fault(&self, part: PointPart, problem: PointProblem) -> Fault {
        Fault { at: self.at, part, problem }
    }
}

/// The characters that the server skips before a line, its fields and its timestamp.
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
