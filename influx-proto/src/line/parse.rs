//! The parser: one line after the other out of one buffer.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};

use super::error::{LineParseError, LinePosition, LineProblem};
use super::escape::read_name;
use super::options::{MAX_KEY_LEN, TIMESTAMPS};
use super::scan::{line_end, parse_integer, read_value};
use super::value::FieldValue;

/// One point, as a line says it. Names and strings are borrowed unless they contain an escape.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
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

/// Reads lines, strictly: what a server would refuse, lose or change is an error.
///
/// The judge is InfluxDB 1.6.7, with these differences:
/// unsigned integers (`1u`) are read, as later servers do;
/// lines from which 1.6.7 silently loses data are errors
/// (a field or tag `time`, a field key that appears twice, text after a closing quote,
/// a string that is not UTF-8), and so are names that the [encoder](super::LineEncoder) refuses;
/// a comment ends with its line, even if 1.6.7 takes a quote in it for a string's beginning.
///
/// Blank lines and comments are skipped. A newline inside a quoted string does not end a line.
/// After an error the next line is read; a string without a closing quote ends the input.
/// Lines are at most [`MAX_LINE_LEN`] long unless [`Lines::with_max_line_len`] says otherwise.
///
/// ```
/// use influx_proto::line::{FieldValue, lines};
///
/// let input = "# a comment\ncpu,host=web\\ 1 load=0.5,cores=8i 1700000000\ncpu load=x\n";
/// let mut lines = lines(input);
///
/// let line = lines.next().unwrap()?;
/// assert_eq!(line.measurement, "cpu");
/// assert_eq!(line.tags, [("host".into(), "web 1".into())]);
/// assert_eq!(line.fields[1], ("cores".into(), FieldValue::Int(8)));
/// assert_eq!(line.timestamp, Some(1_700_000_000));
///
/// let error = lines.next().unwrap().unwrap_err();
/// assert_eq!((error.line, error.column), (3, 10));
/// assert!(lines.next().is_none());
/// # Ok::<(), influx_proto::line::LineParseError>(())
/// ```
pub fn lines<T: AsRef<[u8]> + ?Sized>(input: &T) -> Lines<'_> {
    Lines { rest: input.as_ref(), number: 1, max_line_len: MAX_LINE_LEN }
}

/// The longest line that [`lines`] reads by default, in bytes: 1 MiB.
pub const MAX_LINE_LEN: usize = 1024 * 1024;

/// The lines of an input; made by [`lines`].
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    rest: &'a [u8],
    /// The number of the line where `rest` begins.
    number: usize,
    max_line_len: usize,
}

impl Lines<'_> {
    /// Sets how long a line may be, in bytes; a longer one is an error and is skipped.
    #[must_use]
    pub fn with_max_line_len(mut self, bytes: usize) -> Self {
        self.max_line_len = bytes;
        self
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Result<Line<'a>, LineParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let comment = first_byte(self.rest) == Some(b'#');
            // A quote in a comment opens no string.
            let end = if comment { memchr(b'\n', self.rest) } else { line_end(self.rest) };
            let (line, rest) = self.rest.split_at_checked(end.unwrap_or(self.rest.len()))?;
            let number = self.number;
            self.number += 1 + memchr_iter(b'\n', line).count();
            self.rest = rest.get(1..).unwrap_or_default();

            if comment || first_byte(line).is_none() {
                continue;
            }
            let parsed = if line.len() > self.max_line_len {
                Err(Fault::line(0, LineProblem::TooLong { max: self.max_line_len }))
            } else {
                parse(line)
            };
            return Some(parsed.map_err(|fault| fault.locate(line, number)));
        }
        None
    }
}

/// What is wrong with a line, at a byte of it.
struct Fault {
    at: usize,
    position: LinePosition,
    problem: LineProblem,
}

impl Fault {
    fn line(at: usize, problem: LineProblem) -> Self {
        Self { at, position: LinePosition::Line, problem }
    }

    /// Says where in the input it is; `number` is the number of the line's first line.
    fn locate(self, line: &[u8], number: usize) -> LineParseError {
        let before = line.get(..self.at).unwrap_or(line);
        let newlines = memchr_iter(b'\n', before);
        LineParseError {
            line: number + newlines.clone().count(),
            column: 1 + before.len() - newlines.last().map_or(0, |newline| newline + 1),
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
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn is_at_end(&self) -> bool {
        self.at == self.text.len()
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

    fn fault(&self, position: LinePosition, problem: LineProblem) -> Fault {
        Fault { at: self.at, position, problem }
    }
}

/// What the server skips before a line, its fields and its timestamp.
const SPACE: [char; 2] = [' ', '\t'];

fn first_byte(line: &[u8]) -> Option<u8> {
    line.iter().copied().find(|byte| !SPACE.contains(&char::from(*byte)))
}

fn parse(line: &[u8]) -> Result<Line<'_>, Fault> {
    let text = std::str::from_utf8(line)
        .map_err(|error| Fault::line(error.valid_up_to(), LineProblem::InvalidUtf8))?;
    if text.ends_with('\r') {
        return Err(Fault::line(text.len() - 1, LineProblem::ControlCharacter));
    }
    let mut cursor = Cursor { text, at: 0 };
    cursor.skip_space();
    let start = cursor.at;
    let measurement = cursor.name(LinePosition::Measurement)?;
    let tags = parse_tags(&mut cursor)?;
    let series_len = cursor.at - start;
    let fields = parse_fields(&mut cursor, series_len)?;
    let timestamp = parse_timestamp(&mut cursor)?;
    Ok(Line { measurement, tags, fields, timestamp })
}

fn parse_tags<'a>(cursor: &mut Cursor<'a>) -> Result<Vec<(Cow<'a, str>, Cow<'a, str>)>, Fault> {
    use LinePosition::{TagKey, TagValue};
    let mut tags = Vec::new();
    while cursor.skip(',') {
        let key = cursor.name(TagKey)?;
        let value = cursor.value(TagValue, |text| read_name(text, TagValue))?;
        tags.push((key, value));
    }
    if has_duplicate(tags.iter().map(|(key, _)| key.as_ref())) {
        return Err(cursor.fault(TagKey, LineProblem::Duplicate));
    }
    Ok(tags)
}

fn parse_fields<'a>(
    cursor: &mut Cursor<'a>,
    series_len: usize,
) -> Result<Vec<(Cow<'a, str>, FieldValue<'a>)>, Fault> {
    use LinePosition::{FieldKey, FieldValue};
    if !cursor.is_at_end() && !cursor.skip(' ') {
        return Err(cursor.fault(LinePosition::TagValue, LineProblem::TrailingText));
    }
    cursor.skip_space();
    if cursor.is_at_end() {
        return Err(cursor.fault(LinePosition::Line, LineProblem::NoFields));
    }
    let mut fields = Vec::new();
    loop {
        let start = cursor.at;
        let key = cursor.name(FieldKey)?;
        if series_len + 4 + cursor.at - start > MAX_KEY_LEN {
            return Err(Fault {
                at: start,
                position: FieldKey,
                problem: LineProblem::KeyTooLong { max: MAX_KEY_LEN },
            });
        }
        let value = cursor.value(FieldValue, read_value)?;
        fields.push((key, value));
        if !cursor.skip(',') {
            break;
        }
    }
    if has_duplicate(fields.iter().map(|(key, _)| key.as_ref())) {
        return Err(cursor.fault(FieldKey, LineProblem::Duplicate));
    }
    Ok(fields)
}

fn parse_timestamp(cursor: &mut Cursor<'_>) -> Result<Option<i64>, Fault> {
    if !cursor.is_at_end() && !cursor.skip(' ') {
        return Err(cursor.fault(LinePosition::FieldValue, LineProblem::TrailingText));
    }
    cursor.skip_space();
    if cursor.is_at_end() {
        return Ok(None);
    }
    let (text, after) = cursor.rest().split_once(' ').unwrap_or((cursor.rest(), ""));
    let timestamp = parse_integer(text)
        .filter(|timestamp| TIMESTAMPS.contains(timestamp))
        .ok_or_else(|| {
            let (min, max) = TIMESTAMPS.into_inner();
            cursor.fault(LinePosition::Timestamp, LineProblem::OutOfRange { min, max })
        })?;
    if after.trim_matches(' ').is_empty() {
        return Ok(Some(timestamp));
    }
    cursor.at += text.len() + 1;
    Err(cursor.fault(LinePosition::Timestamp, LineProblem::TrailingText))
}

/// Whether a name appears twice. Sorted names, as fast writers send them, cost no allocation.
fn has_duplicate<'a>(names: impl Iterator<Item = &'a str> + Clone) -> bool {
    if names.clone().is_sorted_by(|one, next| one < next) {
        return false;
    }
    let mut sorted: Vec<_> = names.collect();
    sorted.sort_unstable();
    !sorted.is_sorted_by(|one, next| one < next)
}
