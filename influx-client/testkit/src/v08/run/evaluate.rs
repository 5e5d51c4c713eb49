//! The values of expressions and conditions for one point.

use std::cmp::Ordering;

use crate::StoredValue;
use crate::v08::query::{Condition, Expression};
use crate::v08::store::Point;

pub(super) fn holds(condition: &Condition, point: Point<'_>) -> bool {
    match condition {
        Condition::And(left, right) => holds(left, point) && holds(right, point),
        Condition::Or(left, right) => holds(left, point) || holds(right, point),
        Condition::Compare { left, comparison, right } => {
            let order = compare(&evaluate(left, point), &evaluate(right, point));
            order.is_some_and(match *comparison {
                "=" => Ordering::is_eq,
                ">" => Ordering::is_gt,
                ">=" => Ordering::is_ge,
                "<" => Ordering::is_lt,
                "<=" => Ordering::is_le,
                _ => Ordering::is_ne,
            })
        }
        Condition::In { value, list, .. } => {
            let value = evaluate(value, point);
            list.iter()
                .any(|each| compare(&value, &evaluate(each, point)).is_some_and(Ordering::is_eq))
        }
        Condition::Matches { value, negated, pattern } => {
            evaluate(value, point).as_str().is_some_and(|text| pattern.matches(text) != *negated)
        }
        Condition::Test(_) => false,
    }
}

/// The value of an expression; null if it has none.
pub(super) fn evaluate(expression: &Expression, point: Point<'_>) -> StoredValue {
    match expression {
        Expression::Column(name) | Expression::Path(name) => point.value(name).clone(),
        Expression::Constant(value) => value.clone(),
        Expression::Operation { left, operator, right } => {
            calculate(&evaluate(left, point), operator, &evaluate(right, point))
        }
        Expression::Call { .. } | Expression::Duration(_) | Expression::Wildcard => {
            StoredValue::Null
        }
    }
}

/// The order of two values: `None` if they are of different kinds or null.
pub(super) fn compare(left: &StoredValue, right: &StoredValue) -> Option<Ordering> {
    match (left, right) {
        (StoredValue::Bool(left), StoredValue::Bool(right)) => Some(left.cmp(right)),
        (StoredValue::Int(left), StoredValue::Int(right)) => Some(left.cmp(right)),
        (StoredValue::String(left), StoredValue::String(right)) => Some(left.cmp(right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

fn calculate(left: &StoredValue, operator: &str, right: &StoredValue) -> StoredValue {
    match (left, operator, right) {
        (StoredValue::Int(left), "+", StoredValue::Int(right)) => {
            return left.wrapping_add(*right).into();
        }
        (StoredValue::Int(left), "-", StoredValue::Int(right)) => {
            return left.wrapping_sub(*right).into();
        }
        (StoredValue::Int(left), "*", StoredValue::Int(right)) => {
            return left.wrapping_mul(*right).into();
        }
        _ => {}
    }
    let (Some(left), Some(right)) = (left.as_f64(), right.as_f64()) else {
        return StoredValue::Null;
    };
    StoredValue::Float(match operator {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        _ => left / right,
    })
}
