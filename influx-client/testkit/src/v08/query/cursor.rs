//! Walks over the tokens of a query.

use super::lexer::Lexer;
use super::pattern::Pattern;
use super::token::{Kind, Token};
use crate::v08::refusal::Refusal;

/// A statement of more operators and brackets is refused, so that it cannot exhaust the stack.
const MAX_OPERATORS: usize = 200;

/// A query of more regular expressions is refused: each may take a megabyte.
const MAX_PATTERNS: usize = 100;

/// A place in the tokens of a query.
pub(super) struct Cursor<'a> {
    query: &'a str,
    lexer: Lexer<'a>,
    next: Token,
    /// The number of operators and brackets of the statement so far.
    operators: usize,
    /// The number of regular expressions of the query so far.
    patterns: usize,
    /// The fault of a regular expression, which counts only if the whole query is well-formed.
    pub(super) fault: Option<Refusal>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(query: &'a str) -> Self {
        let mut lexer = Lexer::new(query);
        let next = lexer.token();
        Self { query, lexer, next, operators: 0, patterns: 0, fault: None }
    }

    pub(super) fn begin_statement(&mut self) {
        self.operators = 0;
    }

    /// Error: a 500 if the statement has too many operators and brackets.
    pub(super) fn count_operator(&mut self) -> Result<(), Refusal> {
        self.operators += 1;
        check(self.operators, MAX_OPERATORS, "operators a statement")
    }

    pub(super) fn peek(&self) -> &Kind {
        &self.next.kind
    }

    /// Takes the next token. The one behind it is read only now: its meaning depends on this one.
    pub(super) fn advance(&mut self) -> Kind {
        let next = self.lexer.token();
        std::mem::replace(&mut self.next, next).kind
    }

    fn advance_if(&mut self, found: bool) -> bool {
        if found {
            self.advance();
        }
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
        self.advance_if(matches!(self.peek(), Kind::Keyword(found) if *found == keyword))
    }

    pub(super) fn accept_pattern(&mut self) -> Result<Option<Pattern>, Refusal> {
        let Kind::Regex { pattern, any_case } = self.peek() else { return Ok(None) };
        let pattern = match Pattern::new(pattern, *any_case) {
            Ok(pattern) => pattern,
            Err(fault) => {
                self.fault.get_or_insert(fault);
                Pattern::new("", false)?
            }
        };
        self.patterns += 1;
        check(self.patterns, MAX_PATTERNS, "regular expressions a query")?;
        self.advance();
        Ok(Some(pattern))
    }

    pub(super) fn expect_pattern(&mut self) -> Result<Pattern, Refusal> {
        match self.accept_pattern()? {
            Some(pattern) => Ok(pattern),
            None => self.unexpected("REGEX_STRING or INSENSITIVE_REGEX_STRING"),
        }
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), Refusal> {
        if self.accept(symbol) { Ok(()) } else { self.unexpected(&format!("'{symbol}'")) }
    }

    pub(super) fn expect_word(&mut self, keyword: &str) -> Result<(), Refusal> {
        if self.accept_word(keyword) { Ok(()) } else { self.unexpected(keyword) }
    }

    /// A name without dots, or any in double quotes.
    pub(super) fn simple_name(&mut self) -> Result<String, Refusal> {
        match self.peek() {
            Kind::Name(name) => {
                let name = name.clone();
                self.advance();
                Ok(name)
            }
            _ => self.unexpected("SIMPLE_NAME"),
        }
    }

    /// The name of a series.
    pub(super) fn series_name(&mut self) -> Result<String, Refusal> {
        match self.accept_series_name() {
            Some(name) => Ok(name),
            None => self.unexpected("TABLE_NAME or SIMPLE_NAME"),
        }
    }

    pub(super) fn accept_series_name(&mut self) -> Option<String> {
        let (Kind::Name(name) | Kind::Table(name)) = self.peek() else { return None };
        let name = name.clone();
        self.advance();
        Some(name)
    }

    /// A whole number, of which the server keeps the low 32 bits.
    pub(super) fn number(&mut self) -> Result<i32, Refusal> {
        let Kind::Int(text) = self.peek() else { return self.unexpected("INT_VALUE") };
        let number = text.parse().unwrap_or(i64::MAX);
        self.advance();
        #[expect(clippy::cast_possible_truncation, reason = "as the server does")]
        Ok(number as i32)
    }

    /// Always fails, with the server's text about the token that comes next.
    /// The text names the tokens that are expected, unless they are too many.
    pub(super) fn unexpected<T>(&self, expected: &str) -> Result<T, Refusal> {
        let Token { kind, span } = &self.next;
        let found = kind.describe();
        let expected = if expected.is_empty() { "" } else { &format!(", expecting {expected}") };
        let query = self.query.split('\0').next().unwrap_or_default();
        let marks = " ".repeat(span.start) + &"^".repeat(span.len());
        Err(Refusal::invalid(format!(
            "syntax error, unexpected {found}{expected}\n{query}\n{marks}"
        )))
    }
}

/// Error: a 500 if there are more than `max`.
pub(super) fn check(count: usize, max: usize, what: &str) -> Result<(), Refusal> {
    if count <= max {
        return Ok(());
    }
    Err(Refusal::internal(format!("The embedded server takes {max} {what}")))
}
