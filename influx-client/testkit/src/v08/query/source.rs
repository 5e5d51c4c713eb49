//! The series of a statement.

use super::cursor::Cursor;
use super::pattern::Pattern;
use super::token::Kind;
use crate::v08::refusal::Refusal;

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

impl Cursor<'_> {
    /// `from` and the series.
    pub(super) fn from(&mut self) -> Result<Source, Refusal> {
        self.expect_word("FROM")?;
        if let Some(pattern) = self.accept_pattern()? {
            return Ok(Source::Pattern(pattern));
        }
        if self.accept_word("MERGE") {
            return self.members().map(Source::Merge);
        }
        if self.accept_word("JOIN") {
            return self.members().map(Source::Join);
        }
        let Some(first) = self.accept_series_name() else { return self.unexpected("") };
        if self.accept_word("MERGE") {
            let names = [first, self.series_name()?];
            return Ok(Source::Merge(named(names)));
        }
        if matches!(self.peek(), Kind::Keyword("AS" | "INNER")) {
            let alias = self.series_alias()?;
            self.expect_word("INNER")?;
            self.expect_word("JOIN")?;
            let first = Member { series: first, alias };
            let second = Member { series: self.series_name()?, alias: self.series_alias()? };
            return Ok(Source::Join(Members::Named(vec![first, second])));
        }
        let mut names = vec![first];
        while self.accept(",") {
            names.push(self.series_name()?);
        }
        Ok(Source::Names(names))
    }

    fn series_alias(&mut self) -> Result<Option<String>, Refusal> {
        if self.accept_word("AS") { self.series_name().map(Some) } else { Ok(None) }
    }

    /// Names or a pattern in brackets.
    fn members(&mut self) -> Result<Members, Refusal> {
        self.expect("(")?;
        if let Some(pattern) = self.accept_pattern()? {
            self.expect(")")?;
            return Ok(Members::Pattern(pattern));
        }
        let Some(first) = self.accept_series_name() else {
            return self.unexpected(
                "TABLE_NAME or SIMPLE_NAME or REGEX_STRING or INSENSITIVE_REGEX_STRING",
            );
        };
        let mut names = vec![first];
        while self.accept(",") {
            names.push(self.series_name()?);
        }
        if !self.accept(")") {
            return self.unexpected("',' or ')'");
        }
        Ok(named(names))
    }
}

fn named(names: impl IntoIterator<Item = String>) -> Members {
    Members::Named(names.into_iter().map(|series| Member { series, alias: None }).collect())
}
