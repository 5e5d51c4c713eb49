//! One database: its series, users and continuous queries.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::accounts::DatabaseUser;
use super::table::{PointKey, Table};
use crate::v08::query::{Pattern, Select, Source};
use crate::v08::refusal::Refusal;

#[derive(Clone, Default)]
pub(crate) struct Database {
    pub(crate) series: AllSeries,
    pub(crate) users: BTreeMap<String, DatabaseUser>,
    continuous_queries: BTreeMap<u32, Select>,
    last_query_id: u32,
}

/// The series of a database by name. Copies share the points until one of them changes, so that
/// a query reads its copy while others write.
#[derive(Clone, Default)]
pub(crate) struct AllSeries(Arc<BTreeMap<String, Arc<Table>>>);

impl AllSeries {
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Table> {
        self.0.get(name).map(|table| &**table)
    }

    /// The series of this name, if it has columns; the server finds no others.
    pub(crate) fn readable(&self, name: &str) -> Option<(&str, &Table)> {
        let (name, table) = self.0.get_key_value(name)?;
        (!table.columns().names().is_empty()).then_some((name, table))
    }

    /// Error: 400 if the pattern matches a series without columns, which a refused write leaves
    /// (measured on 0.8.9).
    pub(crate) fn must_be_readable(&self, pattern: &Pattern) -> Result<(), Refusal> {
        let mut names = self.names().filter(|name| pattern.matches(name));
        match names.find(|name| self.readable(name).is_none()) {
            Some(name) => Err(Refusal::invalid(format!("Couldn't find series: {name}"))),
            None => Ok(()),
        }
    }

    pub(crate) fn all_readable(&self) -> impl Iterator<Item = (&str, &Table)> {
        let all = self.0.iter().map(|(name, table)| (name.as_str(), &**table));
        all.filter(|(_, table)| !table.columns().names().is_empty())
    }

    /// The series of this name, made if it is missing.
    pub(crate) fn entry(&mut self, name: &str) -> &mut Table {
        let table = Arc::make_mut(&mut self.0).entry(name.to_owned()).or_default();
        Arc::make_mut(table)
    }

    pub(crate) fn remove(&mut self, name: &str) {
        Arc::make_mut(&mut self.0).remove(name);
    }

    /// Deletes the points of a range of keys from the series of a source.
    pub(crate) fn delete(&mut self, from: &Source, keys: &RangeInclusive<PointKey>) {
        let all = Arc::make_mut(&mut self.0).iter_mut();
        let series = all.filter(|(name, _)| from.includes(name));
        series.for_each(|(_, table)| Arc::make_mut(table).delete(keys));
    }

    /// Deletes the points of shards.
    pub(crate) fn drop_shards(&mut self, shards: &[u32]) {
        for table in Arc::make_mut(&mut self.0).values_mut() {
            let table = Arc::make_mut(table);
            for &shard in shards {
                table.drop_shard(shard);
            }
        }
    }

    /// The number of points in all series.
    pub(crate) fn points(&self) -> usize {
        self.0.values().map(|table| table.len()).sum()
    }

    /// The number of series, columns and points.
    fn entries(&self) -> usize {
        let series: usize = self.0.values().map(|table| 1 + table.columns().names().len()).sum();
        series + self.points()
    }
}

impl Database {
    /// The number of entries: the database, its series, columns, points, users and queries.
    pub(super) fn entries(&self) -> usize {
        1 + self.series.entries() + self.users.len() + self.continuous_queries.len()
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
