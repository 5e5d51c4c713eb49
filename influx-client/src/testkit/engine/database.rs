//! One database: its series, users and continuous queries.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::accounts::DatabaseUser;
use super::table::{PointKey, Table};
use crate::testkit::query::Select;

#[derive(Debug, Default)]
pub(in crate::testkit) struct Database {
    pub(in crate::testkit) series: BTreeMap<String, Table>,
    pub(in crate::testkit) users: BTreeMap<String, DatabaseUser>,
    continuous_queries: BTreeMap<u32, Select>,
    last_query_id: u32,
}

impl Database {
    /// The series of this name, if it has columns; the server finds no others.
    pub(in crate::testkit) fn readable(&self, name: &str) -> Option<&Table> {
        self.series.get(name).filter(|table| !table.columns().is_empty())
    }

    pub(in crate::testkit) fn all_readable(&self) -> impl Iterator<Item = (&str, &Table)> {
        let all = self.series.iter().map(|(name, table)| (name.as_str(), table));
        all.filter(|(_, table)| !table.columns().is_empty())
    }

    /// How much the database holds: itself, its series, columns, points, users and queries.
    pub(super) fn entries(&self) -> usize {
        let series = self.series.values().map(|table| 1 + table.columns().len() + table.len());
        1 + series.sum::<usize>() + self.users.len() + self.continuous_queries.len()
    }

    /// Deletes the points of a range of keys from the series that are chosen.
    pub(in crate::testkit) fn delete(
        &mut self,
        chosen: impl Fn(&str) -> bool,
        keys: &RangeInclusive<PointKey>,
    ) {
        self.series
            .iter_mut()
            .filter(|(name, _)| chosen(name))
            .for_each(|(_, table)| table.delete(keys));
    }

    /// Registers a continuous query; the same one twice gets two numbers.
    pub(in crate::testkit) fn create_query(&mut self, query: Select) {
        self.last_query_id = self.last_query_id.saturating_add(1);
        self.continuous_queries.insert(self.last_query_id, query);
    }

    /// Forgets a continuous query; that there is none is no error.
    pub(in crate::testkit) fn drop_query(&mut self, id: u32) {
        self.continuous_queries.remove(&id);
    }

    /// The continuous queries as the server prints them.
    pub(in crate::testkit) fn queries(&self) -> impl Iterator<Item = (u32, String)> {
        self.continuous_queries.iter().map(|(id, query)| (*id, query.to_string()))
    }

    /// The continuous queries that copy each point of a series.
    pub(super) fn fanouts(&self, series: &str) -> impl Iterator<Item = &Select> {
        self.continuous_queries.values().filter(move |query| query.is_fanout_of(series))
    }
}
