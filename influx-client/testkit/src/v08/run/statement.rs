//! Runs the statements of a query.

use super::block::{Block, Row};
use super::budget::Budget;
use super::passthrough::Sink;
use super::random::Random;
use super::select::Context;
use crate::StoredValue;
use crate::v08::query::{Pattern, Select, Source, Statement};
use crate::v08::refusal::Refusal;
use crate::v08::store::{Database, PointKey, Requester, Store};

/// The sender of a query and the database that it is for.
pub(crate) struct Session<'a> {
    pub(crate) store: &'a Store,
    pub(crate) requester: &'a Requester,
    pub(crate) database: &'a str,
    /// Microseconds since 1970.
    pub(crate) now: i64,
    /// Determines the orders that the server leaves to chance.
    pub(crate) seed: u64,
}

impl Session<'_> {
    /// Runs statements, the last one first as the server does, and hands over their answers.
    /// No lock is held while a select runs: it reads the data of its beginning.
    /// Error: the server's text for the statement that fails; those that ran before it keep their effect.
    pub(crate) fn run(
        &self,
        statements: Vec<Statement>,
        mut emit: impl FnMut(Block),
    ) -> Result<(), Refusal> {
        let budget = Budget::new(self.store.lock().limits);
        let random = Random::new(self.seed);
        statements.into_iter().rev().try_for_each(|statement| match statement {
            Statement::Select(select) if !select.is_continuous() => {
                self.select(&select, &budget, &random, &mut emit)
            }
            other => match self.carry_out(other)? {
                Some(block) => {
                    block.rows.iter().try_for_each(|row| budget.row(row))?;
                    emit(block);
                    Ok(())
                }
                None => Ok(()),
            },
        })
    }

    fn select(
        &self,
        select: &Select,
        budget: &Budget,
        random: &Random,
        output: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        let (series, cluster) = {
            let state = self.store.lock();
            // Statements do not tell a missing database from an empty one.
            let series = state.databases.get(self.database).map(|known| known.series.clone());
            (series.unwrap_or_default(), state.cluster.of(self.database))
        };
        let context = Context {
            database: self.database,
            series: &series,
            cluster: &cluster,
            requester: self.requester,
            budget,
            random,
        };
        select.run(&context, output)
    }

    /// Carries out a statement that is not a select.
    fn carry_out(&self, statement: Statement) -> Result<Option<Block>, Refusal> {
        let state = &mut *self.store.lock();
        if let Statement::Select(_) = &statement {
            state.must_have_room(1)?;
        }
        let mut missing = Database::default();
        let database = state.databases.get_mut(self.database).unwrap_or(&mut missing);
        match statement {
            Statement::Delete { from, range } => {
                let text = format!("Insufficient permission to write to {}", self.database);
                self.requester.must_be_admin("").map_err(|_| Refusal::forbidden(text))?;
                let series = &database.series;
                let (names, kind): (Vec<&str>, _) = match &from {
                    Source::Names(names) => (names.iter().map(String::as_str).collect(), None),
                    Source::Pattern(pattern) => {
                        series.must_be_readable(pattern)?;
                        (Vec::new(), None)
                    }
                    Source::Merge(members) => (members.names(), Some(1)),
                    Source::Join(members) => (members.names(), Some(2)),
                };
                if let Some(name) = names.iter().find(|name| series.readable(name).is_none()) {
                    return Err(Refusal::invalid(format!("Couldn't find series: {name}")));
                }
                if let (Some(kind), false) = (kind, names.is_empty()) {
                    let text = "Merge and Inner joins can't be used with a delete query";
                    return Err(Refusal::invalid(format!("{text}: {kind}")));
                }
                let since = range.since.unwrap_or(i64::MIN);
                database.series.delete(&from, &PointKey::between(since, range.until));
            }
            Statement::DropContinuousQuery(id) => {
                self.requester.must_be_admin("delete continuous query")?;
                database.drop_query(id);
            }
            Statement::DropSeries(series) => {
                self.requester.must_be_admin("drop series")?;
                database.series.remove(&series);
            }
            Statement::ListContinuousQueries => {
                self.requester.must_be_admin("list continuous queries")?;
                return Ok(Some(list_queries(database)));
            }
            Statement::ListSeries { pattern, with_spaces } => {
                let space = |name: &str| {
                    let space = state.cluster.space_of(self.database, name);
                    space.map_or("", |space| &space.name)
                };
                let space = with_spaces.then_some(&space as &dyn Fn(&str) -> _);
                return Ok(Some(list_series(database, pattern.as_ref(), space)));
            }
            Statement::Select(select) => {
                self.requester.must_be_admin("create continuous query")?;
                database.create_query(select.registered(self.now)?);
            }
        }
        Ok(None)
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

/// The names of the series that a pattern matches, with their spaces if those are asked for.
fn list_series<'a>(
    database: &Database,
    pattern: Option<&Pattern>,
    space: Option<&dyn Fn(&str) -> &'a str>,
) -> Block {
    let names = database.series.names();
    let names = names.filter(|name| pattern.is_none_or(|pattern| pattern.matches(name)));
    let row = |name: &String| {
        let space = space.map(|space| space(name));
        let values = [name.as_str()].into_iter().chain(space).map(StoredValue::from);
        Row::computed(0, values.collect())
    };
    let columns = ["name"].into_iter().chain(space.map(|_| "space"));
    Block {
        series: "list_series_result".to_owned(),
        columns: columns.map(str::to_owned).collect(),
        rows: names.map(row).collect(),
    }
}
