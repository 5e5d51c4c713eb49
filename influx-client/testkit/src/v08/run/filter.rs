//! The points that a statement reads: a range of keys, and a condition on their values.

use std::ops::RangeInclusive;

use super::evaluate::holds;
use super::time::time;
use crate::v08::query::{Condition, Expression};
use crate::v08::refusal::Refusal;
use crate::v08::store::{Point, PointKey, Table};

/// A `where` clause, its conditions on the time taken out.
pub(super) struct Filter<'a> {
    /// The earliest time, if the query gives one.
    pub(super) since: Option<i64>,
    /// The latest time: now, unless the query gives another.
    pub(super) until: i64,
    /// The one point that `time = X and sequence_number = Y` means.
    pub(super) single: Option<PointKey>,
    /// The other conditions.
    conditions: Vec<&'a Condition>,
}

impl<'a> Filter<'a> {
    /// Error: the server's text if a time is malformed.
    pub(super) fn new(condition: Option<&'a Condition>, now: i64) -> Result<Self, Refusal> {
        let mut filter = Self { since: None, until: now, single: None, conditions: Vec::new() };
        let mut until = None;
        let (mut time_is, mut sequence_is, mut key_conditions) = (None, None, Vec::new());
        for part in condition.map(conjuncts).unwrap_or_default() {
            let Condition::Compare { left: Expression::Column(column), comparison, right } = part
            else {
                filter.conditions.push(part);
                continue;
            };
            match (column.as_str(), *comparison) {
                // The server takes `>` as `>=` and `<` as `<=` for times (measured on 0.8.9).
                ("time", ">" | ">=") => filter.since = filter.since.max(Some(time(right, now)?)),
                ("time", "<" | "<=") => {
                    let limit = time(right, now)?;
                    until = Some(until.unwrap_or(limit).min(limit));
                }
                ("time", "=") => {
                    time_is = Some(time(right, now)?);
                    key_conditions.push(part);
                }
                ("sequence_number", "=") => {
                    if let Expression::Constant(value) = right {
                        sequence_is = value.as_u64();
                    }
                    key_conditions.push(part);
                }
                _ => filter.conditions.push(part),
            }
        }
        filter.until = until.unwrap_or(now);
        match (time_is, sequence_is) {
            (Some(time), Some(sequence)) => filter.single = Some(PointKey { time, sequence }),
            // The server can compare a key for equality only if it is whole.
            _ => filter.conditions.append(&mut key_conditions),
        }
        Ok(filter)
    }

    /// The keys that may match.
    pub(super) fn keys(&self) -> RangeInclusive<PointKey> {
        match self.single {
            Some(key) => key..=key,
            None => PointKey::between(self.since.unwrap_or(i64::MIN), self.until),
        }
    }

    /// The points of a series that match.
    pub(super) fn points<'p>(
        &'p self,
        table: &'p Table,
        ascending: bool,
    ) -> Box<dyn Iterator<Item = Point<'p>> + 'p> {
        let matches = |point: &Point<'_>| self.conditions.iter().all(|part| holds(part, *point));
        let points = table.points(self.keys()).filter(matches);
        if ascending { Box::new(points) } else { Box::new(points.rev()) }
    }

    /// The columns that the condition reads.
    pub(super) fn columns(&self) -> Vec<&'a str> {
        let mut columns = Vec::new();
        self.conditions.iter().for_each(|condition| add_columns(condition, &mut columns));
        columns
    }
}

fn conjuncts(condition: &Condition) -> Vec<&Condition> {
    match condition {
        Condition::And(left, right) => [conjuncts(left), conjuncts(right)].concat(),
        other => vec![other],
    }
}

fn add_columns<'a>(condition: &'a Condition, columns: &mut Vec<&'a str>) {
    match condition {
        Condition::And(left, right) | Condition::Or(left, right) => {
            add_columns(left, columns);
            add_columns(right, columns);
        }
        Condition::Compare { left, right, .. } => {
            left.add_columns(columns);
            right.add_columns(columns);
        }
        Condition::In { value, .. } | Condition::Matches { value, .. } => {
            value.add_columns(columns);
        }
    }
}
