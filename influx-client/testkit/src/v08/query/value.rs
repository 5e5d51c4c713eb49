//! Expressions and conditions.

use super::pattern::Pattern;
use crate::StoredValue;

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
    pub(super) fn kind(&self) -> u8 {
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

    /// Adds the columns that the expression reads.
    pub(crate) fn add_columns<'a>(&'a self, columns: &mut Vec<&'a str>) {
        match self {
            Self::Column(name) | Self::Path(name) => columns.push(name),
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
                for each in list {
                    each.add_columns(columns);
                }
            }
            Self::Matches { value, .. } | Self::Test(value) => value.add_columns(columns),
        }
    }
}
