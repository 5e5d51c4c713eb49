//! Queries as the parser understands them, and as the server prints them back.

use std::fmt;

use super::pattern::Pattern;
use crate::StoredValue;
use crate::v08::json::number;

/// One statement of a query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Statement {
    Delete { from: Source, condition: Option<Condition> },
    DropContinuousQuery(u32),
    DropSeries(String),
    ListContinuousQueries,
    ListSeries { pattern: Option<Pattern>, with_spaces: bool },
    Select(Select),
}

/// `select ... from ...` and its clauses.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Select {
    pub(crate) columns: Vec<Expression>,
    pub(crate) from: Source,
    pub(crate) condition: Option<Condition>,
    pub(crate) group_by: GroupBy,
    /// The most points of one series; the server takes 0 as no limit.
    pub(crate) limit: Option<usize>,
    pub(crate) ascending: bool,
    /// The target of a continuous query.
    pub(crate) into: Option<String>,
}

impl Select {
    /// Whether an aggregate function is called.
    pub(crate) fn has_calls(&self) -> bool {
        self.columns.iter().any(|column| matches!(column, Expression::Call { .. }))
    }

    /// Whether the select is a continuous query.
    pub(crate) fn is_continuous(&self) -> bool {
        self.into.is_some()
    }

    /// Whether each point written to `series` is copied at once.
    /// Queries with functions would run at intervals; the embedded server only lists them.
    pub(crate) fn is_fanout_of(&self, series: &str) -> bool {
        let grouped = self.group_by.time.is_some() || !self.group_by.columns.is_empty();
        self.is_continuous() && !self.has_calls() && !grouped && self.from.includes(series)
    }
}

/// The series that a statement reads.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    Names(Vec<String>),
    Pattern(Pattern),
}

impl Source {
    pub(crate) fn includes(&self, series: &str) -> bool {
        match self {
            Self::Names(names) => names.iter().any(|name| name == series),
            Self::Pattern(pattern) => pattern.matches(series),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct GroupBy {
    /// The interval of `time(...)`.
    pub(crate) time: Option<Duration>,
    pub(crate) columns: Vec<String>,
    /// The value of buckets without points; without it such buckets are left out.
    pub(crate) fill: Option<StoredValue>,
}

/// A length of time, with its text in the query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Duration {
    pub(crate) micros: i64,
    pub(crate) text: String,
}

impl Duration {
    pub(super) fn new(text: String) -> Option<Self> {
        Some(Self { micros: micros(&text)?, text })
    }
}

/// A number with a unit in microseconds; `None` if the unit is unknown or the length does not fit.
pub(crate) fn micros(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
    let unit: i64 = match unit {
        "u" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        "d" => 86_400_000_000,
        "w" => 604_800_000_000,
        "y" => 31_536_000_000_000,
        _ => return None,
    };
    if let Ok(whole) = number.parse::<i64>() {
        return whole.checked_mul(unit);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a fraction of a microsecond is lost")]
    #[expect(clippy::cast_precision_loss, reason = "the units are small")]
    number.parse::<f64>().ok().map(|number| (number * unit as f64) as i64)
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    Call {
        function: String,
        arguments: Vec<Expression>,
    },
    Column(String),
    Constant(StoredValue),
    Duration(Duration),
    Operation {
        left: Box<Expression>,
        operator: &'static str,
        right: Box<Expression>,
    },
    /// `*`, every column.
    Wildcard,
}

impl Expression {
    /// Adds the columns that the expression reads.
    pub(crate) fn add_columns<'a>(&'a self, columns: &mut Vec<&'a str>) {
        match self {
            Self::Column(name) => columns.push(name),
            Self::Call { arguments, .. } => {
                for argument in arguments {
                    argument.add_columns(columns);
                }
            }
            Self::Operation { left, right, .. } => {
                left.add_columns(columns);
                right.add_columns(columns);
            }
            Self::Constant(_) | Self::Duration(_) | Self::Wildcard => {}
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    And(Box<Condition>, Box<Condition>),
    Compare { left: Expression, comparison: &'static str, right: Expression },
    In { value: Expression, list: Vec<Expression> },
    Matches { value: Expression, negated: bool, pattern: Pattern },
    Or(Box<Condition>, Box<Condition>),
}

impl fmt::Display for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "select {} from {}", list(&self.columns), self.from)?;
        if let Some(condition) = &self.condition {
            write!(f, " where {condition}")?;
        }
        let time = self.group_by.time.iter().map(|time| format!("time({})", time.text));
        let keys: Vec<_> = time.chain(self.group_by.columns.iter().cloned()).collect();
        if !keys.is_empty() {
            write!(f, " group by {}", keys.join(", "))?;
        }
        if let Some(into) = &self.into {
            write!(f, " into {into}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Names(names) => {
                let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
                f.write_str(&names.join(", "))
            }
            Self::Pattern(pattern) => pattern.fmt(f),
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call { function, arguments } => write!(f, "{function}({})", list(arguments)),
            Self::Column(name) => f.write_str(name),
            Self::Constant(StoredValue::String(text)) => write!(f, "'{text}'"),
            Self::Constant(StoredValue::Bool(value)) => value.fmt(f),
            Self::Constant(StoredValue::Int(value)) => value.fmt(f),
            Self::Constant(value) => f.write_str(&value.as_f64().map(number).unwrap_or_default()),
            Self::Duration(duration) => f.write_str(&duration.text),
            Self::Operation { left, operator, right } => write!(f, "{left} {operator} {right}"),
            Self::Wildcard => f.write_str("*"),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(left, right) => write!(f, "({left}) and ({right})"),
            Self::Compare { left, comparison, right } => write!(f, "{left} {comparison} {right}"),
            Self::In { value, list: values } => write!(f, "{value} in ({})", list(values)),
            Self::Matches { value, negated, pattern } => {
                write!(f, "{value} {} {pattern}", if *negated { "!~" } else { "=~" })
            }
            Self::Or(left, right) => write!(f, "({left}) or ({right})"),
        }
    }
}

fn list(expressions: &[Expression]) -> String {
    expressions.iter().map(Expression::to_string).collect::<Vec<_>>().join(", ")
}
