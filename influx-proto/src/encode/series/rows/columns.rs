//! The columns of the rows: by the first row, which has all of them.

use super::RowWriter;
use crate::encode::series::cell::{self, Column};
use crate::encode::{Failure, PointPart, PointProblem, check_named};
use crate::row::RowSink;
use crate::table::Role;
use crate::{Cell, RowError};

impl<'t> RowWriter<'_, '_, 't> {
    /// Checks the names, once all are known.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let failure = |part, name: &str, problem| Err(Failure::new(part, "", name, problem));
        if self.name.is_empty() {
            return failure(PointPart::Measurement, "", PointProblem::Empty);
        }
        if self.columns.is_empty() {
            return failure(PointPart::Point, "", PointProblem::NoFields);
        }
        check_named(self.table, &self.columns.iter().map(|(name, _)| *name))?;
        let mut names: Vec<_> =
            self.columns.iter().map(|(name, column)| column.written(name)).collect();
        names.sort_unstable();
        match names.iter().zip(names.iter().skip(1)).find(|(one, next)| one == next) {
            Some((name, _)) => failure(PointPart::Column, name, PointProblem::Duplicate),
            None => Ok(()),
        }
    }

    pub(super) fn add_column(&mut self, name: &'t str) -> Column {
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
    pub(super) fn find(&mut self, name: &'static str) -> Result<Column, Failure> {
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
    pub(super) fn fill(&mut self, column: usize) -> Result<(), Failure> {
        while let Some((_, missing)) = self.columns.get(self.next).filter(|_| self.next < column) {
            self.column = *missing;
            self.next += 1;
            self.cell(Cell::Null)?;
        }
        Ok(())
    }

    #[cold]
    #[inline(never)]
    pub(super) fn failure(&self, cell: Cell<'_>, problem: PointProblem) -> Failure {
        let name = self.columns.get(self.next.saturating_sub(1)).map_or("", |(name, _)| name);
        let part = match self.table.role(name) {
            Role::Tag => PointPart::TagValue,
            Role::Field => PointPart::FieldValue,
            Role::Time => PointPart::Timestamp,
        };
        cell::error(part, name, cell, problem).into()
    }
}
