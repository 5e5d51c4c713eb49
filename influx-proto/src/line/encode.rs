//! The encoder: one point after the other into one buffer.

#![expect(clippy::inline_always, reason = "the cursor must stay in a register")]

use bytes::Bytes;

use super::escape::read_name;
use super::keys::Keys;
use super::value::shown;
use crate::encode::{
    Body, EncodeError, EncodeOptions, KEY_SEPARATOR_LEN, PointPart, PointProblem, scale,
};
use crate::text::room::{Buffer, put};
use crate::text::write_number::put_i64;
use crate::{Cell, Time};

/// Writes points as line protocol into one buffer, without an allocation per point.
///
/// A point is a measurement, then tags, then at least one field, then its timestamp;
/// the types allow no other order. [`Points::encode`](crate::Points::encode) writes everything
/// else that can be written.
/// A point that cannot be written so that the server reads it back exactly is an error.
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
/// # Ok::<(), influx_proto::EncodeError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct LineEncoder {
    pub(super) options: EncodeOptions,
    pub(super) buffer: Buffer,
    /// The end of the complete lines.
    pub(super) complete: usize,
    points: usize,
    pub(super) keys: Keys,
    bodies: Vec<Extent>,
    /// Where the open body begins.
    body: Extent,
    /// Whether a point of the open body has no timestamp.
    untimed: bool,
}

/// Up to where a body reaches.
#[derive(Clone, Copy, Debug, Default)]
struct Extent {
    end: usize,
    points: usize,
    identified: bool,
}

impl LineEncoder {
    /// An empty encoder with the default options.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty encoder with other options.
    pub fn with_options(options: EncodeOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// The complete lines, of all bodies.
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
        self.bodies.clear();
        self.body = Extent::default();
        self.untimed = false;
    }

    /// Takes the complete lines out, of all bodies; the encoder is empty then.
    pub fn take(&mut self) -> Vec<u8> {
        let lines = self.buffer.take(self.complete);
        self.clear();
        lines
    }

    /// The complete lines as bodies within the limits of the options.
    pub fn finish(mut self) -> Vec<Body> {
        self.end_body();
        let lines = Bytes::from(self.buffer.take(self.complete));
        let mut before = Extent::default();
        let bodies = self.bodies.into_iter().map(|extent| {
            let points = extent.points - before.points;
            let bytes = lines.slice(before.end..extent.end);
            before = extent;
            Body { bytes, points, identified: extent.identified }
        });
        bodies.collect()
    }

    fn end_body(&mut self) {
        if self.points > self.body.points {
            let (end, points, identified) = (self.complete, self.points, !self.untimed);
            self.body = Extent { end, points, identified };
            self.bodies.push(self.body);
            self.untimed = false;
        }
    }

    /// Writes `,key=` with the key of a tag or field, the point's `index`-th. Returns the end.
    #[inline(always)]
    pub(super) fn key(
        &mut self,
        at: usize,
        index: usize,
        key: &str,
        part: PointPart,
    ) -> Result<usize, EncodeError> {
        match self.keys.known(index, key, part) {
            Some(text) => Ok(text.write(&mut self.buffer, at)),
            None => self.new_key(at, index, key, part),
        }
    }

    #[cold]
    #[inline(never)]
    fn new_key(
        &mut self,
        at: usize,
        index: usize,
        key: &str,
        part: PointPart,
    ) -> Result<usize, EncodeError> {
        match self.keys.add(index, key, part) {
            Ok(text) => Ok(text.write(&mut self.buffer, at)),
            Err(problem) => Err(self.error(at, EncodeError::new(part, "", key, problem))),
        }
    }

    /// Checks that no key appears twice, once all tags or all fields are there.
    #[inline(always)]
    pub(super) fn check_keys(&mut self, len: usize, part: PointPart) -> Result<(), EncodeError> {
        if self.keys.are_distinct(len) { Ok(()) } else { self.check_many_keys(len, part) }
    }

    #[cold]
    fn check_many_keys(&mut self, len: usize, part: PointPart) -> Result<(), EncodeError> {
        match self.keys.check(len).map_err(str::to_owned) {
            Ok(()) => Ok(()),
            Err(key) => {
                let error = EncodeError::new(part, "", &key, PointProblem::Duplicate);
                Err(self.error(usize::MAX, error))
            }
        }
    }

    /// Checks that the server takes a field key of this length, as written, in this series.
    #[inline(always)]
    pub(super) fn check_key_len(
        &self,
        at: usize,
        key: &str,
        series_end: usize,
        key_len: usize,
    ) -> Result<(), EncodeError> {
        let max = self.options.max_key_len;
        if series_end - self.complete + KEY_SEPARATOR_LEN + key_len <= max {
            return Ok(());
        }
        let problem = PointProblem::large_key(max);
        Err(self.error(at, EncodeError::new(PointPart::FieldKey, "", key, problem)))
    }

    /// Ends the line at `at`. `series_end` is the end of measurement and tags, behind which each
    /// field stands after a comma.
    #[inline(always)]
    pub(super) fn end(
        &mut self,
        at: usize,
        series_end: usize,
        time: Option<Time>,
    ) -> Result<(), EncodeError> {
        if at == series_end {
            let error = EncodeError::new(PointPart::Point, "", "", PointProblem::NoFields);
            return Err(self.error(at, error));
        }
        self.buffer.set(series_end, b' ');
        self.end_line(at, time)
    }

    #[inline(always)]
    pub(super) fn end_line(&mut self, at: usize, time: Option<Time>) -> Result<(), EncodeError> {
        let time = time.or(self.options.time);
        let end = if let Some(time) = time {
            let count = match scale(time, self.options.time_unit.unwrap_or_default()) {
                Ok(count) => count,
                Err(problem) => return Err(self.time_error(at, time, problem)),
            };
            let room = self.buffer.room(at);
            put(room, 0, *b" ");
            let len = put_i64(room, 1, count);
            put(room, len, *b"\n");
            at + len + 1
        } else {
            put(self.buffer.room(at), 0, *b"\n");
            at + 1
        };
        if end - self.body.end > self.options.max_bytes
            || self.points - self.body.points >= self.options.max_points
        {
            self.split(end)?;
        }
        self.complete = end;
        self.points += 1;
        self.untimed |= time.is_none();
        Ok(())
    }

    /// Begins a body before the line that ends at `end`.
    #[cold]
    fn split(&mut self, end: usize) -> Result<(), EncodeError> {
        self.end_body();
        let max = self.options.max_bytes;
        if end - self.complete <= max {
            return Ok(());
        }
        let problem = PointProblem::large_point(max);
        Err(self.error(usize::MAX, EncodeError::new(PointPart::Point, "", "", problem)))
    }

    /// Names the unfinished point, which is written up to `at`.
    #[cold]
    pub(super) fn error(&self, at: usize, error: EncodeError) -> EncodeError {
        // Enough for what an error shows of a name.
        const MAX: usize = 256;
        let written = self.buffer.until_at_most(at.min(self.complete + MAX));
        let written = String::from_utf8_lossy(written.get(self.complete..).unwrap_or_default());
        let name = read_name(&written, PointPart::Measurement);
        error.of(self.points, &name.map(|(name, _)| name).unwrap_or_default())
    }

    #[cold]
    pub(super) fn measurement_error(&self, name: &str, problem: PointProblem) -> EncodeError {
        EncodeError::new(PointPart::Measurement, "", name, problem).of(self.points, "")
    }

    /// An error about the value of a tag or field.
    #[cold]
    pub(super) fn value_error(
        &self,
        part: PointPart,
        key: &str,
        value: Cell<'_>,
        problem: PointProblem,
    ) -> EncodeError {
        self.error(usize::MAX, EncodeError::new(part, key, &shown(value), problem))
    }

    #[cold]
    fn time_error(&self, at: usize, time: Time, problem: PointProblem) -> EncodeError {
        let time = time.nanos().to_string();
        self.error(at, EncodeError::new(PointPart::Timestamp, "", &time, problem))
    }
}
