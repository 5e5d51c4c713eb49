//! The columns that a select reads and answers.

use std::collections::BTreeSet;

use crate::v08::query::{Expression, Members, Select, Source};
use crate::v08::refusal::Refusal;
use crate::v08::store::{Columns, PointKey};

/// The columns that a select names of one series.
pub(super) enum Wanted {
    All,
    /// By name, as the server orders them.
    Named(Vec<String>),
}

impl Wanted {
    /// The positions of the columns, in the order of the names or in that of the series.
    /// Error: the server's text for a column that the series lacks.
    pub(super) fn positions(&self, series: &str, columns: &Columns) -> Result<Vec<usize>, Refusal> {
        let Self::Named(names) = self else { return Ok((0..columns.names().len()).collect()) };
        let position = |name: &String| {
            columns.position(name).ok_or_else(|| {
                Refusal::invalid(format!("Field {name} doesn't exist in series {series}"))
            })
        };
        names.iter().map(position).collect()
    }
}

impl Select {
    /// The columns that the select reads of a series called `prefix`, where `prefixes` are the
    /// names of all its series: in `a.b` the part before the last dot is one of them, or the whole
    /// is the name of a column.
    pub(super) fn read_columns(&self, prefix: &str, prefixes: &[&str]) -> Wanted {
        let mut names = self.names();
        if let Some(condition) = &self.condition {
            condition.add_columns(&mut names);
        }
        self.wanted(&names, prefix, prefixes)
    }

    /// The columns that the select answers, as [`read_columns`](Self::read_columns).
    pub(super) fn answered_columns(&self, prefix: &str, prefixes: &[&str]) -> Wanted {
        self.wanted(&self.names(), prefix, prefixes)
    }

    /// Columns of a `group by` are answered too, although a raw select groups nothing.
    fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for column in &self.columns {
            match &column.value {
                Expression::Wildcard => names.push("*"),
                // Keys are part of every point already.
                value if PointKey::is_column(&value.name()) => {}
                value => value.add_columns(&mut names),
            }
        }
        for key in &self.group_by.keys {
            if *key == Expression::Wildcard {
                names.push("*");
            }
            key.add_columns(&mut names);
        }
        names
    }

    fn wanted(&self, names: &[&str], prefix: &str, prefixes: &[&str]) -> Wanted {
        if names.contains(&"*") {
            return Wanted::All;
        }
        // In a join, the name of a series counts if no column has its alias.
        let prefix = match &self.from {
            Source::Join(Members::Named(members)) => {
                let member = members.iter().find(|member| member.alias.as_deref() == Some(prefix));
                match member {
                    Some(member) if !names.iter().any(|name| column_of(name, prefix).is_some()) => {
                        &member.series
                    }
                    _ => prefix,
                }
            }
            _ => prefix,
        };
        let is_prefix = |series: &str| match &self.from {
            Source::Names(names) => names.iter().any(|name| name == series),
            Source::Pattern(_) => false,
            Source::Merge(members) | Source::Join(members) => {
                prefixes.contains(&series) || members.names().contains(&series)
            }
        };
        let (mut own, mut whole) = (BTreeSet::new(), Vec::new());
        for &name in names {
            match name.rsplit_once('.') {
                Some((series, _)) if !is_prefix(series) => whole.push(name),
                Some(_) => own.extend(column_of(name, prefix)),
                None => _ = own.insert(name),
            }
        }
        whole.retain(|name| !own.contains(name));
        Wanted::Named(own.into_iter().chain(whole).map(str::to_owned).collect())
    }
}

/// The column in `series.column`, if the series is this one.
fn column_of<'a>(name: &'a str, series: &str) -> Option<&'a str> {
    name.rsplit_once('.').filter(|(known, _)| *known == series).map(|(_, column)| column)
}
