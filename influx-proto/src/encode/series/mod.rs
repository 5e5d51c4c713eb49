//! Points as a JSON array of series, the format of InfluxDB 0.8.

mod bodies;
mod cell;
mod groups;
mod rows;

use std::fmt;

use serde::ser::Serialize;

use self::bodies::Bodies;
use self::cell::{Column, Identity, begin_point, end_point};
use self::groups::write_head;
use self::rows::RowWriter;
use super::sealed::Encode;
use super::{Body, EncodeError, EncodeOptions, PointPart, PointProblem, check_named, check_series};
use crate::line::lines;
use crate::{Cell, Point, Series, Table, Time};

/// Writes points as JSON: `[{"name":…,"columns":[…],"points":[[…],…]},…]`.
///
/// Tags and fields are columns. Integers and floats keep all their bits, and their type: a float
/// always has a fraction or an exponent, by which the 0.8 server tells it from an integer
/// (measured on 0.8.9). Within a body, points are grouped by name and columns; the order within a
/// group is kept.
///
/// ```
/// use influx_proto::encode::SeriesEncoder;
/// use influx_proto::{Point, Points};
///
/// let mut encoder = SeriesEncoder::new();
/// Point::new("cpu").tag("host", "web-1").field("value", 1.0).encode(&mut encoder)?;
/// assert_eq!(
///     encoder.finish()[0].bytes,
///     r#"[{"name":"cpu","columns":["host","value"],"points":[["web-1",1.0]]}]"#
/// );
/// # Ok::<(), influx_proto::EncodeError>(())
/// ```
#[derive(Default)]
pub struct SeriesEncoder<'n> {
    bodies: Bodies<'n>,
}

impl<'n> SeriesEncoder<'n> {
    /// An empty encoder with the default options.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty encoder with other options.
    pub fn with_options(options: EncodeOptions) -> Self {
        Self { bodies: Bodies::new(options) }
    }

    /// Sets the source of the `sequence_number` of points that have none.
    /// It is called once for each of them.
    #[must_use]
    pub fn sequence_numbers(mut self, next: &'n mut dyn FnMut() -> u64) -> Self {
        self.bodies.cells.numbers = Some(next);
        self
    }

    /// Gives the encoder the memory of a body that was sent, for its first body.
    #[must_use]
    pub fn reuse(mut self, memory: Vec<u8>) -> Self {
        self.bodies.groups.memory = memory;
        self
    }

    /// The number of points.
    pub fn points(&self) -> usize {
        self.bodies.groups.points()
    }

    /// The points as bodies within the limits of the options.
    pub fn finish(self) -> Vec<Body> {
        self.bodies.groups.finish()
    }

    /// Writes a point that is built of tags and fields.
    fn single<'p>(
        &mut self,
        name: &str,
        tags: impl Iterator<Item = (&'p str, Cell<'p>)> + Clone,
        fields: impl Iterator<Item = (&'p str, Cell<'p>)> + Clone,
        time: Option<Time>,
    ) -> Result<(), EncodeError> {
        let (tags, fields) = (
            tags.filter(|(_, cell)| *cell != Cell::Null),
            fields.filter(|(_, cell)| *cell != Cell::Null),
        );
        let of = |error: EncodeError, points| error.of(points, name);
        let points = self.points();
        if fields.clone().next().is_none() {
            let error = EncodeError::new(PointPart::Point, "", "", PointProblem::NoFields);
            return Err(of(error, points));
        }
        let time = time.or(self.bodies.cells.options.time);
        let numbered = tags.clone().chain(fields.clone()).any(|(key, _)| key == Column::NUMBER);
        let adds_number = !numbered && self.bodies.cells.numbers.is_some();
        let columns = tags.clone().chain(fields.clone()).map(|(key, _)| key);
        let added = [time.map(|_| Column::TIME), adds_number.then_some(Column::NUMBER)];
        let columns = columns.chain(added.into_iter().flatten());
        let end = write_head(&mut self.bodies.head, name, columns);
        let head = self.bodies.head.until(end);
        let group = match self.bodies.groups.find(head) {
            Some(group)
                if !tags.clone().chain(fields.clone()).any(|(key, _)| key == Column::TIME) =>
            {
                group
            }
            _ => {
                check(name, tags.clone(), fields.clone()).map_err(|error| of(error, points))?;
                self.bodies.groups.add(head)
            }
        };
        let (mut buffer, end) = self.bodies.groups.take(group);
        let mut identity = Identity::default();
        let mut written = Ok(begin_point(&mut buffer, end));
        let cells = tags.map(|cell| (PointPart::TagValue, cell));
        let cells = cells.chain(fields.map(|cell| (PointPart::FieldValue, cell)));
        for (part, (key, cell)) in cells {
            let column = if key == Column::NUMBER { Column::Number } else { Column::Value };
            written = written.and_then(|at| {
                let put = self.bodies.cells.put(&mut buffer, at, column, cell, &mut identity);
                put.map_err(|problem| cell::error(part, key, cell, *problem))
            });
        }
        if let Some(time) = time {
            written = written.and_then(|at| {
                let cell = Cell::Time(time);
                let put =
                    self.bodies.cells.put(&mut buffer, at, Column::time(), cell, &mut identity);
                put.map_err(|problem| cell::error(PointPart::Timestamp, "", cell, *problem))
            });
        }
        if adds_number {
            written =
                written.map(|at| self.bodies.cells.put_number(&mut buffer, at, &mut identity));
        }
        let written = written.map(|at| end_point(&mut buffer, at));
        self.bodies.groups.give_back(group, buffer);
        written
            .and_then(|end| self.bodies.groups.commit(group, end, identity.is_complete()))
            .map(drop)
            .map_err(|error| of(error, points))
    }
}

/// Checks the names of a point of a new shape.
#[cold]
fn check<'p>(
    name: &str,
    tags: impl Iterator<Item = (&'p str, Cell<'p>)> + Clone,
    fields: impl Iterator<Item = (&'p str, Cell<'p>)> + Clone,
) -> Result<(), EncodeError> {
    use PointPart::{Column as AnyColumn, FieldKey, TagKey};
    if name.is_empty() {
        return Err(EncodeError::new(PointPart::Measurement, "", name, PointProblem::Empty));
    }
    let names = |part| move |(key, _)| (key, part);
    let mut keys: Vec<(&str, PointPart)> =
        tags.map(names(TagKey)).chain(fields.map(names(FieldKey))).collect();
    if let Some((key, part)) = keys.iter().find(|(key, _)| *key == Column::TIME) {
        return Err(EncodeError::new(*part, "", key, PointProblem::Reserved));
    }
    keys.sort_unstable_by_key(|(key, part)| (*key, *part as u8));
    let mut pairs = keys.iter().zip(keys.iter().skip(1));
    match pairs.find(|((one, _), (next, _))| one == next) {
        None => Ok(()),
        Some(((key, one), (_, next))) if one == next => {
            Err(EncodeError::new(*one, "", key, PointProblem::Duplicate))
        }
        Some(((key, _), _)) => Err(EncodeError::new(AnyColumn, "", key, PointProblem::TagAndField)),
    }
}

impl Encode for SeriesEncoder<'_> {
    fn point(&mut self, point: &Point) -> Result<(), EncodeError> {
        let tags = point.tags.iter().map(|(key, value)| (key.as_str(), Cell::from(value)));
        let fields = point.fields.iter().map(|(key, value)| (key.as_str(), Cell::from(value)));
        self.single(&point.name, tags, fields, point.time)
    }

    fn rows<T: Serialize>(&mut self, table: &Table, rows: &[T]) -> Result<(), EncodeError> {
        RowWriter::new(&mut self.bodies, table, table.name()).rows(rows)
    }

    fn series(&mut self, table: &Table, series: &Series) -> Result<(), EncodeError> {
        let points = self.points();
        let of = |error: EncodeError| error.of(points, series.name());
        check_series(series).map_err(of)?;
        check_named(table, &series.columns().iter().map(String::as_str)).map_err(of)?;
        RowWriter::new(&mut self.bodies, table, series.name()).series(series)
    }

    fn lines(&mut self, text: &[u8]) -> Result<(), EncodeError> {
        for line in lines(text) {
            let line = line.map_err(|error| error.into_encode_error(self.points()))?;
            let tags = line.tags.iter().map(|(key, value)| (key.as_ref(), Cell::Str(value)));
            let fields = line.fields.iter().map(|(key, value)| (key.as_ref(), Cell::from(value)));
            self.single(&line.measurement, tags, fields, line.timestamp.map(Time::from_nanos))?;
        }
        Ok(())
    }
}

impl fmt::Debug for SeriesEncoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeriesEncoder")
            .field("options", &self.bodies.cells.options)
            .field("points", &self.points())
            .finish_non_exhaustive()
    }
}
