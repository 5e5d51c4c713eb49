//! Queries as the parser understands them, and as the server prints them back.

use std::fmt;

use influx_proto::Value;

use super::pattern::Pattern;
use crate::testkit::json::number;

/// One statement of a query.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::testkit) enum Statement {
    Delete { from: Source, condition: Option<Condition> },
    DropContinuousQuery(u32),
    DropSeries(String),
    ListContinuousQueries,
    ListSeries { pattern: Option<Pattern>, with_spaces: bool },
    Select(Select),
}

/// `select ... from ...` and what may follow.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::testkit) struct Select {
    pub(super) columns: Vec<Expression>,
    pub(super) from: Source,
    pub(super) condition: Option<Condition>,
    pub(super) group_by: GroupBy,
    /// The most points of one series; the server takes 0 as no limit.
    pub(super) limit: Option<usize>,
    pub(super) ascending: bool,
    /// The target of a continuous query.
    pub(super) into: Option<String>,
}

/// The series that a statement reads.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::testkit) enum Source {
    Names(Vec<String>),
    Pattern(Pattern),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::testkit) struct GroupBy {
    /// The interval of `time(...)`.
    pub(super) time: Option<Duration>,
    pub(super) columns: Vec<String>,
    /// The value of buckets without points; without it such buckets are left out.
    pub(super) fill: Option<Value>,
}

impl GroupBy {
    pub(super) fn is_empty(&self) -> bool {
        self.time.is_none() && self.columns.is_empty()
    }
}

/// A length of time, with its text in the query.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::testkit) struct Duration {
    pub(super) micros: i64,
    pub(super) text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(in crate::testkit) enum Expression {
    Call {
        function: String,
        arguments: Vec<Expression>,
    },
    Column(String),
    Constant(Value),
    Duration(Duration),
    Operation {
        left: Box<Expression>,
        operator: char,
        right: Box<Expression>,
    },
    /// `*`, every column.
    Wildcard,
}

impl Expression {
    /// Adds the columns that the expression reads.
    pub(super) fn add_columns<'a>(&'a self, columns: &mut Vec<&'a str>) {
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
pub(in crate::testkit) enum Condition {
    And(Box<Condition>, Box<Condition>),
    Compare { left: Expression, comparison: Comparison, right: Expression },
    In { value: Expression, list: Vec<Expression> },
    Matches { value: Expression, negated: bool, pattern: Pattern },
    Or(Box<Condition>, Box<Condition>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::testkit) enum Comparison {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    NotEqual,
}

impl fmt::Display for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "select {} from {}", list(&self.columns), self.from)?;
        if let Some(condition) = &self.condition {
            write!(f, " where {condition}")?;
        }
        if !self.group_by.is_empty() {
            let time = self.group_by.time.iter().map(|time| format!("time({})", time.text));
            let keys: Vec<_> = time.chain(self.group_by.columns.iter().cloned()).collect();
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
            Self::Constant(Value::String(text)) => write!(f, "'{text}'"),
            Self::Constant(Value::Bool(value)) => value.fmt(f),
            Self::Constant(Value::Int(value)) => value.fmt(f),
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

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::NotEqual => "<>",
        })
    }
}

fn list(expressions: &[Expression]) -> String {
    expressions.iter().map(Expression::to_string).collect::<Vec<_>>().join(", ")
}
