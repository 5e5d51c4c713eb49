//! Queries as the server prints them: in its errors, and in the list of continuous queries.
//!
//! A printed query need not read back: names lose their quotes, and expressions their brackets.

use std::fmt::{Display, Formatter, Result};

use super::ast::Select;
use super::source::{Member, Members, Source};
use super::value::{Condition, Expression};
use crate::StoredValue;
use crate::v08::json::number;

impl Display for Select {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let columns = self.columns.iter().map(|column| match &column.alias {
            Some(alias) => format!("{} as {alias}", column.value),
            None => column.value.to_string(),
        });
        write!(f, "select {} from {}", columns.collect::<Vec<_>>().join(","), self.from)?;
        if let Some(condition) = &self.condition {
            write!(f, " where {condition}")?;
        }
        if !self.group_by.keys.is_empty() {
            write!(f, " group by {}", list(&self.group_by.keys))?;
            if let Some(fill) = &self.group_by.fill {
                write!(f, " fill({fill})")?;
            }
        }
        if let Some(limit) = self.limit {
            write!(f, " limit {limit}")?;
        }
        if self.ascending {
            f.write_str(" order asc")?;
        }
        if let Some(target) = &self.into {
            write!(f, " into {}", target.name)?;
            if let Some(backfill) = &target.backfill {
                write!(f, " backfill({backfill})")?;
            }
        }
        Ok(())
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Names(names) => {
                f.write_str(&list(names.iter().map(|name| format!("\"{name}\""))))
            }
            Self::Pattern(pattern) => pattern.fmt(f),
            Self::Merge(Members::Named(members)) => {
                write!(f, "merge({})", list(members.iter().map(|member| &member.series)))
            }
            Self::Join(Members::Named(members)) => {
                // The server prints two, however many there are.
                let two: Vec<_> = members.iter().take(2).map(Member::to_string).collect();
                f.write_str(&two.join(" inner join "))
            }
            Self::Merge(Members::Pattern(_)) | Self::Join(Members::Pattern(_)) => Ok(()),
        }
    }
}

impl Display for Member {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.alias {
            Some(alias) => write!(f, "{} as {alias}", self.series),
            None => f.write_str(&self.series),
        }
    }
}

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Call { function, arguments } => write!(f, "{function}({})", list(arguments)),
            Self::Column(text) | Self::Path(text) | Self::Duration(text) => f.write_str(text),
            Self::Constant(StoredValue::String(text)) => write!(f, "'{text}'"),
            Self::Constant(StoredValue::Bool(value)) => value.fmt(f),
            Self::Constant(StoredValue::Int(value)) => value.fmt(f),
            Self::Constant(value) => f.write_str(&value.as_f64().map(number).unwrap_or_default()),
            Self::Operation { left, operator, right } => write!(f, "{left} {operator} {right}"),
            Self::Wildcard => f.write_str("*"),
        }
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::And(left, right) => write!(f, "({left}) AND ({right})"),
            Self::Compare { left, comparison, right } => write!(f, "{left} {comparison} {right}"),
            // The server prints the first of the values, however many there are.
            Self::In { value, operator, list } => match list.first() {
                Some(first) => write!(f, "{value} {operator} {first}"),
                None => write!(f, "{value} {operator}"),
            },
            Self::Matches { value, negated, pattern } => {
                write!(f, "{value} {} {pattern}", if *negated { "!~" } else { "=~" })
            }
            Self::Or(left, right) => write!(f, "({left}) OR ({right})"),
            Self::Test(value) => value.fmt(f),
        }
    }
}

fn list(items: impl IntoIterator<Item: Display>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(",")
}
