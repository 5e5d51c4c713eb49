//! The values of expressions and conditions for one point.

use std::cmp::Ordering;

use crate::StoredValue;
use crate::v08::query::{Condition, Expression};
use crate::v08::store::Point;

/// The server's text after a panic, which names neither the condition nor the query.
pub(super) const PANIC: &str =
    "Internal Error: interface conversion: interface {} is nil, not bool";

/// Whether a condition holds.
/// Error: the server's text for an expression that it cannot evaluate.
pub(super) fn holds(condition: &Condition, point: Point<'_>) -> Result<bool, String> {
    Ok(match condition {
        Condition::And(left, right) => holds(left, point)? && holds(right, point)?,
        Condition::Or(left, right) => holds(left, point)? || holds(right, point)?,
        Condition::Compare { left, comparison, right } => {
            let (left, right) = (side(left, point)?, side(right, point)?);
            let order = if matches!(*comparison, "=" | "<>") {
                equality(&left, &right)?
            } else {
                // Truth values have no order.
                compare(&left, &right).filter(|_| !matches!(left, StoredValue::Bool(_)))
            };
            order.is_some_and(match *comparison {
                "=" => Ordering::is_eq,
                ">" => Ordering::is_gt,
                ">=" => Ordering::is_ge,
                "<" => Ordering::is_lt,
                "<=" => Ordering::is_le,
                _ => Ordering::is_ne,
            })
        }
        Condition::In { value, operator, list } => {
            let value = side(value, point)?;
            let list = list.iter().map(|each| side(each, point)).collect::<Result<Vec<_>, _>>()?;
            if operator != "in" {
                return Err(format!("Invalid boolean operator {operator}"));
            }
            for each in &list {
                match equality(&value, each)? {
                    Some(Ordering::Equal) => return Ok(true),
                    Some(_) => {}
                    // The search ends at a value of another kind.
                    None => return Ok(false),
                }
            }
            false
        }
        Condition::Matches { value, negated, pattern } => {
            let value = side(value, point)?;
            value.as_str().is_some_and(|text| pattern.matches(text) != *negated)
        }
        Condition::Test(value) => {
            let operands: Vec<&Expression> = match value {
                Expression::Call { arguments, .. } => arguments.iter().collect(),
                Expression::Operation { left, right, .. } => vec![left, right],
                _ => Vec::new(),
            };
            operands.into_iter().try_for_each(|each| side(each, point).map(drop))?;
            return Err(format!("Invalid boolean operator {}", value.name()));
        }
    })
}

/// As [`compare`], for what the server does where it asks whether two values are equal.
/// Error: the server panics if a truth value is compared with a value of another kind.
fn equality(left: &StoredValue, right: &StoredValue) -> Result<Option<Ordering>, String> {
    let is_bool = |value: &StoredValue| matches!(value, StoredValue::Bool(_));
    if is_bool(left) && !is_bool(right) {
        return Err(PANIC.to_owned());
    }
    Ok(compare(left, right))
}

/// The value of a side of a comparison, where the server has other texts than for the parts of an
/// expression, and takes any constant.
fn side(expression: &Expression, point: Point<'_>) -> Result<StoredValue, String> {
    match expression {
        Expression::Column(name) | Expression::Path(name) => {
            point.value(name).cloned().ok_or_else(|| format!("Cannot find column {name}"))
        }
        Expression::Constant(value) => Ok(value.clone()),
        Expression::Operation { .. } => evaluate(expression, point),
        Expression::Call { function, .. } => {
            Err(format!("Cannot process function call {function} in expression"))
        }
        Expression::Duration(_) | Expression::Wildcard => {
            Err("Cannot evaluate expression".to_owned())
        }
    }
}

/// The value of an expression.
/// Error: the server's text if a column is missing or an operator does not fit its values.
pub(super) fn evaluate(expression: &Expression, point: Point<'_>) -> Result<StoredValue, String> {
    match expression {
        Expression::Column(name) | Expression::Path(name) => {
            point.value(name).cloned().ok_or_else(|| format!("Invalid column name {name}"))
        }
        Expression::Constant(value @ (StoredValue::Int(_) | StoredValue::Float(_))) => {
            Ok(value.clone())
        }
        Expression::Operation { left, operator, right } => {
            calculate(&evaluate(left, point)?, operator, &evaluate(right, point)?)
        }
        other => Err(format!("Value cannot be evaluated for type {}", other.shown())),
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

fn calculate(
    left: &StoredValue,
    operator: &str,
    right: &StoredValue,
) -> Result<StoredValue, String> {
    if let (StoredValue::Int(left), StoredValue::Int(right)) = (left, right) {
        return Ok(match operator {
            "+" => left.wrapping_add(*right).into(),
            "-" => left.wrapping_sub(*right).into(),
            "*" => left.wrapping_mul(*right).into(),
            // Infinity and NaN, which both are printed as null.
            _ if *right == 0 => StoredValue::Null,
            _ => left.wrapping_div(*right).into(),
        });
    }
    let (Some(left_number), Some(right_number)) = (left.as_f64(), right.as_f64()) else {
        let kind = match (left, right) {
            (StoredValue::String(_), StoredValue::String(_)) => "STRING",
            (StoredValue::Bool(_), _) => "BOOL",
            _ => "%!!(MISSING)v(PANIC=String method: Unknown type: 0)",
        };
        return Err(format!("{operator} operator doesn't work with {kind} types"));
    };
    Ok(StoredValue::Float(match operator {
        "+" => left_number + right_number,
        "-" => left_number - right_number,
        "*" => left_number * right_number,
        _ => left_number / right_number,
    }))
}
