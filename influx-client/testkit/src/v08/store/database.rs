//! One database: its series, users and continuous queries.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::accounts::DatabaseUser;
use super::table::{PointKey, Table};
use crate::v08::query::{Select, Source};

#[derive(Clone, Default)]
pub(crate) struct Database {
    pub(crate) series: BTreeMap<String, Table>,
    pub(crate) users: BTreeMap<String, DatabaseUser>,
    continuous_queries: BTreeMap<u32, Select>,
    last_query_id: u32,
}

impl Database {
    /// The series of this name, if it has columns; the server finds no others.
    pub(crate) fn readable(&self, name: &str) -> Option<&Table> {
        self.series.get(name).filter(|table| !table.columns().is_empty())
    }

    pub(crate) fn all_readable(&self) -> impl Iterator<Item = (&str, &Table)> {
        let all = self.series.iter().map(|(name, table)| (name.as_str(), table));
        all.filter(|(_, table)| !table.columns().is_empty())
    }

    /// The number of points in all series.
    pub(crate) fn points(&self) -> usize {
        self.series.values().map(Table::len).sum()
    }

    /// The number of entries: the database, its series, columns, points, users and queries.
    pub(super) fn entries(&self) -> usize {
        let series: usize = self.series.values().map(|table| 1 + table.columns().len()).sum();
        1 + series + self.points() + self.users.len() + self.continuous_queries.len()
    }

    /// Deletes the points of a range of keys from the series of a source.
    pub(crate) fn delete(&mut self, from: &Source, keys: &RangeInclusive<PointKey>) {
        let series = self.series.iter_mut().filter(|(name, _)| from.includes(name));
        series.for_each(|(_, table)| table.delete(keys));
    }

    /// Registers a continuous query; the same one twice gets two numbers.
    pub(crate) fn create_query(&mut self, query: Select) {
        self.last_query_id = self.last_query_id.saturating_add(1);
        self.continuous_queries.insert(self.last_query_id, query);
    }

    /// Removes a continuous query; an unknown one is not an error.
    pub(crate) fn drop_query(&mut self, id: u32) {
        self.continuous_queries.remove(&id);
    }

    /// The continuous queries as the server prints them.
    pub(crate) fn queries(&self) -> impl Iterator<Item = (u32, String)> {
        self.continuous_queries.iter().map(|(id, query)| (*id, query.to_string()))
    }

    /// The continuous queries that copy each point of a series.
    pub(crate) fn fanouts(&self, series: &str) -> impl Iterator<Item = &Select> {
        self.continuous_queries.values().filter(move |query| query.is_fanout_of(series))
    }
}
