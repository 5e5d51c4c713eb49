//! Groups the points of a select with functions.

use std::collections::BTreeMap;

use super::aggregate::Aggregate;
use super::block::{Block, Row};
use super::bucket::{bucket, truncated};
use super::budget::Budget;
use super::combine::combinations;
use super::evaluate::evaluate;
use super::key::Key;
use super::passthrough::Sink;
use super::state::State;
use crate::v08::query::{Expression, Interval, Select};
use crate::v08::refusal::Refusal;
use crate::v08::store::Point;

/// The groups of the points so far. Like the real server's, it has one behind all shards, or one
/// for each of them if the buckets fit into shards.
pub(super) struct Grouping<'a> {
    select: &'a Select,
    aggregates: Vec<Aggregate<'a>>,
    keys: Vec<&'a Expression>,
    interval: Option<Interval>,
    is_filled: bool,
    /// The series in the order in which they came.
    series: Vec<Series>,
    budget: &'a Budget,
}

struct Series {
    name: String,
    /// The states by the values of the keys, then by the bucket if buckets are filled.
    groups: BTreeMap<Vec<Key>, BTreeMap<i64, Vec<Option<State>>>>,
    /// The bucket of the last point.
    bucket: Option<i64>,
    /// The earliest and the latest time, in microseconds.
    range: (i64, i64),
}

impl<'a> Grouping<'a> {
    /// Error: the server's text if a function or its arguments are wrong.
    pub(super) fn new(select: &'a Select, budget: &'a Budget) -> Result<Self, Refusal> {
        let interval = select.group_by.time.clone()?;
        let fill = select.group_by.fill_value();
        let default = fill.clone().unwrap_or_default().unwrap_or_default();
        let aggregates = select.columns.iter().map(|column| {
            let aggregate = Aggregate::new(column, &default)?;
            // The server reads the value once for each function that has one.
            match &fill {
                Err(fault) if aggregate.as_ref().is_some_and(Aggregate::has_default) => {
                    Err(fault.clone())
                }
                _ => Ok(aggregate),
            }
        });
        let aggregates = aggregates.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        Ok(Self {
            select,
            aggregates,
            keys: select.group_by.columns().collect(),
            is_filled: interval.is_some() && select.group_by.fill.is_some(),
            interval,
            series: Vec::new(),
            budget,
        })
    }

    /// Takes points of a series, in the order of the query; hands on the buckets that they complete.
    /// `first` is the position of the first column that the query reads.
    pub(super) fn push(
        &mut self,
        name: &str,
        points: &[Point<'_>],
        first: usize,
        sink: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        if points.is_empty() && !self.is_filled {
            return Ok(());
        }
        let position = self.series.iter().position(|series| series.name == name);
        let position = position.unwrap_or(self.series.len());
        if position == self.series.len() {
            let (name, range) = (name.to_owned(), (i64::MAX, i64::MIN));
            self.series.push(Series { name, groups: BTreeMap::new(), bucket: None, range });
        }
        for point in points {
            let Some(series) = self.series.get_mut(position) else { return Ok(()) };
            let time = point.key.time;
            series.range = (series.range.0.min(time), series.range.1.max(time));
            let bucket = self.interval.as_ref().map_or(0, |interval| bucket(interval, time));
            if !self.is_filled && series.bucket.is_some_and(|last| last != bucket) {
                let block = self.block(position)?;
                sink.take(block)?;
            }
            self.add(position, bucket, *point, first)?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        position: usize,
        bucket: i64,
        point: Point<'_>,
        first: usize,
    ) -> Result<(), Refusal> {
        let Some(series) = self.series.get_mut(position) else { return Ok(()) };
        let keys = self.keys.iter().map(|key| evaluate(key, point).map(Key));
        let keys: Vec<Key> = keys.collect::<Result<_, _>>().map_err(Refusal::invalid)?;
        self.budget.read(self.aggregates.len())?;
        series.bucket = Some(bucket);
        let buckets = series.groups.entry(keys).or_default();
        let states = buckets.entry(if self.is_filled { bucket } else { 0 }).or_default();
        if states.is_empty() {
            // A state takes more room than a value.
            self.budget.read(2 * self.aggregates.len())?;
            states.resize_with(self.aggregates.len(), || None);
        }
        for (aggregate, state) in self.aggregates.iter().zip(states) {
            aggregate.add(state, point, first)?;
        }
        Ok(())
    }

    /// Hands on what is left.
    pub(super) fn close(&mut self, sink: &mut dyn Sink) -> Result<(), Refusal> {
        for position in 0..self.series.len() {
            let block = self.block(position)?;
            sink.take(block)?;
        }
        Ok(())
    }

    /// The rows of a series so far, whose groups begin anew.
    fn block(&mut self, position: usize) -> Result<Block, Refusal> {
        let Some(series) = self.series.get_mut(position) else { return Err(Refusal::Crash) };
        let mut groups = std::mem::take(&mut series.groups);
        let (name, range) = (series.name.clone(), series.range);
        let last = series.bucket.unwrap_or_default();
        let mut rows = Vec::new();
        match &self.interval {
            Some(interval) if self.is_filled => {
                if self.keys.is_empty() {
                    groups.entry(Vec::new()).or_default();
                }
                for bucket in self.buckets(interval, range, groups.len())? {
                    for (keys, states) in &mut groups {
                        let states = states.remove(&bucket).unwrap_or_default();
                        self.add_rows(bucket, keys, states, &mut rows)?;
                    }
                }
            }
            _ => {
                for (keys, states) in groups {
                    for states in states.into_values() {
                        self.add_rows(last, &keys, states, &mut rows)?;
                    }
                }
            }
        }
        Ok(Block { series: name, columns: self.titles(), rows })
    }

    /// The starts of all buckets, in the order of the query: those of its times if it gives a
    /// first one, else from the first to the last point.
    fn buckets(
        &self,
        interval: &Interval,
        points: (i64, i64),
        groups: usize,
    ) -> Result<impl Iterator<Item = i64>, Refusal> {
        let range = &self.select.range;
        let cut = |time| truncated(interval.nanos, time);
        let (first, last) = range.since.map_or(points, |since| (cut(since), cut(range.until)));
        let (first, last) = (bucket(interval, first), bucket(interval, last));
        let step = interval.nanos / 1_000;
        // The real server goes on for ever if the step is 0.
        let steps = last.saturating_sub(first).checked_div(step).map_or(usize::MAX, |steps| {
            usize::try_from(steps.saturating_add(1)).unwrap_or_default()
        });
        let steps = if last < first { 0 } else { steps };
        self.budget.fits(steps.saturating_mul(groups), self.width())?;
        let ascending = self.select.ascending;
        let start = if ascending { first } else { last };
        let step = if ascending { step } else { step.saturating_neg() };
        let bucket = move |bucket: &i64| bucket.checked_add(step);
        Ok(std::iter::successors(Some(start), bucket).take(steps))
    }

    /// Adds the rows of a group: none, one or several.
    fn add_rows(
        &self,
        time: i64,
        keys: &[Key],
        states: Vec<Option<State>>,
        rows: &mut Vec<Row>,
    ) -> Result<(), Refusal> {
        let states = states.into_iter().chain(std::iter::repeat_with(|| None));
        let results: Vec<_> =
            self.aggregates.iter().zip(states).map(|(each, state)| each.rows(state)).collect();
        let added = results.iter().map(Vec::len).fold(1, usize::saturating_mul);
        self.budget.fits(added, self.width())?;
        for mut values in combinations(results) {
            values.extend(keys.iter().map(|key| key.0.clone()));
            let row = Row::computed(time, values);
            self.budget.computed(&row)?;
            rows.push(row);
        }
        Ok(())
    }

    fn width(&self) -> usize {
        self.aggregates.len() + self.keys.len()
    }

    fn titles(&self) -> Vec<String> {
        let functions = self.aggregates.iter().flat_map(|aggregate| aggregate.titles.clone());
        functions.chain(self.keys.iter().map(|key| key.name())).collect()
    }
}
