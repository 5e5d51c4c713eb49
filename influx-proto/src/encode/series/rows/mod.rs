//! The rows of a table, and the points of a series.

#![expect(clippy::inline_always, reason = "the cursor must stay in a register")]

mod columns;

use std::ptr;

use serde::ser::Serialize;

use super::bodies::Bodies;
use super::cell::{Column, Identity, begin_point, end_point};
use super::groups::write_head;
use crate::encode::{EncodeError, Failure, PointPart, PointProblem};
use crate::row::{RowSink, write_row};
use crate::text::room::Buffer;
use crate::{Cell, Series, Table, Value};

/// Writes rows of the same columns into one group.
pub(super) struct RowWriter<'e, 'n, 't> {
    bodies: &'e mut Bodies<'n>,
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
    pub(super) fn new(bodies: &'e mut Bodies<'n>, table: &'t Table, name: &'t str) -> Self {
        Self {
            bodies,
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
        let points = self.bodies.groups.points() + self.pending.points;
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
        let cells = &mut self.bodies.cells;
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
        let options = &self.bodies.cells.options;
        self.adds_time = options.time.is_some() && !has(|column| matches!(column, Column::Time(_)));
        self.adds_number =
            self.bodies.cells.numbers.is_some() && !has(|column| column == Column::Number);
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
        let bodies = &mut *self.bodies;
        let end = write_head(&mut bodies.head, self.name, columns);
        let group = bodies.groups.add(bodies.head.until(end));
        self.enter(group);
        let len = row.len().saturating_mul(rest.min(self.max.points) + 1);
        self.buffer.expect(self.pending.end, len.min(self.max.end));
        self.at = self.buffer.write(self.pending.end, &row);
        self.commit()
    }

    /// Continues behind a group.
    fn enter(&mut self, group: usize) {
        let groups = &mut self.bodies.groups;
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
            self.bodies.groups.give_back(group, std::mem::take(&mut self.buffer));
            self.bodies.groups.extend(group, end, points, !has_unidentified);
            self.pending = Pending::default();
        }
    }

    /// Adds a row that needs a new body, or the first one.
    #[cold]
    #[inline(never)]
    fn commit(&mut self) -> Result<(), Failure> {
        let Some(group) = self.group else { return Ok(()) };
        self.count_pending();
        let group = self.bodies.groups.commit(group, self.at, self.identity.is_complete())?;
        self.enter(group);
        Ok(())
    }

    #[inline(never)]
    fn other_cell(&mut self, cell: Cell<'_>) -> Result<(), Failure> {
        self.cell(cell)
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
        let cells = &mut self.bodies.cells;
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
