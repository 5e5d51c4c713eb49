//! The points that a statement reads: a range of keys, and a condition on their values.

use std::ops::RangeInclusive;

use super::evaluate::holds;
use crate::v08::query::{Condition, Expression, TimeRange};
use crate::v08::store::{Point, PointKey, Table};

/// A `where` clause, its conditions on the time taken out.
pub(super) struct Filter<'a> {
    pub(super) range: TimeRange,
    /// The one point that `time = X and sequence_number = Y` means.
    pub(super) single: Option<PointKey>,
    /// The other conditions.
    conditions: Vec<&'a Condition>,
}

impl<'a> Filter<'a> {
    pub(super) fn new(condition: Option<&'a Condition>, range: TimeRange) -> Self {
        let mut filter = Self { range, single: None, conditions: Vec::new() };
        let (mut sequence_is, mut key_conditions) = (None, Vec::new());
        for part in condition.map(conjuncts).unwrap_or_default() {
            let Condition::Compare { left: Expression::Column(column), comparison: "=", right } =
                part
            else {
                filter.conditions.push(part);
                continue;
            };
            match column.as_str() {
                "time" => key_conditions.push(part),
                "sequence_number" => {
                    if let Expression::Constant(value) = right {
                        sequence_is = value.as_u64();
                    }
                    key_conditions.push(part);
                }
                _ => filter.conditions.push(part),
            }
        }
        match sequence_is {
            Some(sequence) if key_conditions.len() == 2 => {
                filter.single = Some(PointKey { time: range.until, sequence });
            }
            // The server can compare a key for equality only if it is whole.
            _ => filter.conditions.append(&mut key_conditions),
        }
        filter
    }

    /// The keys that may match.
    pub(super) fn keys(&self) -> RangeInclusive<PointKey> {
        match self.single {
            Some(key) => key..=key,
            None => PointKey::between(self.range.since.unwrap_or(i64::MIN), self.range.until),
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
        self.conditions.iter().for_each(|condition| condition.add_columns(&mut columns));
        columns
    }
}

fn conjuncts(condition: &Condition) -> Vec<&Condition> {
    match condition {
        Condition::And(left, right) => [conjuncts(left), conjuncts(right)].concat(),
        other => vec![other],
    }
}
