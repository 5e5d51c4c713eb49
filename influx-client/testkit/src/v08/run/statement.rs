//! Runs the statements of a query.

use super::block::{Block, Output, Row};
use super::filter::Filter;
use super::select::Context;
use crate::Value;
use crate::v08::query::Statement;
use crate::v08::refusal::Refusal;
use crate::v08::store::{Database, Requester, State};

impl State {
    /// Runs statements, the last one first as the server does, and hands over their answers.
    /// Error: the server's text for the statement that fails; those that ran before it keep their effect.
    pub(crate) fn run(
        &mut self,
        statements: Vec<Statement>,
        requester: &Requester,
        database: &str,
        now: i64,
        emit: &mut dyn FnMut(Block),
    ) -> Result<(), Refusal> {
        let mut output = Output::new(emit, self.limits);
        statements.into_iter().rev().try_for_each(|statement| {
            self.run_one(statement, requester, database, now, &mut output)
        })
    }

    fn run_one(
        &mut self,
        statement: Statement,
        requester: &Requester,
        name: &str,
        now: i64,
        output: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        if matches!(&statement, Statement::Select(select) if select.is_continuous()) {
            self.must_have_room(1)?;
        }
        let database = self.databases.get_mut(name);
        match statement {
            Statement::Delete { from, condition } => {
                requester.must_be_admin(&format!("Insufficient permission to write to {name}"))?;
                let filter = Filter::new(condition.as_ref(), now)?;
                if !filter.columns().is_empty() {
                    let text = "Delete queries can't have where clause that don't reference time";
                    return Err(Refusal::invalid(text));
                }
                let Some(database) = database else { return Ok(()) };
                database.delete(&from, &filter.keys());
            }
            Statement::DropContinuousQuery(id) => {
                let text = "Insufficient permissions to delete continuous query";
                requester.must_be_admin(text)?;
                if let Some(database) = database {
                    database.drop_query(id);
                }
            }
            Statement::DropSeries(series) => {
                requester.must_be_admin("Insufficient permissions to drop series")?;
                if let Some(database) = database {
                    database.series.remove(&series);
                }
            }
            Statement::ListContinuousQueries => {
                let text = "Insufficient permissions to list continuous queries";
                requester.must_be_admin(text)?;
                output.push(list_queries(database.as_deref()))?;
            }
            Statement::ListSeries { pattern, with_spaces } => {
                let names = database.iter().flat_map(|database| database.series.keys());
                let names = names
                    .filter(|name| pattern.as_ref().is_none_or(|pattern| pattern.matches(name)));
                output.push(list_series(names, with_spaces))?;
            }
            Statement::Select(select) if select.is_continuous() => {
                let text = "Insufficient permissions to create continuous query";
                requester.must_be_admin(text)?;
                if let Some(database) = database {
                    database.create_query(select);
                }
            }
            Statement::Select(select) => {
                select.run(&Context { database: database.as_deref(), requester, now }, output)?;
            }
        }
        Ok(())
    }
}

fn list_queries(database: Option<&Database>) -> Block {
    let queries = database.into_iter().flat_map(Database::queries);
    let row = |(id, query): (u32, String)| Row::computed(0, vec![id.into(), query.into()]);
    Block {
        series: "continuous queries".to_owned(),
        columns: vec!["id".to_owned(), "query".to_owned()],
        rows: queries.map(row).collect(),
    }
}

fn list_series<'a>(names: impl Iterator<Item = &'a String>, with_spaces: bool) -> Block {
    let space = with_spaces.then_some("default");
    let values = |name: &String| {
        [name.as_str()].into_iter().chain(space).map(Value::from).collect::<Vec<_>>()
    };
    let columns = ["name"].into_iter().chain(with_spaces.then_some("space"));
    Block {
        series: "list_series_result".to_owned(),
        columns: columns.map(str::to_owned).collect(),
        rows: names.map(|name| Row::computed(0, values(name))).collect(),
    }
}
