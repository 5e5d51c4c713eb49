//! Reads the series of a statement.

use super::ast::{Member, Members, Source};
use super::cursor::Cursor;
use super::lexer::Kind;
use crate::v08::refusal::Refusal;

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
