//! The rows of a table, and the points of a series.

#![expect(clippy::inline_always, reason = "the cursor must stay in a register")]

use std::ptr;

use serde::ser::Serialize;

use super::SeriesEncoder;
use super::cell::{self, Column, Identity, begin_point, end_point};
use super::groups::write_head;
use crate::encode::{EncodeError, Failure, PointPart, PointProblem};
use crate::row::{RowSink, write_row};
use crate::table::Role;
use crate::text::room::Buffer;
use crate::{Cell, RowError, Series, Table, Value};

/// Writes rows of the same columns into one group.
pub(super) struct RowWriter<'e, 'n, 't> {
    encoder: &'e mut SeriesEncoder<'n>,
    table: &'t Table,
    name: &'t str,
    columns: Vec<(&'t str, Column)>,
    /// Whether each column of a row is a new one.
    is_first: bool,
    adds_time: bool,
    adds_number: bool,
    /// The column behind the one whose cell was begun, which is `column`.
    next: usize,
    column: Column,
    /// The group, once the columns are known.
    group: Option<usize>,
    /// The bytes of the group; before, those of the first row.
    buffer: Buffer,
    /// The end of what is written.
    at: usize,
    identity: Identity,
    /// The rows behind the group that do not count yet.
    pending: Pending,
    /// The limits of `pending` within the open body.
    max: Pending,
}

#[derive(Clone, Copy, Default)]
struct Pending {
    points: usize,
    end: usize,
    has_unidentified: bool,
    /// Whether their time is null: such rows have a group of their own.
    lacks_time: bool,
}

impl<'e, 'n, 't> RowWriter<'e, 'n, 't> {
    pub(super) fn new(encoder: &'e mut SeriesEncoder<'n>, table: &'t Table, name: &'t str) -> Self {
        Self {
            encoder,
            table,
            name,
            columns: Vec::new(),
            is_first: true,
            adds_time: false,
            adds_number: false,
            next: 0,
            column: Column::Value,
            group: None,
            buffer: Buffer::default(),
            at: 0,
            identity: Identity::default(),
            pending: Pending::default(),
            max: Pending::default(),
        }
    }

    pub(super) fn rows<T: Serialize>(self, rows: &[T]) -> Result<(), EncodeError> {
        self.write_all(rows.iter(), |this, row| write_row(row, this))
    }

    pub(super) fn series(mut self, series: &'t Series) -> Result<(), EncodeError> {
        self.is_first = false;
        for name in series.columns() {
            self.add_column(name);
        }
        self.write_all(series.points(), |this, point: &[Value]| {
            for (index, value) in point.iter().enumerate() {
                let Some((_, column)) = this.columns.get(index) else { continue };
                (this.next, this.column) = (index + 1, *column);
                // Without a `Cell` of any kind between, its kind is looked at once.
                match value {
                    Value::Float(value) => this.cell(Cell::Float(*value))?,
                    Value::Int(value) => this.cell(Cell::Int(*value))?,
                    Value::String(value) => this.cell(Cell::Str(value))?,
                    other => this.other_cell(other.into())?,
                }
            }
            Ok(())
        })
    }

    #[inline(always)]
    fn write_all<R>(
        mut self,
        mut rows: impl ExactSizeIterator<Item = R>,
        mut write: impl FnMut(&mut Self, R) -> Result<(), Failure>,
    ) -> Result<(), EncodeError> {
        let Some(first) = rows.next() else { return Ok(()) };
        begin_point(&mut self.buffer, 0);
        self.begin_row();
        let written = write(&mut self, first);
        let mut result = written.and_then(|()| self.end_first_row(rows.len()));
        for row in rows {
            if result.is_err() {
                break;
            }
            self.begin_row();
            result = write(&mut self, row);
            if result.is_ok() {
                result = self.end_row();
            }
        }
        let points = self.encoder.points() + self.pending.points;
        self.count_pending();
        result.map_err(|failure| failure.0.of(points, self.name))
    }

    #[inline(always)]
    fn begin_row(&mut self) {
        self.next = 0;
        self.identity = Identity::default();
        // Its bracket is there already.
        self.at = self.pending.end + 1;
    }

    /// Completes the point with what the columns do not have.
    #[inline(always)]
    fn complete(&mut self) -> Result<(), Failure> {
        if self.next < self.columns.len() {
            self.fill(self.columns.len())?;
        }
        let cells = &mut self.encoder.cells;
        if self.adds_time {
            let (time, identity) = (Column::time(), &mut self.identity);
            match cells.put(&mut self.buffer, self.at, time, Cell::Null, identity) {
                Ok(at) => self.at = at,
                Err(problem) => return Err(self.failure(Cell::Null, *problem)),
            }
        }
        if self.adds_number {
            self.at = cells.put_number(&mut self.buffer, self.at, &mut self.identity);
        }
        self.at = end_point(&mut self.buffer, self.at);
        Ok(())
    }

    #[inline(always)]
    fn end_row(&mut self) -> Result<(), Failure> {
        self.complete()?;
        if self.identity.lacks_time != self.pending.lacks_time {
            return self.change_group(0);
        }
        let points = self.pending.points + 1;
        if points > self.max.points || self.at > self.max.end {
            return self.commit();
        }
        self.pending.points = points;
        self.pending.end = self.at;
        self.pending.has_unidentified |= !self.identity.is_complete();
        Ok(())
    }

    /// Begins the group of all rows with the first one, behind which `rest` more come.
    #[inline(never)]
    fn end_first_row(&mut self, rest: usize) -> Result<(), Failure> {
        self.is_first = false;
        let has = |role: fn(Column) -> bool| self.columns.iter().any(|(_, column)| role(*column));
        let options = &self.encoder.cells.options;
        self.adds_time = options.time.is_some() && !has(|column| matches!(column, Column::Time(_)));
        self.adds_number =
            self.encoder.cells.numbers.is_some() && !has(|column| column == Column::Number);
        self.complete()?;
        self.check()?;

        self.change_group(rest)
    }

    /// Moves a row to the group of its columns, behind which `rest` more rows are expected.
    #[cold]
    #[inline(never)]
    fn change_group(&mut self, rest: usize) -> Result<(), Failure> {
        let row = self.buffer.until(self.at).get(self.pending.end..).unwrap_or_default().to_vec();
        self.count_pending();
        let lacks_time = self.identity.lacks_time;
        let is_written = |column: Column| !lacks_time || !matches!(column, Column::Time(_));
        let columns = self.columns.iter().filter(|(_, column)| is_written(*column));
        let columns = columns.map(|(name, column)| column.written(name));
        let added =
            [self.adds_time.then_some(Column::TIME), self.adds_number.then_some(Column::NUMBER)];
        let columns = columns.chain(added.into_iter().flatten());
        if columns.clone().next().is_none() {
            return Err(Failure::new(PointPart::Point, "", "", PointProblem::NoFields));
        }
        let encoder = &mut *self.encoder;
        let end = write_head(&mut encoder.head, self.name, columns);
        let group = encoder.groups.add(encoder.head.until(end));
        self.enter(group);
        let len = row.len().saturating_mul(rest.min(self.max.points) + 1);
        self.buffer.expect(self.pending.end, len.min(self.max.end));
        self.at = self.buffer.write(self.pending.end, &row);
        self.commit()
    }

    /// Continues behind a group.
    fn enter(&mut self, group: usize) {
        let groups = &mut self.encoder.groups;
        let (points, max_end) = groups.limits(group);
        let (buffer, end) = groups.take(group);
        self.buffer = buffer;
        begin_point(&mut self.buffer, end);
        self.group = Some(group);
        let lacks_time = self.identity.lacks_time;
        self.pending = Pending { end, lacks_time, ..Pending::default() };
        self.max = Pending { points, end: max_end, ..Pending::default() };
    }

    /// Gives the group back, with the rows that do not count yet.
    fn count_pending(&mut self) {
        if let Some(group) = self.group.take() {
            let Pending { points, end, has_unidentified, .. } = self.pending;
            self.encoder.groups.give_back(group, std::mem::take(&mut self.buffer));
            self.encoder.groups.extend(group, end, points, !has_unidentified);
            self.pending = Pending::default();
        }
    }

    /// Adds a row that needs a new body, or the first one.
    #[cold]
    #[inline(never)]
    fn commit(&mut self) -> Result<(), Failure> {
        let Some(group) = self.group else { return Ok(()) };
        self.count_pending();
        let group = self.encoder.groups.commit(group, self.at, self.identity.is_complete())?;
        self.enter(group);
        Ok(())
    }

    /// Checks the names, once all are known.
    fn check(&self) -> Result<(), Failure> {
        let failure = |part, name: &str, problem| Err(Failure::new(part, "", name, problem));
        if self.name.is_empty() {
            return failure(PointPart::Measurement, "", PointProblem::Empty);
        }
        if self.columns.is_empty() {
            return failure(PointPart::Point, "", PointProblem::NoFields);
        }
        if let Some(name) = self.table.missing(&self.columns.iter().map(|(name, _)| *name)) {
            return failure(PointPart::Column, name, PointProblem::Missing);
        }
        let mut names: Vec<_> =
            self.columns.iter().map(|(name, column)| column.written(name)).collect();
        names.sort_unstable();
        match names.iter().zip(names.iter().skip(1)).find(|(one, next)| one == next) {
            Some((name, _)) => failure(PointPart::Column, name, PointProblem::Duplicate),
            None => Ok(()),
        }
    }

    fn add_column(&mut self, name: &'t str) -> Column {
        let column = match self.table.role(name) {
            Role::Time => Column::Time(self.table.unit()),
            _ if name == Column::NUMBER => Column::Number,
            _ => Column::Value,
        };
        self.columns.push((name, column));
        column
    }

    #[cold]
    #[inline(never)]
    fn find(&mut self, name: &'static str) -> Result<Column, Failure> {
        if self.is_first {
            return Ok(self.add_column(name));
        }
        let mut later = self.columns.iter().enumerate().skip(self.next);
        let Some((index, &(_, column))) = later.find(|(_, (column, _))| *column == name) else {
            let reason = "the first row has no such column, or not in this order";
            return Err(RowError::of_column(name, reason).into());
        };
        self.fill(index)?;
        Ok(column)
    }

    /// Writes nulls up to a column.
    #[cold]
    #[inline(never)]
    fn fill(&mut self, column: usize) -> Result<(), Failure> {
        while let Some((_, missing)) = self.columns.get(self.next).filter(|_| self.next < column) {
            self.column = *missing;
            self.next += 1;
            self.cell(Cell::Null)?;
        }
        Ok(())
    }

    #[inline(never)]
    fn other_cell(&mut self, cell: Cell<'_>) -> Result<(), Failure> {
        self.cell(cell)
    }

    #[cold]
    #[inline(never)]
    fn failure(&self, cell: Cell<'_>, problem: PointProblem) -> Failure {
        let name = self.columns.get(self.next.saturating_sub(1)).map_or("", |(name, _)| name);
        let part = match self.table.role(name) {
            Role::Tag => PointPart::TagValue,
            Role::Field => PointPart::FieldValue,
            Role::Time => PointPart::Timestamp,
        };
        cell::error(part, name, cell, problem).into()
    }
}

impl RowSink for RowWriter<'_, '_, '_> {
    type Error = Failure;

    #[inline(always)]
    fn begin(&mut self, columns: usize) {
        if self.columns.is_empty() {
            self.columns.reserve_exact(columns);
        }
    }

    #[inline(always)]
    fn column(&mut self, name: &'static str) -> Result<(), Failure> {
        // Rows of one struct have the very same names in the same order.
        self.column = match self.columns.get(self.next) {
            Some((expected, column)) if ptr::eq(*expected, name) => *column,
            _ => self.find(name)?,
        };
        self.next += 1;
        Ok(())
    }

    #[inline(always)]
    fn cell(&mut self, cell: Cell<'_>) -> Result<(), Failure> {
        let cells = &mut self.encoder.cells;
        match cells.put(&mut self.buffer, self.at, self.column, cell, &mut self.identity) {
            Ok(at) => self.at = at,
            Err(problem) => return Err(self.failure(cell, *problem)),
        }
        Ok(())
    }

    #[cold]
    fn locate(&self, failure: Failure) -> Failure {
        let column = self.columns.get(self.next.saturating_sub(1));
        failure.in_column(column.map_or("", |(name, _)| name))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Points;

    /// Checks the body, or the error.
    fn check<T: Serialize>(rows: &[T], expected: Result<&str, &str>) {
        let mut encoder = SeriesEncoder::new();
        let result = Table::new("m").rows(rows).encode(&mut encoder);
        match expected {
            Ok(points) => {
                assert_eq!(result, Ok(()));
                let bodies = encoder.finish();
                assert_eq!(bodies[0].bytes, format!("[{{\"name\":\"m\",{points}}}]"));
            }
            Err(expected) => assert_eq!(result.unwrap_err().to_string(), expected),
        }
    }

    #[derive(Clone, Copy, serde::Serialize)]
    struct Row<'a> {
        at: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        zone: Option<char>,
        host: &'a str,
        state: State,
        load: f32,
        unit: (),
    }

    #[derive(Clone, Copy, serde::Serialize)]
    enum State {
        Up,
        Since(i64),
    }

    #[derive(serde::Serialize)]
    struct One<T> {
        value: T,
    }

    #[derive(serde::Serialize)]
    #[serde(untagged)]
    enum Either {
        A { one: bool, two: u64 },
        B { two: u64 },
        C { two: u64, one: bool },
    }

    const ROW: Row<'_> =
        Row { at: 1, zone: None, host: "a\"b", state: State::Up, load: 0.5, unit: () };

    #[test]
    fn structs_become_points() {
        check(
            &[ROW, Row { zone: Some('é'), at: i64::MIN, ..ROW }],
            Ok(concat!(
                r#""columns":["at","zone","host","state","load","unit"],"#,
                r#""points":[[1,null,"a\"b","Up",0.5,null],"#,
                r#"[-9223372036854775808,"é","a\"b","Up",0.5,null]]"#
            )),
        );
        check(
            &[Some(&One { value: u64::MAX })],
            Ok(r#""columns":["value"],"points":[[18446744073709551615]]"#),
        );
        check(
            &[Either::A { one: true, two: 1 }, Either::B { two: 2 }],
            Ok(r#""columns":["one","two"],"points":[[true,1],[null,2]]"#),
        );
    }

    #[test]
    fn the_body_is_that_of_a_series() {
        let rows = [ROW, ROW, Row { host: "\u{1}", load: -0.0, ..ROW }];
        let rows = rows.map(|row| Row { zone: Some('z'), ..row });
        let series = Series::from_rows("m", rows).unwrap();
        let (mut expected, mut encoder) = (SeriesEncoder::new(), SeriesEncoder::new());
        series.encode(&mut expected).unwrap();
        Table::new("m").rows(&rows).encode(&mut encoder).unwrap();
        assert_eq!(encoder.finish(), expected.finish());
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let refused = |column, what| {
            format!("point 0 of \"m\": column {column:?}: a column cannot hold {what}")
        };
        let since = Row { state: State::Since(1), ..ROW };
        check(&[since], Err(&refused("state", "an enum with data")));
        check(&[One { value: vec![1] }], Err(&refused("value", "a sequence")));
        check(
            &[One { value: 1.0 }, One { value: f64::NAN }],
            Err("point 1 of \"m\": field value of \"value\" \"NaN\" is not finite; \
                 leave it out or choose `NonFinite::Omit`"),
        );
        let unordered = "point 1 of \"m\": column \"one\": \
                         the first row has no such column, or not in this order";
        check(&[Either::B { two: 1 }, Either::C { two: 2, one: true }], Err(unordered));
        let rows = [Either::A { one: true, two: 1 }, Either::C { two: 2, one: true }];
        check(&rows, Err(unordered));
        let not_a_row = Err("point 0 of \"m\": only a struct or a map is a row");
        check(&[1], not_a_row);
        check(&[None::<i64>], not_a_row);
        let map = Err("point 0 of \"m\": only a struct is a row");
        check(&[BTreeMap::from([("value", 1)])], map);
    }
}
