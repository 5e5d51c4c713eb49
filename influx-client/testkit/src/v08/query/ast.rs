//! Queries as the parser understands them.

use super::pattern::Pattern;
use super::range::TimeRange;
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
    Select(Select),
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

/// The series that a statement reads.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    /// `a, b`: each series by itself.
    Names(Vec<String>),
    /// `/.../`: each series by itself.
    Pattern(Pattern),
    /// `a merge b` or `merge(a, b)`: one series of all points.
    Merge(Members),
    /// `a as x inner join b as y` or `join(a, b)`: one series of points with the columns of all.
    Join(Members),
}

impl Source {
    /// Whether the source names this series.
    pub(crate) fn includes(&self, series: &str) -> bool {
        match self {
            Self::Names(names) => names.iter().any(|name| name == series),
            Self::Pattern(pattern) => pattern.matches(series),
            Self::Merge(members) | Self::Join(members) => members.names().contains(&series),
        }
    }
}

/// The series of a merge or a join.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Members {
    Named(Vec<Member>),
    Pattern(Pattern),
}

impl Members {
    /// The names that the query gives.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::Named(members) => members.iter().map(|member| member.series.as_str()).collect(),
            Self::Pattern(_) => Vec::new(),
        }
    }
}

/// One series of a merge or a join.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    pub(crate) series: String,
    /// The name after `as`, which only `inner join` has.
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

/// The length of the buckets of `group by time(...)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Interval {
    pub(crate) nanos: i64,
    /// The unit, if the buckets follow the calendar instead of their length: `1w`, `1M` or `1y`.
    pub(crate) calendar: Option<Calendar>,
    /// The text of the query.
    pub(crate) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Calendar {
    Week,
    Month,
    Year,
}

/// The series that a continuous query writes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Target {
    /// With `:series_name` and `[column]`, which stand for parts of each point.
    pub(crate) name: String,
    /// The argument of `backfill(...)`.
    pub(crate) backfill: Option<Expression>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    Call {
        /// The name as it is written; the server knows its functions in any case.
        function: String,
        arguments: Vec<Expression>,
    },
    /// A bare word or a text in double quotes.
    Column(String),
    Constant(StoredValue),
    /// A bare word with dots, mostly `series.column`.
    Path(String),
    /// A number with a unit, as it is written: `5s`.
    Duration(String),
    Operation {
        left: Box<Expression>,
        operator: &'static str,
        right: Box<Expression>,
    },
    /// `*`, every column.
    Wildcard,
}

impl Expression {
    /// The name that the server gives the expression: that of a column or function, an operator,
    /// or the text of a constant.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Call { function: name, .. } | Self::Column(name) | Self::Path(name) => {
                name.clone()
            }
            Self::Constant(StoredValue::String(text)) => text.clone(),
            Self::Operation { operator, .. } => (*operator).to_owned(),
            Self::Constant(_) | Self::Duration(_) | Self::Wildcard => self.to_string(),
        }
    }

    /// The expression as the server prints it where it cannot evaluate it: its name, its alias,
    /// the number of its kind, its parts. The addresses of parts, which differ from run to run,
    /// are left out.
    pub(crate) fn shown(&self) -> String {
        format!("&{{{}  {} [] <nil> false}}", self.name(), self.kind())
    }

    /// The server's number for the kind of expression.
    fn kind(&self) -> u8 {
        match self {
            Self::Constant(StoredValue::Int(_) | StoredValue::UInt(_)) => 1,
            Self::Constant(StoredValue::Float(_)) => 2,
            Self::Constant(StoredValue::Bool(_)) => 3,
            Self::Constant(_) => 4,
            Self::Path(_) => 6,
            Self::Column(_) => 7,
            Self::Duration(_) => 8,
            Self::Wildcard => 9,
            Self::Call { .. } => 10,
            Self::Operation { .. } => 11,
        }
    }

    /// Whether the server calls the expression by this name.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        match self {
            Self::Column(known) | Self::Constant(StoredValue::String(known)) => known == name,
            _ => false,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    And(Box<Condition>, Box<Condition>),
    Compare {
        left: Expression,
        comparison: &'static str,
        right: Expression,
    },
    In {
        value: Expression,
        /// The word `in` as it is written: the server knows only the small one.
        operator: String,
        list: Vec<Expression>,
    },
    Matches {
        value: Expression,
        negated: bool,
        pattern: Pattern,
    },
    Or(Box<Condition>, Box<Condition>),
    /// An expression without a comparison.
    Test(Expression),
}

impl Expression {
    /// Adds the columns that the expression reads.
    pub(crate) fn add_columns<'a>(&'a self, columns: &mut Vec<&'a str>) {
        match self {
            Self::Column(name) | Self::Path(name) => columns.push(name),
            Self::Call { arguments, .. } => {
                arguments.iter().for_each(|argument| argument.add_columns(columns));
            }
            Self::Operation { left, right, .. } => {
                left.add_columns(columns);
                right.add_columns(columns);
            }
            Self::Constant(_) | Self::Duration(_) | Self::Wildcard => {}
        }
    }
}

impl Condition {
    /// Adds the columns that the condition reads.
    pub(crate) fn add_columns<'a>(&'a self, columns: &mut Vec<&'a str>) {
        match self {
            Self::And(left, right) | Self::Or(left, right) => {
                left.add_columns(columns);
                right.add_columns(columns);
            }
            Self::Compare { left, right, .. } => {
                left.add_columns(columns);
                right.add_columns(columns);
            }
            Self::In { value, list, .. } => {
                value.add_columns(columns);
                list.iter().for_each(|each| each.add_columns(columns));
            }
            Self::Matches { value, .. } | Self::Test(value) => value.add_columns(columns),
        }
    }
}
