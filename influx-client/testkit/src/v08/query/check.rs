//! Checks what a statement means before any of the query runs.

use super::ast::{Column, GroupBy, Select, Statement, Target};
use super::interval::Interval;
use super::range::TimeRange;
use super::source::Source;
use super::value::{Condition, Expression};
use crate::StoredValue;
use crate::v08::refusal::Refusal;

/// A statement whose words are in order, but perhaps not what they mean.
pub(super) enum Parsed {
    Delete { from: Source, condition: Option<Condition> },
    Select(Clauses),
    Other(Statement),
}

/// The parts of a select as they are written.
pub(super) struct Clauses {
    pub(super) columns: Vec<Column>,
    pub(super) from: Source,
    pub(super) condition: Option<Condition>,
    pub(super) keys: Vec<Expression>,
    /// The function behind the keys, which should be `fill`.
    pub(super) fill: Option<Expression>,
    pub(super) limit: i32,
    pub(super) ascending: bool,
    pub(super) into: Option<String>,
    /// The function behind the target, which should be `backfill`.
    pub(super) backfill: Option<Expression>,
}

impl Parsed {
    /// Error: the server's text.
    pub(super) fn checked(self, now: i64) -> Result<Statement, Refusal> {
        match self {
            Self::Delete { from, mut condition } => {
                let range = TimeRange::take(&mut condition, now)?;
                if condition.is_some() {
                    let text = "Delete queries can't have where clause that don't reference time";
                    return Err(Refusal::invalid(text));
                }
                Ok(Statement::Delete { from, range })
            }
            Self::Select(clauses) => Ok(Statement::Select(Box::new(clauses.checked(now)?))),
            Self::Other(statement) => Ok(statement),
        }
    }
}

impl Clauses {
    fn checked(mut self, now: i64) -> Result<Select, Refusal> {
        let range = TimeRange::take(&mut self.condition, now)?;
        let fill = match self.fill {
            None => None,
            Some(call) => {
                let (function, value) = one_argument(call, "fill", "one argument only")?;
                if function != "fill" {
                    let text = format!("You can't use {function} with group by");
                    return Err(Refusal::invalid(text));
                }
                value
            }
        };
        let backfill = match self.backfill {
            None => None,
            Some(call) => {
                let (function, value) = one_argument(call, "backfill", "only one argument")?;
                if function != "backfill" {
                    return Err(Refusal::invalid(format!("You can't use {function} with into")));
                }
                if !value.as_ref().is_some_and(is_bool) {
                    return Err(Refusal::invalid("`backfill` accepts only bool arguments"));
                }
                value
            }
        };
        Ok(Select {
            columns: self.columns,
            from: self.from,
            range,
            condition: self.condition,
            group_by: GroupBy { time: interval(&self.keys), keys: self.keys, fill },
            limit: usize::try_from(self.limit).ok().filter(|&limit| limit > 0),
            ascending: self.ascending,
            into: self.into.map(|name| Target { name, backfill }),
        })
    }
}

/// The name of a function and its argument, if it is this function.
/// Error: 400 if it has another number of arguments.
fn one_argument(
    call: Expression,
    expected: &str,
    accepts: &str,
) -> Result<(String, Option<Expression>), Refusal> {
    let Expression::Call { function, mut arguments } = call else {
        return Ok((call.name(), None));
    };
    if function == expected && arguments.len() != 1 {
        return Err(Refusal::invalid(format!("`{expected}` accepts {accepts}")));
    }
    Ok((function, arguments.pop()))
}

/// Whether Go reads the text as a bool.
fn is_bool(value: &Expression) -> bool {
    match value {
        Expression::Constant(StoredValue::Bool(_)) => true,
        Expression::Constant(StoredValue::Int(value)) => matches!(value, 0 | 1),
        Expression::Column(name) => ["t", "f"].iter().any(|known| name.eq_ignore_ascii_case(known)),
        _ => false,
    }
}

/// The argument of the first `time(...)`.
fn interval(keys: &[Expression]) -> Result<Option<Interval>, Refusal> {
    let arguments = keys.iter().find_map(|key| match key {
        Expression::Call { function, arguments } if function.eq_ignore_ascii_case("time") => {
            Some(arguments.as_slice())
        }
        _ => None,
    });
    match arguments {
        None => Ok(None),
        Some([argument]) => Interval::new(argument.name()).map(Some),
        Some(_) => Err(Refusal::invalid("time function only accepts one argument")),
    }
}
