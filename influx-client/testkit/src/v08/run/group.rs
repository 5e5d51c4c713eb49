//! Answers a select of aggregate functions.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::aggregate::{Aggregate, Sample};
use super::block::{Block, Output, Row};
use super::evaluate::{compare, evaluate};
use super::filter::Filter;
use crate::StoredValue;
use crate::v08::query::{Expression, Select};
use crate::v08::refusal::Refusal;
use crate::v08::store::Table;

/// The most points of an object that answers a select with functions (measured on 0.8.9).
const GROUPED_BLOCK: usize = 102;

/// The points of one bucket of time and one combination of the grouped columns.
struct Group {
    /// The start of the bucket in microseconds: 0 without `group by time`.
    time: i64,
    keys: Vec<StoredValue>,
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
        let max_rows = output.limits.max_rows;
        let mut rows = Vec::new();
        for group in self.groups(table, filter, &aggregates, output.limits.max_values)? {
            let results: Vec<Vec<Vec<StoredValue>>> = aggregates
                .iter()
                .zip(&group.samples)
                .map(|(aggregate, samples)| aggregate.rows(samples))
                .collect();
            let added = results.iter().map(Vec::len).fold(1, usize::saturating_mul);
            check_rows(rows.len().saturating_add(added), max_rows)?;
            for mut values in combinations(&results) {
                values.extend(group.keys.iter().cloned());
                rows.push(Row::computed(group.time, values));
            }
        }
        let results = aggregates.iter().flat_map(Aggregate::columns).map(|&name| name.to_owned());
        let keys = self.group_by.columns().map(Expression::name);
        let columns: Vec<String> = results.chain(keys).collect();
        if let Some(fill) = self.group_by.fill_value()? {
            rows = self.fill(rows, filter, &vec![fill; columns.len()], max_rows)?;
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
            .filter_map(|column| match &column.value {
                Expression::Call { function, arguments } => {
                    Some(Aggregate::new(function, arguments))
                }
                _ => None,
            })
            .collect()
    }

    /// The groups in the order of the query, those of one time by their values.
    fn groups(
        &self,
        table: &Table,
        filter: &Filter<'_>,
        aggregates: &[Aggregate<'_>],
        max_values: usize,
    ) -> Result<Vec<Group>, Refusal> {
        let mut positions = HashMap::new();
        let mut groups: Vec<Group> = Vec::new();
        let values_a_point = aggregates.len() + self.group_by.keys.len();
        for (index, point) in filter.points(table, self.ascending).enumerate() {
            if index * values_a_point > max_values {
                let text = format!("The embedded server aggregates at most {max_values} values");
                return Err(Refusal::internal(text));
            }
            let time = self.bucket(point.key.time);
            let keys = self.group_by.columns().map(|key| evaluate(key, point));
            let keys: Vec<StoredValue> = keys.collect();
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

    fn bucket_micros(&self) -> i64 {
        let interval = self.group_by.time.as_ref().ok().and_then(Option::as_ref);
        interval.map_or(0, |interval| interval.nanos / 1_000)
    }

    fn bucket(&self, time: i64) -> i64 {
        let width = self.bucket_micros();
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
        values: &[StoredValue],
        max_rows: usize,
    ) -> Result<Vec<Row>, Refusal> {
        let step = self.bucket_micros();
        let earliest = rows.iter().map(|row| row.time).min();
        let (Some(since), 1..) = (filter.range.since.or(earliest), step) else { return Ok(rows) };
        let present: HashSet<i64> = rows.iter().map(|row| row.time).collect();
        let mut bucket = self.bucket(since);
        while bucket <= filter.range.until {
            if !present.contains(&bucket) {
                rows.push(Row::computed(bucket, values.to_vec()));
            }
            check_rows(rows.len(), max_rows)?;
            bucket = bucket.saturating_add(step);
        }
        rows.sort_by(|left, right| self.time_order(left.time, right.time));
        Ok(rows)
    }
}

/// Every combination of one row of each function, the first one changing slowest.
fn combinations(results: &[Vec<Vec<StoredValue>>]) -> Vec<Vec<StoredValue>> {
    results.iter().fold(vec![Vec::new()], |combined, rows| {
        combined
            .iter()
            .flat_map(|left| rows.iter().map(move |right| [left.as_slice(), right].concat()))
            .collect()
    })
}

/// Error: a 500 if there are more rows than this.
fn check_rows(rows: usize, max: usize) -> Result<(), Refusal> {
    if rows <= max {
        return Ok(());
    }
    Err(Refusal::internal(format!("The embedded server answers at most {max} rows")))
}
