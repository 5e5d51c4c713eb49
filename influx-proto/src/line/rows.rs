//! The rows of a table as points.

#![expect(clippy::inline_always, reason = "the cursor must stay in a register")]

use serde::ser::Serialize;

use super::encode::LineEncoder;
use super::keys::KeyText;
use super::value::{shown, write_field, write_tag};
use crate::encode::{
    EncodeError, Failure, PointPart, PointProblem, check_named, check_series, read_time,
};
use crate::row::{RowSink, write_row};
use crate::table::Role;
use crate::text::room::Buffer;
use crate::{Cell, Series, Table, Time};

/// Writes rows, whose names are checked and escaped once for all of them.
pub(super) struct RowWriter<'e, 't> {
    encoder: &'e mut LineEncoder,
    table: &'t Table,
    name: &'t str,
    measurement: KeyText,
    columns: Vec<Column<'t>>,
    /// The column whose cell comes now.
    current: usize,
    /// The column that is expected after it.
    next: usize,
    /// The end of measurement and tags, as far as they are written.
    series_end: usize,
    /// The end of the fields: behind the tags, or in `side`.
    fields_end: usize,
    /// The row's fields, if a tag may come behind them.
    side: Buffer,
    tags_first: bool,
    /// The length of the row's longest field key, as written.
    longest_key: usize,
    time: Option<Time>,
}

struct Column<'t> {
    name: &'t str,
    role: Role,
    /// Empty for the timestamp.
    text: KeyText,
}

impl<'e, 't> RowWriter<'e, 't> {
    pub(super) fn new(
        encoder: &'e mut LineEncoder,
        table: &'t Table,
        name: &'t str,
    ) -> Result<Self, EncodeError> {
        let mut measurement = KeyText::default();
        measurement
            .set_measurement(name, &mut encoder.keys.scratch)
            .map_err(|problem| encoder.measurement_error(name, problem))?;
        Ok(Self {
            encoder,
            table,
            name,
            measurement,
            columns: Vec::new(),
            current: 0,
            next: 0,
            series_end: 0,
            fields_end: 0,
            side: Buffer::default(),
            tags_first: true,
            longest_key: 0,
            time: None,
        })
    }

    pub(super) fn rows<T: Serialize>(mut self, rows: &[T]) -> Result<(), EncodeError> {
        for (number, row) in rows.iter().enumerate() {
            let start = self.encoder.complete;
            self.begin_row();
            write_row(row, &mut self).map_err(|failure| self.of_row(*failure.0))?;
            if number == 0 {
                self.check_complete()?;
            }
            self.end_row()?;
            if number == 0 {
                let len = (self.encoder.complete - start).saturating_mul(rows.len());
                self.encoder.buffer.expect(start, len);
            }
        }
        Ok(())
    }

    /// The tags are written sorted, with which the server is fastest.
    pub(super) fn series(mut self, series: &'t Series) -> Result<(), EncodeError> {
        check_series(series).map_err(|error| self.of_row(error))?;
        let mut order: Vec<_> = series.columns().iter().enumerate().collect();
        order.sort_by_key(|(_, name)| match self.table.role(name) {
            Role::Tag => (0, name.as_str()),
            Role::Field | Role::Time => (1, ""),
        });
        for (index, (_, name)) in order.iter().enumerate() {
            self.add_column(index, name).map_err(|failure| self.of_row(*failure.0))?;
        }
        self.check_complete()?;
        for point in series.points() {
            self.begin_row();
            for (current, (index, _)) in order.iter().enumerate() {
                self.current = current;
                let cell = point.get(*index).map(Cell::from).unwrap_or_default();
                self.cell(cell).map_err(|failure| self.of_row(*failure.0))?;
            }
            self.end_row()?;
        }
        Ok(())
    }

    #[inline(always)]
    fn begin_row(&mut self) {
        let buffer = &mut self.encoder.buffer;
        self.series_end = self.measurement.write(buffer, self.encoder.complete);
        self.fields_end = if self.tags_first { self.series_end } else { 0 };
        self.next = 0;
        self.longest_key = 0;
        self.time = None;
    }

    #[inline(always)]
    fn end_row(&mut self) -> Result<(), EncodeError> {
        let Self { series_end, longest_key, .. } = *self;
        self.encoder.check_key_len(series_end, "", series_end, longest_key)?;
        if !self.tags_first {
            let fields = self.side.until(self.fields_end);
            self.fields_end = self.encoder.buffer.write(series_end, fields);
        }
        self.encoder.end(self.fields_end, series_end, self.time)
    }

    /// Finds a column that is not the expected one: the first row adds all of its columns, a
    /// later one those that its first fields had left out.
    #[cold]
    #[inline(never)]
    fn find(&mut self, name: &'static str) -> Result<usize, Failure> {
        let expected = self.next;
        match self.columns.iter().position(|column| column.name == name) {
            None => self.add_column(expected, name).map(|()| expected),
            Some(position) if position > expected => Ok(position),
            Some(_) => Err(Failure::new(PointPart::Column, "", name, PointProblem::Duplicate)),
        }
    }

    fn add_column(&mut self, index: usize, name: &'t str) -> Result<(), Failure> {
        let role = self.table.role(name);
        let mut text = KeyText::default();
        let part = match role {
            Role::Tag => Some(PointPart::TagKey),
            Role::Field => Some(PointPart::FieldKey),
            Role::Time => None,
        };
        if let Some(part) = part {
            text.set(name, part, &mut self.encoder.keys.scratch)
                .map_err(|problem| Failure::new(part, "", name, problem))?;
        }
        self.columns.insert(index, Column { name, role, text });
        let roles = self.columns.iter().map(|column| column.role);
        let fields = roles.skip_while(|role| *role != Role::Field);
        if self.tags_first && fields.clone().any(|role| role == Role::Tag) {
            self.tags_first = false;
            let written = self.encoder.buffer.until(self.fields_end);
            let fields = written.get(self.series_end..).unwrap_or_default();
            self.fields_end = self.side.write(0, fields);
        }
        Ok(())
    }

    /// Checks that the columns that the table names are there.
    fn check_complete(&self) -> Result<(), EncodeError> {
        check_named(self.table, &self.columns.iter().map(|column| column.name))
            .map_err(|error| self.of_row(error))
    }

    #[cold]
    fn of_row(&self, error: EncodeError) -> EncodeError {
        error.of(self.encoder.points(), self.name)
    }

    #[inline(always)]
    fn field(&mut self, value: Cell<'_>) -> Result<(), PointProblem> {
        let Some(column) = self.columns.get(self.current) else { return Ok(()) };
        let buffer = if self.tags_first { &mut self.encoder.buffer } else { &mut self.side };
        let at = column.text.write(buffer, self.fields_end);
        if let Some(end) = write_field(buffer, at, value, &self.encoder.options)? {
            self.fields_end = end;
            self.longest_key = self.longest_key.max(column.text.name_len());
        }
        Ok(())
    }

    #[inline(always)]
    fn tag(&mut self, value: Cell<'_>) -> Result<(), PointProblem> {
        let Some(column) = self.columns.get(self.current) else { return Ok(()) };
        if value != Cell::Null {
            let buffer = &mut self.encoder.buffer;
            let at = column.text.write(buffer, self.series_end);
            self.series_end = write_tag(buffer, at, value)?;
            if self.tags_first {
                self.fields_end = self.series_end;
            }
        }
        Ok(())
    }
}

impl RowSink for RowWriter<'_, '_> {
    type Error = Failure;

    #[inline(always)]
    fn begin(&mut self, columns: usize) {
        if self.columns.is_empty() {
            self.columns.reserve_exact(columns);
        }
    }

    #[inline(always)]
    fn column(&mut self, name: &'static str) -> Result<(), Failure> {
        self.current = match self.columns.get(self.next) {
            Some(column) if column.name == name => self.next,
            _ => self.find(name)?,
        };
        self.next = self.current + 1;
        Ok(())
    }

    #[inline(always)]
    fn cell(&mut self, cell: Cell<'_>) -> Result<(), Failure> {
        let Some(column) = self.columns.get(self.current) else { return Ok(()) };
        let (part, written) = match column.role {
            Role::Tag => (PointPart::TagValue, self.tag(cell)),
            Role::Field => (PointPart::FieldValue, self.field(cell)),
            Role::Time => {
                let time = read_time(cell, self.table.unit());
                (PointPart::Timestamp, time.map(|time| self.time = time))
            }
        };
        match written {
            Ok(()) => Ok(()),
            Err(problem) => {
                let name = self.columns.get(self.current).map_or("", |column| column.name);
                Err(Failure::new(part, name, &shown(cell), problem))
            }
        }
    }

    #[cold]
    fn locate(&self, failure: Failure) -> Failure {
        let column = self.columns.get(self.current);
        failure.in_column(column.map_or("", |column| column.name))
    }
}
