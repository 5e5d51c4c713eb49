//! The times that a condition asks for.

use super::date::date;
use super::interval::nanos;
use super::value::{Condition, Expression};
use crate::StoredValue;
use crate::v08::refusal::Refusal;

/// The times that a statement reads, in microseconds since 1970, both ends included: the server
/// takes `>` as `>=` and `<` as `<=` for times (measured on 0.8.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeRange {
    /// The earliest time, if the query gives one.
    pub(crate) since: Option<i64>,
    /// The latest time: now, unless the query gives another.
    pub(crate) until: i64,
}

#[derive(Clone, Copy, PartialEq)]
enum Bound {
    Start,
    End,
}

impl TimeRange {
    /// Takes the bounds of the time out of a condition; the rest of it is left.
    /// `time = ...` gives both bounds and stays.
    /// Error: the server's text for a time that it cannot read or compare.
    pub(super) fn take(condition: &mut Option<Condition>, now: i64) -> Result<Self, Refusal> {
        let until = take_bound(condition, Bound::End, now)?;
        let since = take_bound(condition, Bound::Start, now)?;
        Ok(Self { since, until: until.unwrap_or(now) })
    }
}

fn take_bound(
    condition: &mut Option<Condition>,
    bound: Bound,
    now: i64,
) -> Result<Option<i64>, Refusal> {
    let (is_or, left, right) = match condition.take() {
        None => return Ok(None),
        Some(Condition::And(left, right)) => (false, left, right),
        Some(Condition::Or(left, right)) => (true, left, right),
        Some(leaf) => {
            let (time, keeps) = leaf_bound(&leaf, bound, now)?;
            *condition = keeps.then_some(leaf);
            return Ok(time);
        }
    };
    let (mut left, mut right) = (Some(*left), Some(*right));
    let times = [take_bound(&mut left, bound, now)?, take_bound(&mut right, bound, now)?];
    if is_or && times.iter().any(Option::is_some) {
        return Err(Refusal::invalid(
            "Invalid where clause, time must appear twice to specify start and end time",
        ));
    }
    *condition = match (left, right) {
        (Some(left), Some(right)) if is_or => Some(Condition::Or(left.into(), right.into())),
        (Some(left), Some(right)) => Some(Condition::And(left.into(), right.into())),
        (left, right) => left.or(right),
    };
    // Of two bounds the wider one counts (measured on 0.8.9).
    let times = times.into_iter().flatten();
    Ok(if bound == Bound::Start { times.min() } else { times.max() })
}

/// The bound that one comparison gives, and whether the comparison stays in the condition.
fn leaf_bound(leaf: &Condition, bound: Bound, now: i64) -> Result<(Option<i64>, bool), Refusal> {
    let (left, operator, right) = match leaf {
        Condition::Compare { left, comparison, right } => (left, *comparison, right),
        Condition::In { value, operator, list } => {
            (value, operator.as_str(), list.first().unwrap_or(value))
        }
        Condition::Test(Expression::Operation { left, operator, right }) => {
            (&**left, *operator, &**right)
        }
        Condition::Test(Expression::Call { .. }) | Condition::And(..) | Condition::Or(..) => {
            return Ok((None, true));
        }
        Condition::Test(value) if is_number(value) || *value == Expression::Wildcard => {
            let text = format!("Invalid where expression: {}", value.shown());
            return Err(Refusal::invalid(text));
        }
        // The server looks for the other side of the comparison.
        Condition::Test(_) => return Err(Refusal::Abandoned),
        Condition::Matches { negated, pattern, .. } if pattern.source() == "time" => {
            let operator = if *negated { "!~" } else { "=~" };
            return Err(Refusal::invalid(format!("Cannot use time with '{operator}'")));
        }
        Condition::Matches { .. } => return Ok((None, true)),
    };
    let (mut may_be_left, mut may_be_right) = (is_plain(left), is_plain(right));
    if may_be_left && may_be_right {
        may_be_left = is_number(right);
        may_be_right = !may_be_left;
    }
    let other = if may_be_left && left.is_named("time") {
        right
    } else if may_be_right && right.is_named("time") {
        left
    } else {
        return Ok((None, true));
    };
    let is_this_bound = match operator {
        ">" => (bound == Bound::Start) == may_be_left,
        "<" => (bound == Bound::End) == may_be_left,
        "=" => return Ok((Some(time(other, now)?), true)),
        _ => return Err(Refusal::invalid(format!("Cannot use time with '{operator}'"))),
    };
    if is_this_bound { Ok((Some(time(other, now)?), false)) } else { Ok((None, true)) }
}

fn is_plain(side: &Expression) -> bool {
    !matches!(side, Expression::Operation { .. } | Expression::Call { .. })
}

fn is_number(side: &Expression) -> bool {
    match side {
        Expression::Constant(StoredValue::Bool(_)) => false,
        Expression::Constant(_) | Expression::Duration(_) => true,
        _ => false,
    }
}

/// The time that an expression stands for, in microseconds since 1970:
/// a number with a unit, plain nanoseconds, a date as text, or `now()` with durations.
fn time(expression: &Expression, now: i64) -> Result<i64, Refusal> {
    Ok(time_in_nanos(expression, now)?.div_euclid(1_000))
}

fn time_in_nanos(expression: &Expression, now: i64) -> Result<i64, Refusal> {
    match expression {
        Expression::Call { function, .. } if function.eq_ignore_ascii_case("now") => {
            Ok(now.saturating_mul(1_000))
        }
        Expression::Call { function, .. } => {
            Err(Refusal::invalid(format!("Invalid use of function {function}")))
        }
        Expression::Operation { left, operator, right } => {
            let (left, right) = (time_in_nanos(left, now)?, time_in_nanos(right, now)?);
            match *operator {
                "+" => Ok(left.wrapping_add(right)),
                "-" => Ok(left.wrapping_sub(right)),
                _ => {
                    let text = format!("Cannot use '{operator}' in a time expression");
                    Err(Refusal::invalid(text))
                }
            }
        }
        Expression::Constant(StoredValue::String(text)) => date(text).map_err(Refusal::invalid),
        other => nanos(&other.name())?.ok_or_else(|| Refusal::invalid("Rat.Scan: invalid syntax")),
    }
}
