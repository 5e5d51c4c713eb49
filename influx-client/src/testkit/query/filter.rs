//! Which points a statement means: a range of keys, and a condition on their values.

use std::cmp::Ordering;
use std::ops::RangeInclusive;

use influx_proto::Value;

use super::ast::{Comparison, Condition, Expression};
use super::time::time;
use crate::testkit::engine::{Point, PointKey};
use crate::testkit::refusal::Refusal;

/// A `where` clause, its conditions on the time taken out.
#[derive(Debug)]
pub(super) struct Filter<'a> {
    /// The earliest time, if the query gives one.
    pub(super) since: Option<i64>,
    /// The latest time: now, unless the query gives another.
    pub(super) until: i64,
    /// The one point that `time = X and sequence_number = Y` means.
    pub(super) single: Option<PointKey>,
    /// What must hold besides.
    conditions: Vec<&'a Condition>,
}

impl<'a> Filter<'a> {
    /// # Errors
    ///
    /// The server's text if a time is malformed or compared in a way that it cannot do.
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
            match (column.as_str(), comparison) {
                // The server takes `>` as `>=` and `<` as `<=` for times (measured on 0.8.9).
                ("time", Comparison::Greater | Comparison::GreaterOrEqual) => {
                    filter.since = filter.since.max(Some(time(right, now)?));
                }
                ("time", Comparison::Less | Comparison::LessOrEqual) => {
                    let limit = time(right, now)?;
                    until = Some(until.unwrap_or(limit).min(limit));
                }
                ("time", Comparison::Equal) => {
                    time_is = Some(time(right, now)?);
                    key_conditions.push(part);
                }
                ("sequence_number", Comparison::Equal) => {
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
            None => PointKey::between(&(self.since.unwrap_or(i64::MIN)..=self.until)),
        }
    }

    /// Whether a point of the range matches.
    pub(super) fn matches(&self, point: Point<'_>) -> bool {
        self.conditions.iter().all(|condition| holds(condition, point))
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

pub(super) fn holds(condition: &Condition, point: Point<'_>) -> bool {
    match condition {
        Condition::And(left, right) => holds(left, point) && holds(right, point),
        Condition::Or(left, right) => holds(left, point) || holds(right, point),
        Condition::Compare { left, comparison, right } => {
            let order = compare(&evaluate(left, point), &evaluate(right, point));
            order.is_some_and(|order| match comparison {
                Comparison::Equal => order.is_eq(),
                Comparison::Greater => order.is_gt(),
                Comparison::GreaterOrEqual => order.is_ge(),
                Comparison::Less => order.is_lt(),
                Comparison::LessOrEqual => order.is_le(),
                Comparison::NotEqual => order.is_ne(),
            })
        }
        Condition::In { value, list } => {
            let value = evaluate(value, point);
            list.iter()
                .any(|each| compare(&value, &evaluate(each, point)).is_some_and(Ordering::is_eq))
        }
        Condition::Matches { value, negated, pattern } => {
            evaluate(value, point).as_str().is_some_and(|text| pattern.matches(text) != *negated)
        }
    }
}

/// The value of an expression for one point; null if it has none.
pub(super) fn evaluate(expression: &Expression, point: Point<'_>) -> Value {
    match expression {
        Expression::Column(name) => point.value(name).clone(),
        Expression::Constant(value) => value.clone(),
        Expression::Duration(duration) => Value::Int(duration.micros),
        Expression::Operation { left, operator, right } => {
            calculate(&evaluate(left, point), *operator, &evaluate(right, point))
        }
        Expression::Call { .. } | Expression::Wildcard => Value::Null,
    }
}

/// The order of two values: `None` if they are of different kinds or null.
pub(super) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

fn calculate(left: &Value, operator: char, right: &Value) -> Value {
    if let (Value::Int(left), Value::Int(right), '+' | '-' | '*') = (left, right, operator) {
        return Value::Int(match operator {
            '+' => left.wrapping_add(*right),
            '-' => left.wrapping_sub(*right),
            _ => left.wrapping_mul(*right),
        });
    }
    let (Some(left), Some(right)) = (left.as_f64(), right.as_f64()) else { return Value::Null };
    Value::Float(match operator {
        '+' => left + right,
        '-' => left - right,
        '*' => left * right,
        _ => left / right,
    })
}
