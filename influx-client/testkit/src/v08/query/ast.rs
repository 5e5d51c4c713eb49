//! Queries as the parser understands them.

use super::interval::Interval;
use super::pattern::Pattern;
use super::range::TimeRange;
use super::source::Source;
use super::value::{Condition, Expression};
use crate::StoredValue;
use crate::v08::refusal::Refusal;

/// One statement of a query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Statement {
    Delete { from: Source, range: TimeRange },
    DropContinuousQuery(u32),
    DropSeries(String),
    ListContinuousQueries,
    ListSeries { pattern: Option<Pattern>, with_spaces: bool },
    Select(Box<Select>),
}

/// `select ... from ...` and its clauses.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Select {
    pub(crate) columns: Vec<Column>,
    pub(crate) from: Source,
    /// The times that the condition asks for.
    pub(crate) range: TimeRange,
    /// The condition, without the comparisons that only bound the time.
    pub(crate) condition: Option<Condition>,
    pub(crate) group_by: GroupBy,
    /// The most points of one series; the server takes 0 as no limit.
    pub(crate) limit: Option<usize>,
    pub(crate) ascending: bool,
    /// The target of a continuous query.
    pub(crate) into: Option<Target>,
}

impl Select {
    /// Whether an aggregate function is called.
    pub(crate) fn has_calls(&self) -> bool {
        self.columns.iter().any(|column| matches!(column.value, Expression::Call { .. }))
    }

    /// Whether the select is a continuous query.
    pub(crate) fn is_continuous(&self) -> bool {
        self.into.is_some()
    }

    /// Whether each point written to `series` is copied at once.
    /// Queries with functions would run at intervals; the embedded server only lists them.
    pub(crate) fn is_fanout_of(&self, series: &str) -> bool {
        let grouped = !self.group_by.keys.is_empty();
        self.is_continuous() && !self.has_calls() && !grouped && self.from.includes(series)
    }
}

/// An expression between `select` and `from`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) value: Expression,
    /// The name after `as`. The server gives it to functions and to expressions with an operator,
    /// and not to a column: `(a) as b` is still answered as `a`.
    pub(crate) alias: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GroupBy {
    /// All keys, `time(...)` among them.
    pub(crate) keys: Vec<Expression>,
    /// The argument of `time(...)`, or the refusal of a select with functions if it is wrong.
    pub(crate) time: Result<Option<Interval>, Refusal>,
    /// The argument of `fill(...)`: the value of buckets without points.
    /// Without it such buckets are left out.
    pub(crate) fill: Option<Expression>,
}

impl Default for GroupBy {
    fn default() -> Self {
        Self { keys: Vec::new(), time: Ok(None), fill: None }
    }
}

impl GroupBy {
    /// The keys that are not function calls, nearly always columns.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &Expression> {
        self.keys.iter().filter(|key| !matches!(key, Expression::Call { .. }))
    }

    /// The value of buckets without points, if there is a `fill`.
    /// Error: 400 if it is neither a whole number nor `null`.
    pub(crate) fn fill_value(&self) -> Result<Option<StoredValue>, Refusal> {
        match &self.fill {
            None => Ok(None),
            Some(Expression::Constant(value @ StoredValue::Int(_))) => Ok(Some(value.clone())),
            Some(Expression::Column(name)) if name == "null" => Ok(Some(StoredValue::Null)),
            Some(Expression::Column(name)) => {
                Err(Refusal::invalid(format!("Unsupported fill value {name}")))
            }
            Some(other) => {
                // A mistake in the server's text.
                let kind = other.kind();
                let text = format!("Unknown type %!!(MISSING)!(MISSING)s(parser.ValueType={kind})");
                Err(Refusal::invalid(text))
            }
        }
    }
}

/// The series that a continuous query writes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Target {
    /// With `:series_name` and `[column]`, which stand for parts of each point.
    pub(crate) name: String,
    /// The argument of `backfill(...)`.
    pub(crate) backfill: Option<Expression>,
}
