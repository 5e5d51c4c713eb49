//! Answers a select of aggregate functions.

use std::cmp::Ordering;
use std::collections::HashMap;

use influx_proto::Value;

use super::aggregate::{Aggregate, Sample};
use super::ast::{Expression, Select};
use super::block::{Block, Output, Row};
use super::filter::{Filter, compare, evaluate};
use crate::testkit::engine::Table;
use crate::testkit::refusal::Refusal;

/// The most points of an object that answers a select with functions (measured on 0.8.9).
const GROUPED_BLOCK: usize = 102;

/// The most rows of an answer: every bucket of a `fill`, every combination of values.
/// The server has no limit.
const MAX_ROWS: usize = 1_000_000;

/// The most values that all functions and groups of a select are given. The server has no limit.
const MAX_SAMPLES: usize = 10_000_000;

/// The points of one bucket of time and one combination of the grouped columns.
struct Group {
    /// The start of the bucket in microseconds: 0 without `group by time`.
    time: i64,
    keys: Vec<Value>,
    /// The samples of each function.
    samples: Vec<Vec<Sample>>,
}

impl Select {
    pub(super) fn run_grouped(
        &self,
        name: &str,
        table: &Table,
        filter: &Filter<'_>,
        output: &mut Output<'_>,
    ) -> Result<(), Refusal> {
        let aggregates = self.aggregates()?;
        let mut rows = Vec::new();
        for group in self.groups(table, filter, &aggregates)? {
            let results: Vec<Vec<Vec<Value>>> = aggregates
                .iter()
                .zip(&group.samples)
                .map(|(aggregate, samples)| aggregate.rows(samples))
                .collect();
            let added = results.iter().map(Vec::len).fold(1, usize::saturating_mul);
            if rows.len().saturating_add(added) > MAX_ROWS {
                return Err(too_many_rows());
            }
            for mut values in combinations(&results) {
                values.extend(group.keys.iter().cloned());
                rows.push(Row::computed(group.time, values));
            }
        }
        let results = aggregates.iter().flat_map(Aggregate::columns).map(|&name| name.to_owned());
        let columns: Vec<String> = results.chain(self.group_by.columns.iter().cloned()).collect();
        if let Some(fill) = &self.group_by.fill {
            rows = self.fill(rows, filter, columns.len(), fill)?;
        }
        rows.truncate(self.limit.unwrap_or(usize::MAX));
        for rows in rows.chunks(GROUPED_BLOCK) {
            let columns = columns.clone();
            output.push(Block { series: name.to_owned(), columns, rows: rows.to_vec() })?;
        }
        Ok(())
    }

    // Columns beside a function are ignored.
    fn aggregates(&self) -> Result<Vec<Aggregate<'_>>, Refusal> {
        self.columns
            .iter()
            .filter_map(|column| match column {
                Expression::Call { function, arguments } => {
                    Some(Aggregate::new(function, arguments))
                }
                _ => None,
            })
            .collect()
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        self.group_by.columns.iter().map(String::as_str)
    }

    /// The groups in the order of the query, those of one time by their values.
    fn groups(
        &self,
        table: &Table,
        filter: &Filter<'_>,
        aggregates: &[Aggregate<'_>],
    ) -> Result<Vec<Group>, Refusal> {
        let mut positions = HashMap::new();
        let mut groups: Vec<Group> = Vec::new();
        let values_a_point = aggregates.len() + self.group_by.columns.len();
        for (index, point) in self.points(table, filter).enumerate() {
            if index * values_a_point > MAX_SAMPLES {
                let text = format!("The embedded server aggregates at most {MAX_SAMPLES} values");
                return Err(Refusal::internal(text));
            }
            let time = self.bucket(point.key.time);
            let keys: Vec<Value> = self.keys().map(|key| point.value(key).clone()).collect();
            let position = *positions.entry((time, format!("{keys:?}"))).or_insert(groups.len());
            if position == groups.len() {
                groups.push(Group { time, keys, samples: vec![Vec::new(); aggregates.len()] });
            }
            let Some(group) = groups.get_mut(position) else { continue };
            for (aggregate, samples) in aggregates.iter().zip(&mut group.samples) {
                let value = evaluate(aggregate.argument, point);
                if !value.is_null() {
                    samples.push((point.key.time, value));
                }
            }
        }
        groups.sort_by(|left, right| {
            self.time_order(left.time, right.time).then_with(|| {
                let pairs = left.keys.iter().zip(&right.keys);
                pairs.fold(Ordering::Equal, |order, (left, right)| {
                    order.then(compare(left, right).unwrap_or(Ordering::Equal))
                })
            })
        });
        Ok(groups)
    }

    fn bucket(&self, time: i64) -> i64 {
        let width = self.group_by.time.as_ref().map_or(0, |time| time.micros);
        time.checked_div_euclid(width).map_or(0, |bucket| bucket.saturating_mul(width))
    }

    fn time_order(&self, left: i64, right: i64) -> Ordering {
        if self.ascending { left.cmp(&right) } else { right.cmp(&left) }
    }

    /// Adds a row for each bucket of the query's range that has none.
    fn fill(
        &self,
        mut rows: Vec<Row>,
        filter: &Filter<'_>,
        width: usize,
        value: &Value,
    ) -> Result<Vec<Row>, Refusal> {
        let step = self.group_by.time.as_ref().map_or(0, |time| time.micros);
        let earliest = rows.iter().map(|row| row.time).min();
        let (Some(since), 1..) = (filter.since.or(earliest), step) else { return Ok(rows) };
        let present: std::collections::HashSet<i64> = rows.iter().map(|row| row.time).collect();
        let mut bucket = self.bucket(since);
        while bucket <= filter.until {
            if !present.contains(&bucket) {
                rows.push(Row::computed(bucket, vec![value.clone(); width]));
            }
            if rows.len() > MAX_ROWS {
                return Err(too_many_rows());
            }
            bucket = bucket.saturating_add(step);
        }
        rows.sort_by(|left, right| self.time_order(left.time, right.time));
        Ok(rows)
    }
}

/// Every combination of one row of each function, the first one changing slowest.
fn combinations(results: &[Vec<Vec<Value>>]) -> Vec<Vec<Value>> {
    results.iter().fold(vec![Vec::new()], |combined, rows| {
        combined
            .iter()
            .flat_map(|left| rows.iter().map(move |right| [left.as_slice(), right].concat()))
            .collect()
    })
}

fn too_many_rows() -> Refusal {
    Refusal::internal(format!("The embedded server answers at most {MAX_ROWS} rows"))
}
