//! Walks over the tokens of a query.

use super::ast::Duration;
use super::lexer::{Kind, Token, tokens};
use super::pattern::Pattern;
use crate::v08::refusal::Refusal;

/// A statement of more operators and brackets is refused, so that it cannot exhaust the stack.
const MAX_OPERATORS: usize = 200;

/// A place in the tokens of a query.
pub(super) struct Cursor<'a> {
    query: &'a str,
    tokens: Vec<Token>,
    position: usize,
    /// The number of operators and brackets of the statement so far.
    operators: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(query: &'a str) -> Self {
        Self { query, tokens: tokens(query), position: 0, operators: 0 }
    }

    pub(super) fn begin_statement(&mut self) {
        self.operators = 0;
    }

    /// Error: a 500 if the statement has too many operators and brackets.
    pub(super) fn count_operator(&mut self) -> Result<(), Refusal> {
        self.operators += 1;
        if self.operators <= MAX_OPERATORS {
            return Ok(());
        }
        let text = format!("The embedded server takes {MAX_OPERATORS} operators a statement");
        Err(Refusal::internal(text))
    }

    pub(super) fn peek(&self) -> &Kind {
        self.tokens.get(self.position).map_or(&Kind::End, |token| &token.kind)
    }

    pub(super) fn advance(&mut self) {
        self.position += 1;
    }

    fn advance_if(&mut self, found: bool) -> bool {
        self.position += usize::from(found);
        found
    }

    pub(super) fn accept(&mut self, symbol: &str) -> bool {
        self.advance_if(matches!(self.peek(), Kind::Symbol(found) if *found == symbol))
    }

    /// The symbol that comes next, if it is one of these.
    pub(super) fn accept_any(&mut self, symbols: &[&'static str]) -> Option<&'static str> {
        symbols.iter().copied().find(|symbol| self.accept(symbol))
    }

    pub(super) fn accept_word(&mut self, keyword: &str) -> bool {
        self.advance_if(self.peek().is_word(keyword))
    }

    pub(super) fn accept_pattern(&mut self) -> Result<Option<Pattern>, Refusal> {
        let Kind::Regex { pattern, any_case } = self.peek() else { return Ok(None) };
        let pattern = Pattern::new(pattern, *any_case).map_err(Refusal::invalid)?;
        self.advance();
        Ok(Some(pattern))
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), Refusal> {
        if self.accept(symbol) { Ok(()) } else { self.unexpected(Some(&format!("'{symbol}'"))) }
    }

    pub(super) fn expect_word(&mut self, keyword: &str) -> Result<(), Refusal> {
        if self.accept_word(keyword) {
            return Ok(());
        }
        self.unexpected(Some(&keyword.to_ascii_uppercase()))
    }

    pub(super) fn name(&mut self) -> Result<String, Refusal> {
        let Some(name) = self.peek().name().map(str::to_owned) else {
            return self.unexpected(None);
        };
        self.advance();
        Ok(name)
    }

    /// A whole number; one that does not fit is the largest.
    pub(super) fn number(&mut self) -> Result<u64, Refusal> {
        let Kind::Int(text) = self.peek() else { return self.unexpected(Some("INT_VALUE")) };
        let number = text.parse().unwrap_or(u64::MAX);
        self.advance();
        Ok(number)
    }

    pub(super) fn duration(&mut self) -> Result<Duration, Refusal> {
        let Kind::Duration(text) = self.peek() else { return self.unexpected(Some("DURATION")) };
        let duration = Duration::new(text.clone());
        let duration = duration.ok_or_else(|| Refusal::invalid(format!("invalid duration {text}")));
        self.advance();
        duration
    }

    /// Always fails, with the server's text about the token that comes next.
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
