//! Reads the statements of a query.

use super::ast::{Comparison, Condition, GroupBy, Select, Source, Statement};
use super::lexer::{Kind, Token, tokens};
use super::pattern::Pattern;
use crate::testkit::refusal::Refusal;

/// The statements of a query, in the order of the text.
///
/// # Errors
///
/// The server's message: what was unexpected, the query, and a line of `^` under the place.
pub(in crate::testkit) fn parse(query: &str) -> Result<Vec<Statement>, Refusal> {
    let mut parser = Parser { query, tokens: tokens(query), position: 0, operators: 0 };
    let mut statements = Vec::new();
    loop {
        parser.operators = 0;
        statements.push(parser.statement()?);
        let separated = parser.accept(";");
        if parser.at_end() {
            return Ok(statements);
        }
        if !separated {
            return parser.unexpected(Some("end of file"));
        }
    }
}

pub(super) struct Parser<'a> {
    query: &'a str,
    tokens: Vec<Token>,
    position: usize,
    /// How many operators and brackets the statement has so far.
    pub(super) operators: usize,
}

impl Parser<'_> {
    fn statement(&mut self) -> Result<Statement, Refusal> {
        if self.accept_word("explain") || self.peek().is_word("select") {
            return self.select().map(Statement::Select);
        }
        if self.accept_word("list") {
            return self.list();
        }
        if self.accept_word("delete") {
            self.expect_word("from")?;
            let from = self.source()?;
            let condition = self.condition_clause()?;
            return Ok(Statement::Delete { from, condition });
        }
        if self.accept_word("drop") {
            return self.drop();
        }
        self.unexpected(None)
    }

    fn list(&mut self) -> Result<Statement, Refusal> {
        if self.accept_word("continuous") {
            self.expect_word("queries")?;
            return Ok(Statement::ListContinuousQueries);
        }
        self.expect_word("series")?;
        let pattern = self.accept_pattern()?;
        let with_spaces = self.accept_word("include");
        if with_spaces {
            self.expect_word("spaces")?;
        }
        Ok(Statement::ListSeries { pattern, with_spaces })
    }

    fn drop(&mut self) -> Result<Statement, Refusal> {
        if self.accept_word("series") {
            return Ok(Statement::DropSeries(self.name()?));
        }
        self.expect_word("continuous")?;
        self.expect_word("query")?;
        match self.peek() {
            Kind::Int(text) => {
                // A number that is too large names no query, as any other unknown one.
                let id = text.parse().unwrap_or(u32::MAX);
                self.advance();
                Ok(Statement::DropContinuousQuery(id))
            }
            _ => self.unexpected(Some("INT_VALUE")),
        }
    }

    fn select(&mut self) -> Result<Select, Refusal> {
        self.expect_word("select")?;
        let mut columns = vec![self.expression()?];
        while self.accept(",") {
            columns.push(self.expression()?);
        }
        self.expect_word("from")?;
        let mut select = Select {
            columns,
            from: self.source()?,
            condition: None,
            group_by: GroupBy::default(),
            limit: None,
            ascending: false,
            into: None,
        };
        self.clauses(&mut select)?;
        Ok(select)
    }

    // The server takes the clauses in nearly any order.
    fn clauses(&mut self, select: &mut Select) -> Result<(), Refusal> {
        loop {
            if self.peek().is_word("where") {
                select.condition = self.condition_clause()?;
            } else if self.accept_word("group") {
                self.expect_word("by")?;
                select.group_by = self.group_by()?;
            } else if self.accept_word("limit") {
                select.limit = Some(self.limit()?).filter(|&limit| limit > 0);
            } else if self.accept_word("order") {
                select.ascending = self.accept_word("asc");
                if !select.ascending {
                    self.expect_word("desc")?;
                }
            } else if self.accept_word("into") {
                select.into = Some(self.target()?);
            } else {
                return Ok(());
            }
        }
    }

    fn source(&mut self) -> Result<Source, Refusal> {
        if let Some(pattern) = self.accept_pattern()? {
            return Ok(Source::Pattern(pattern));
        }
        let mut names = vec![self.name()?];
        while self.accept(",") {
            names.push(self.name()?);
        }
        Ok(Source::Names(names))
    }

    fn condition_clause(&mut self) -> Result<Option<Condition>, Refusal> {
        if self.accept_word("where") { self.condition().map(Some) } else { Ok(None) }
    }

    fn group_by(&mut self) -> Result<GroupBy, Refusal> {
        let mut group_by = GroupBy::default();
        loop {
            if self.accept_word("time") {
                self.expect("(")?;
                group_by.time = Some(self.duration()?);
                self.expect(")")?;
            } else {
                group_by.columns.push(self.name()?);
            }
            if !self.accept(",") {
                break;
            }
        }
        if self.accept_word("fill") {
            self.expect("(")?;
            group_by.fill = Some(self.fill_value()?);
            self.expect(")")?;
        }
        Ok(group_by)
    }

    fn limit(&mut self) -> Result<usize, Refusal> {
        let Kind::Int(text) = self.peek() else { return self.unexpected(Some("INT_VALUE")) };
        let limit = text.parse().unwrap_or(usize::MAX);
        self.advance();
        Ok(limit)
    }

    fn target(&mut self) -> Result<String, Refusal> {
        let target = match self.peek() {
            Kind::Target(name) | Kind::Quoted(name) => name.clone(),
            _ => return self.unexpected(Some("TABLE_NAME or SIMPLE_NAME or INTO_NAME")),
        };
        self.advance();
        Ok(target)
    }

    pub(super) fn accept_comparison(&mut self) -> Option<Comparison> {
        let Kind::Symbol(symbol) = self.peek() else { return None };
        let comparison = match *symbol {
            "=" => Comparison::Equal,
            "<>" | "!=" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return None,
        };
        self.advance();
        Some(comparison)
    }

    pub(super) fn accept_pattern(&mut self) -> Result<Option<Pattern>, Refusal> {
        let Kind::Regex { pattern, any_case } = self.peek() else { return Ok(None) };
        let pattern = Pattern::new(pattern, *any_case)?;
        self.advance();
        Ok(Some(pattern))
    }

    pub(super) fn name(&mut self) -> Result<String, Refusal> {
        let Some(name) = self.peek().name().map(str::to_owned) else {
            return self.unexpected(None);
        };
        self.advance();
        Ok(name)
    }

    pub(super) fn accept(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Kind::Symbol(found) if *found == symbol);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn accept_word(&mut self, keyword: &str) -> bool {
        let found = self.peek().is_word(keyword);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), Refusal> {
        if self.accept(symbol) { Ok(()) } else { self.unexpected(Some(&format!("'{symbol}'"))) }
    }

    fn expect_word(&mut self, keyword: &str) -> Result<(), Refusal> {
        if self.accept_word(keyword) {
            return Ok(());
        }
        self.unexpected(Some(&keyword.to_ascii_uppercase()))
    }

    pub(super) fn peek(&self) -> &Kind {
        self.tokens.get(self.position).map_or(&Kind::End, |token| &token.kind)
    }

    pub(super) fn advance(&mut self) {
        self.position += 1;
    }

    fn at_end(&self) -> bool {
        *self.peek() == Kind::End
    }

    pub(super) fn unexpected<T>(&self, expected: Option<&str>) -> Result<T, Refusal> {
        let token = self.tokens.get(self.position).or(self.tokens.last());
        let span = token.map_or(0..0, |token| token.span.clone());
        let found = token.map_or(&Kind::End, |token| &token.kind).describe();
        let expected = expected.map(|text| format!(", expecting {text}")).unwrap_or_default();
        let query = self.query.split('\0').next().unwrap_or_default();
        let marks = " ".repeat(span.start) + &"^".repeat(span.len());
        Err(Refusal::invalid(format!(
            "syntax error, unexpected {found}{expected}\n{query}\n{marks}"
        )))
    }
}
