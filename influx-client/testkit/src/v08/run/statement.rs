//! Runs the statements of a query.

use super::block::{Block, Output, Row};
use super::filter::Filter;
use super::select::Context;
use crate::StoredValue;
use crate::v08::query::{Source, Statement};
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
        // Statements do not tell a missing database from an empty one.
        let mut missing = Database::default();
        let database = self.databases.get_mut(name).unwrap_or(&mut missing);
        match statement {
            Statement::Delete { from, range } => {
                let text = format!("Insufficient permission to write to {name}");
                requester.must_be_admin("").map_err(|_| Refusal::forbidden(text))?;
                if let Source::Names(names) = &from {
                    let missing = names.iter().find(|name| database.readable(name).is_none());
                    if let Some(name) = missing {
                        return Err(Refusal::invalid(format!("Couldn't find series: {name}")));
                    }
                }
                database.delete(&from, &Filter::new(None, range).keys());
            }
            Statement::DropContinuousQuery(id) => {
                requester.must_be_admin("delete continuous query")?;
                database.drop_query(id);
            }
            Statement::DropSeries(series) => {
                requester.must_be_admin("drop series")?;
                database.series.remove(&series);
            }
            Statement::ListContinuousQueries => {
                requester.must_be_admin("list continuous queries")?;
                output.push(list_queries(database))?;
            }
            Statement::ListSeries { pattern, with_spaces } => {
                let listed = |name: &&String| pattern.as_ref().is_none_or(|it| it.matches(name));
                output.push(list_series(database.series.keys().filter(listed), with_spaces))?;
            }
            Statement::Select(select) if select.is_continuous() => {
                requester.must_be_admin("create continuous query")?;
                database.create_query(select.registered(now)?);
            }
            Statement::Select(select) => {
                select.run(&Context { database, requester }, output)?;
            }
        }
        Ok(())
    }
}

fn list_queries(database: &Database) -> Block {
    let row = |(id, query): (u32, String)| Row::computed(0, vec![id.into(), query.into()]);
    Block {
        series: "continuous queries".to_owned(),
        columns: vec!["id".to_owned(), "query".to_owned()],
        rows: database.queries().map(row).collect(),
    }
}

fn list_series<'a>(names: impl Iterator<Item = &'a String>, with_spaces: bool) -> Block {
    let space = with_spaces.then_some("default");
    let values = |name: &String| {
        [name.as_str()].into_iter().chain(space).map(StoredValue::from).collect::<Vec<_>>()
    };
    let columns = ["name"].into_iter().chain(with_spaces.then_some("space"));
    Block {
        series: "list_series_result".to_owned(),
        columns: columns.map(str::to_owned).collect(),
        rows: names.map(|name| Row::computed(0, values(name))).collect(),
    }
}
