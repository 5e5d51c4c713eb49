//! Answers `select`.

use super::block::{Block, Output, Row};
use super::evaluate::evaluate;
use super::filter::Filter;
use crate::StoredValue;
use crate::v08::query::{Expression, Select, Source};
use crate::v08::refusal::Refusal;
use crate::v08::store::{Database, Requester, Table};

/// The most points of an object that answers a raw select (measured on 0.8.9).
const RAW_BLOCK: usize = 200;

/// The input of a select.
pub(super) struct Context<'a> {
    pub(super) database: &'a Database,
    pub(super) requester: &'a Requester,
}

impl Select {
    /// Answers each series, block by block.
    /// Error: the server's text; blocks of earlier series were handed over by then.
    pub(super) fn run(
        &self,
        context: &Context<'_>,
        output: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        let filter = Filter::new(self.condition.as_ref(), self.range);
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
                    let missing = || Refusal::invalid(format!("Couldn't find series: {name}"));
                    let table = context.database.readable(name).ok_or_else(missing)?;
                    Ok((name.as_str(), table))
                })
                .collect(),
            Source::Pattern(pattern) => Ok(context
                .database
                .all_readable()
                .filter(|(name, _)| pattern.matches(name) && context.requester.may_read(name))
                .collect()),
            Source::Merge(_) | Source::Join(_) => {
                Err(Refusal::internal("The embedded server has no merge and no join"))
            }
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
        let rows = filter.points(table, self.ascending).filter_map(|point| {
            let values: Vec<StoredValue> =
                columns.iter().map(|(_, value)| evaluate(value, point)).collect();
            // The server leaves out a point without a value, but keeps a computed null: 1 / 0.
            let exists = columns.iter().zip(&values).any(|((_, expression), value)| {
                !value.is_null() || !matches!(expression, Expression::Column(_))
            });
            exists.then_some(Row::stored(point.key, values))
        });
        let mut rows = rows.take(self.limit.unwrap_or(usize::MAX)).peekable();
        if let (Some(key), None) = (filter.single, rows.peek()) {
            // A point that does not exist is answered without values.
            let rows = vec![Row::stored(key, Vec::new())];
            return output.push(Block { series: name.to_owned(), columns: Vec::new(), rows });
        }
        while rows.peek().is_some() {
            let rows = rows.by_ref().take(RAW_BLOCK).collect();
            output.push(Block { series: name.to_owned(), columns: titles.clone(), rows })?;
        }
        Ok(())
    }
}
