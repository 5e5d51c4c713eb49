//! The lines of an input, one after the other.

use memchr::{memchr, memchr_iter};

use super::error::LineParseError;
use super::parse::{Fault, Line, SPACE, parse};
use super::scan::line_end;
use crate::encode::PointProblem;

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
/// Lines are at most [`MAX_LINE_LEN`] long unless [`LineReader::with_max_line_len`] says otherwise.
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
pub fn lines<T: AsRef<[u8]> + ?Sized>(input: &T) -> LineReader<'_> {
    LineReader { rest: input.as_ref(), number: 1, max_line_len: MAX_LINE_LEN, crlf: false }
}

/// The longest line that [`lines`] reads by default, in bytes: 1 MiB.
pub const MAX_LINE_LEN: usize = 1024 * 1024;

/// The lines of an input; made by [`lines`].
#[derive(Clone, Debug)]
pub struct LineReader<'a> {
    rest: &'a [u8],
    /// The number of the line where `rest` begins.
    number: usize,
    max_line_len: usize,
    crlf: bool,
}

impl LineReader<'_> {
    /// Whether a line may end in a carriage return and a line feed, or at the end of the input in a
    /// carriage return, as well as in a line feed. Default: false; a server of its own would
    /// refuse such a line.
    #[must_use]
    pub fn with_crlf(mut self, crlf: bool) -> Self {
        self.crlf = crlf;
        self
    }

    /// Sets how long a line may be, in bytes; a longer one is an error and is skipped.
    #[must_use]
    pub fn with_max_line_len(mut self, bytes: usize) -> Self {
        self.max_line_len = bytes;
        self
    }
}

impl<'a> LineReader<'a> {
    /// The next line, and its text from the measurement to the last field.
    pub(super) fn next_with_text(&mut self) -> Option<Result<(Line<'a>, &'a str), LineParseError>> {
        while !self.rest.is_empty() {
            let comment = first_byte(self.rest) == Some(b'#');
            // A quote in a comment opens no string.
            let end = if comment { memchr(b'\n', self.rest) } else { line_end(self.rest) };
            let (line, rest) = self.rest.split_at_checked(end.unwrap_or(self.rest.len()))?;
            let number = self.number;
            self.number += 1 + memchr_iter(b'\n', line).count();
            self.rest = rest.get(1..).unwrap_or_default();
            let line = match line {
                [line @ .., b'\r'] if self.crlf => line,
                line => line,
            };

            if comment || first_byte(line).is_none() {
                continue;
            }
            let parsed = if line.len() > self.max_line_len {
                Err(Fault::line(
                    0,
                    PointProblem::TooLarge { what: "a line", limit: self.max_line_len },
                ))
            } else {
                parse(line)
            };
            return Some(parsed.map_err(|fault| fault.locate(line, number)));
        }
        None
    }
}

impl<'a> Iterator for LineReader<'a> {
    type Item = Result<Line<'a>, LineParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.next_with_text()?;
        Some(line.map(|(line, _)| line))
    }
}

fn first_byte(line: &[u8]) -> Option<u8> {
    line.iter().copied().find(|byte| !SPACE.contains(&char::from(*byte)))
}
