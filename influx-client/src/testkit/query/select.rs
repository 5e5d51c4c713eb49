//! Answers `select`.

use influx_proto::Value;

use super::ast::{Expression, Select, Source};
use super::block::{Block, Output, Row};
use super::filter::{Filter, evaluate};
use crate::testkit::engine::{Database, Point, PointKey, Requester, Table};
use crate::testkit::refusal::Refusal;

/// The most points of an object that answers a raw select (measured on 0.8.9).
const RAW_BLOCK: usize = 200;

/// What a select runs on.
pub(super) struct Context<'a> {
    /// `None` if it does not exist, which queries do not tell from an empty one.
    pub(super) database: Option<&'a Database>,
    pub(super) requester: &'a Requester,
    /// Microseconds since 1970.
    pub(super) now: i64,
}

impl Select {
    /// Answers each series, block by block.
    ///
    /// # Errors
    ///
    /// The server's text; blocks of earlier series were handed over by then.
    pub(super) fn run(
        &self,
        context: &Context<'_>,
        output: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        let filter = Filter::new(self.condition.as_ref(), context.now)?;
        for (name, table) in self.tables(context)? {
            self.check_columns(name, table, &filter)?;
            if self.has_calls() {
                self.run_grouped(name, table, &filter, output)?;
            } else {
                self.run_raw(name, table, &filter, output)?;
            }
        }
        Ok(())
    }

    /// The series that the requester may read; one that is named must be readable and exist.
    fn tables<'a>(&'a self, context: &Context<'a>) -> Result<Vec<(&'a str, &'a Table)>, Refusal> {
        match &self.from {
            Source::Names(names) => names
                .iter()
                .map(|name| {
                    if !context.requester.may_read(name) {
                        let text = format!("User doesn't have read access to {name}");
                        return Err(Refusal::forbidden(text));
                    }
                    let table = context.database.and_then(|database| database.readable(name));
                    let missing = || Refusal::invalid(format!("Couldn't find series: {name}"));
                    table.map(|table| (name.as_str(), table)).ok_or_else(missing)
                })
                .collect(),
            Source::Pattern(pattern) => Ok(context
                .database
                .into_iter()
                .flat_map(Database::all_readable)
                .filter(|(name, _)| pattern.matches(name) && context.requester.may_read(name))
                .collect()),
        }
    }

    fn check_columns(
        &self,
        series: &str,
        table: &Table,
        filter: &Filter<'_>,
    ) -> Result<(), Refusal> {
        let mut columns = filter.columns();
        if let Some(key) = columns.iter().find(|column| PointKey::is_column(column)) {
            return Err(Refusal::invalid(format!(
                "Error while filtering points: Cannot find column {key} [query = {self}]"
            )));
        }
        self.columns.iter().for_each(|column| column.add_columns(&mut columns));
        columns.extend(self.group_by.columns.iter().map(String::as_str));
        columns.retain(|column| !PointKey::is_column(column) && !table.has_column(column));
        match columns.first() {
            Some(column) => {
                let text = format!("Field {column} doesn't exist in series {series}");
                Err(Refusal::invalid(text))
            }
            None => Ok(()),
        }
    }

    fn run_raw(
        &self,
        name: &str,
        table: &Table,
        filter: &Filter<'_>,
        output: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        let columns = self.outputs(table.columns());
        let titles: Vec<String> = columns.iter().map(|(title, _)| title.clone()).collect();
        let rows = self.points(table, filter).filter_map(|point| {
            let values: Vec<Value> =
                columns.iter().map(|(_, value)| evaluate(value, point)).collect();
            // The server leaves out a point without a value, but keeps a computed null: 1 / 0.
            let exists = columns.iter().zip(&values).any(|((_, expression), value)| {
                !value.is_null() || !matches!(expression, Expression::Column(_))
            });
            let row = Row { time: point.key.time, sequence: Some(point.key.sequence), values };
            exists.then_some(row)
        });
        let mut rows = rows.take(self.limit.unwrap_or(usize::MAX)).peekable();
        if let (Some(key), None) = (filter.single, rows.peek()) {
            // A point that does not exist is answered without values.
            let row = Row { time: key.time, sequence: Some(key.sequence), values: Vec::new() };
            let block = Block { series: name.to_owned(), columns: Vec::new(), rows: vec![row] };
            return output.push(block);
        }
        while rows.peek().is_some() {
            let rows = rows.by_ref().take(RAW_BLOCK).collect();
            output.push(Block { series: name.to_owned(), columns: titles.clone(), rows })?;
        }
        Ok(())
    }

    /// The points of a series that match, in the order of the query.
    pub(super) fn points<'a>(
        &self,
        table: &'a Table,
        filter: &'a Filter<'_>,
    ) -> Box<dyn Iterator<Item = Point<'a>> + 'a> {
        let points = table.points(filter.keys()).filter(|point| filter.matches(*point));
        if self.ascending { Box::new(points) } else { Box::new(points.rev()) }
    }

    /// The columns of a raw answer with their titles: computed ones are called `expr0`, `expr1`, ...
    ///
    /// Columns of a `group by` are answered too, although nothing is grouped.
    pub(super) fn outputs(&self, known: &[String]) -> Vec<(String, Expression)> {
        let mut outputs = Vec::new();
        if self.columns.contains(&Expression::Wildcard) {
            let column = |name: &String| (name.clone(), Expression::Column(name.clone()));
            outputs.extend(known.iter().map(column));
        }
        let mut computed = 0;
        let grouped = self.group_by.columns.iter().cloned().map(Expression::Column);
        for column in self.columns.iter().cloned().chain(grouped) {
            match &column {
                Expression::Wildcard => {}
                // Keys are part of every point already.
                Expression::Column(name) if PointKey::is_column(name) => {}
                Expression::Column(name) => {
                    if !outputs.iter().any(|(title, _)| title == name) {
                        outputs.push((name.clone(), column));
                    }
                }
                _ => {
                    outputs.push((format!("expr{computed}"), column));
                    computed += 1;
                }
            }
        }
        outputs
    }

    /// Whether an aggregate function is called.
    pub(super) fn has_calls(&self) -> bool {
        self.columns.iter().any(|column| matches!(column, Expression::Call { .. }))
    }
}
