//! The encoder: one point after the other into one buffer.

#![expect(clippy::inline_always, reason = "the cursor must stay in a register")]

use super::error::{LineEncodeError, LinePosition, LineProblem, excerpt};
use super::escape::write_name;
use super::keys::Keys;
use super::lines::Line;
use super::options::{KEY_SEPARATOR_LEN, LineOptions};
use super::point::PointTags;
use super::value::FieldValue;
use crate::number_text::put_i64;
use crate::room::{Buffer, put};

/// Writes points as line protocol into one buffer, without an allocation per point.
///
/// A point is a measurement, then tags, then at least one field, then its timestamp;
/// the types allow no other order.
/// Whatever cannot be written so that the server reads it back exactly is an error.
/// A point that failed, or was dropped before its timestamp, leaves no trace.
///
/// Two points of one series with the same timestamp overwrite each other in the server,
/// and so do two untimed ones in one write.
/// The server is faster when tags come sorted by their keys; the encoder keeps the given order.
///
/// ```
/// use influx_proto::line::LineEncoder;
///
/// let mut encoder = LineEncoder::new();
/// let region = None;
/// encoder
///     .point("cpu")?
///     .tag("host", "web 1")?
///     .tags(region.map(|region| ("region", region)))?
///     .field("load", 0.5)?
///     .field("cores", 8)?
///     .timestamp(1_700_000_000_000_000_000)?;
/// encoder.point("boot")?.field("reason", "power \"loss\"")?.untimed()?;
///
/// assert_eq!(encoder.points(), 2);
/// assert_eq!(
///     encoder.as_bytes(),
///     b"cpu,host=web\\ 1 load=0.5,cores=8i 1700000000000000000\nboot reason=\"power \\\"loss\\\"\"\n"
/// );
/// # Ok::<(), influx_proto::line::LineEncodeError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct LineEncoder {
    pub(super) options: LineOptions,
    pub(super) buffer: Buffer,
    /// The end of the complete lines.
    pub(super) complete: usize,
    points: usize,
    keys: Keys,
}

impl LineEncoder {
    /// An empty encoder with the default options.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty encoder with other options.
    pub fn with_options(options: LineOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// Begins a point.
    ///
    /// # Errors
    ///
    /// A [`LineEncodeError`] if the measurement is empty, starts with `#` or a tab,
    /// contains a newline, carriage return or NUL,
    /// or has a backslash at its end or before a comma, space, equals sign or quote.
    #[inline(always)]
    pub fn point(&mut self, measurement: &str) -> Result<PointTags<'_>, LineEncodeError> {
        let position = LinePosition::Measurement;
        match write_name(&mut self.buffer, self.complete, measurement, position) {
            Ok(at) => Ok(PointTags::new(self, at)),
            Err(problem) => Err(self.error(position, "", measurement, problem)),
        }
    }

    /// Writes a point that was read from a line.
    ///
    /// Every line that [`lines`](super::lines) reads can be written again,
    /// as far as the options allow its values.
    ///
    /// # Errors
    ///
    /// As the methods of [`PointTags`] and [`PointFields`](super::PointFields).
    pub fn line(&mut self, line: &Line<'_>) -> Result<(), LineEncodeError> {
        let point = self
            .point(&line.measurement)?
            .tags(line.tags.iter().map(|(key, value)| (key.as_ref(), value.as_ref())))?
            .fields(line.fields.iter().map(|(key, value)| (key.as_ref(), value.clone())))?;
        match line.timestamp {
            Some(timestamp) => point.timestamp(timestamp),
            None => point.untimed(),
        }
    }

    /// The complete lines.
    pub fn as_bytes(&self) -> &[u8] {
        self.buffer.until(self.complete)
    }

    /// The number of points, which is the number of lines.
    pub fn points(&self) -> usize {
        self.points
    }

    /// The length of the complete lines in bytes.
    pub fn len(&self) -> usize {
        self.complete
    }

    /// Whether there are no points.
    pub fn is_empty(&self) -> bool {
        self.points == 0
    }

    /// Forgets all points and keeps the memory.
    pub fn clear(&mut self) {
        self.complete = 0;
        self.points = 0;
    }

    /// Takes the complete lines out; the encoder is empty then.
    pub fn take(&mut self) -> Vec<u8> {
        let lines = self.buffer.take(self.complete);
        self.clear();
        lines
    }

    /// Writes `,key=` with the key of a tag or field, the point's `index`-th. Returns the end.
    #[inline(always)]
    pub(super) fn key(
        &mut self,
        at: usize,
        index: usize,
        key: &str,
        position: LinePosition,
    ) -> Result<usize, LineEncodeError> {
        match self.keys.known(index, key, position) {
            Some(text) => Ok(text.write(&mut self.buffer, at)),
            None => self.new_key(at, index, key, position),
        }
    }

    #[cold]
    #[inline(never)]
    fn new_key(
        &mut self,
        at: usize,
        index: usize,
        key: &str,
        position: LinePosition,
    ) -> Result<usize, LineEncodeError> {
        match self.keys.add(index, key, position) {
            Ok(text) => Ok(text.write(&mut self.buffer, at)),
            Err(problem) => Err(self.error(position, "", key, problem)),
        }
    }

    /// Checks that no key appears twice, once all tags or all fields are there.
    #[inline(always)]
    pub(super) fn check_keys(
        &mut self,
        len: usize,
        position: LinePosition,
    ) -> Result<(), LineEncodeError> {
        if self.keys.are_distinct(len) { Ok(()) } else { self.check_many_keys(len, position) }
    }

    #[cold]
    fn check_many_keys(
        &mut self,
        len: usize,
        position: LinePosition,
    ) -> Result<(), LineEncodeError> {
        match self.keys.check(len).map_err(str::to_owned) {
            Ok(()) => Ok(()),
            Err(key) => Err(self.error(position, "", &key, LineProblem::Duplicate)),
        }
    }

    /// Ends the line at `at`, or behind a timestamp there. `series_end` is the end of measurement
    /// and tags, behind which each field stands after a comma.
    #[inline(always)]
    pub(super) fn end(
        &mut self,
        at: usize,
        series_end: usize,
        timestamp: Option<i64>,
    ) -> Result<(), LineEncodeError> {
        if at == series_end {
            return Err(self.line_error(at, LineProblem::NoFields));
        }
        self.buffer.set(series_end, b' ');
        let room = self.buffer.room(at);
        let mut len = 0;
        if let Some(timestamp) = timestamp {
            if !self.options.timestamps.contains(&timestamp) {
                return Err(self.timestamp_error(timestamp));
            }
            put(room, 0, *b" ");
            len = put_i64(room, 1, timestamp);
        }
        put(room, len, *b"\n");
        self.complete = at + len + 1;
        self.points += 1;
        Ok(())
    }

    /// Whether the server takes a field key of this length, as written, in this series.
    #[inline(always)]
    pub(super) fn check_key_len(
        &self,
        series_len: usize,
        key_len: usize,
    ) -> Result<(), LineProblem> {
        let max = self.options.max_key_len;
        if series_len + KEY_SEPARATOR_LEN + key_len <= max {
            return Ok(());
        }
        Err(LineProblem::KeyTooLong { max })
    }

    /// An error about a part of the unfinished point.
    #[cold]
    pub(super) fn error(
        &self,
        position: LinePosition,
        key: &str,
        value: &str,
        problem: LineProblem,
    ) -> LineEncodeError {
        let (key, value) = (excerpt(key), excerpt(value));
        LineEncodeError { point: self.points, position, key, value, problem }
    }

    /// An error about the value of a field.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a value that is lent cannot stay in registers"
    )]
    #[cold]
    pub(super) fn value_error(
        &self,
        key: &str,
        value: FieldValue<'_>,
        problem: LineProblem,
    ) -> LineEncodeError {
        self.error(LinePosition::FieldValue, key, &value.to_string(), problem)
    }

    #[cold]
    fn timestamp_error(&self, timestamp: i64) -> LineEncodeError {
        let range = &self.options.timestamps;
        let problem = LineProblem::OutOfRange { min: *range.start(), max: *range.end() };
        self.error(LinePosition::Timestamp, "", &timestamp.to_string(), problem)
    }

    /// An error about the unfinished point as a whole, which is written up to `at`.
    #[cold]
    pub(super) fn line_error(&self, at: usize, problem: LineProblem) -> LineEncodeError {
        let line = self.buffer.until(at).get(self.complete..).unwrap_or_default();
        self.error(LinePosition::Line, "", &String::from_utf8_lossy(line), problem)
    }
}
