//! Reads expressions and conditions.

use super::ast::{Condition, Duration, Expression};
use super::cursor::Cursor;
use super::lexer::Kind;
use crate::StoredValue;
use crate::v08::refusal::Refusal;

impl Cursor<'_> {
    /// Conditions joined by `or`, which binds less than `and`.
    pub(super) fn condition(&mut self) -> Result<Condition, Refusal> {
        let mut left = self.conjunction()?;
        while self.accept_word("or") {
            self.count_operator()?;
            left = Condition::Or(Box::new(left), Box::new(self.conjunction()?));
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Condition, Refusal> {
        let mut left = self.comparison()?;
        while self.accept_word("and") {
            self.count_operator()?;
            left = Condition::And(Box::new(left), Box::new(self.comparison()?));
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Condition, Refusal> {
        if self.accept("(") {
            self.count_operator()?;
            let inner = self.condition()?;
            self.expect(")")?;
            return Ok(inner);
        }
        let value = self.expression()?;
        if let Some(symbol) = self.accept_any(&["=~", "!~"]) {
            let Some(pattern) = self.accept_pattern()? else {
                return self.unexpected(Some("REGEX_STRING"));
            };
            return Ok(Condition::Matches { value, negated: symbol == "!~", pattern });
        }
        if self.accept_word("in") {
            self.expect("(")?;
            let list = self.arguments()?;
            return Ok(Condition::In { value, list });
        }
        match self.accept_any(&["=", "<>", "!=", "<", "<=", ">", ">="]) {
            Some(symbol) => {
                let comparison = if symbol == "!=" { "<>" } else { symbol };
                Ok(Condition::Compare { left: value, comparison, right: self.expression()? })
            }
            None => self.unexpected(None),
        }
    }

    /// Terms joined by `+` and `-`.
    pub(super) fn expression(&mut self) -> Result<Expression, Refusal> {
        self.joined(&["+", "-"], |cursor| cursor.joined(&["*", "/"], Self::factor))
    }

    fn joined(
        &mut self,
        operators: &[&'static str],
        operand: impl Fn(&mut Self) -> Result<Expression, Refusal>,
    ) -> Result<Expression, Refusal> {
        let mut left = operand(self)?;
        while let Some(operator) = self.accept_any(operators) {
            self.count_operator()?;
            let (first, second) = (Box::new(left), Box::new(operand(self)?));
            left = Expression::Operation { left: first, operator, right: second };
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Expression, Refusal> {
        if self.accept("*") {
            return Ok(Expression::Wildcard);
        }
        if self.accept("(") {
            self.count_operator()?;
            let inner = self.expression()?;
            self.expect(")")?;
            return Ok(inner);
        }
        let sign = self.accept_any(&["-"]).unwrap_or_default();
        if let Some(constant) = self.constant(sign) {
            self.advance();
            return Ok(Expression::Constant(constant));
        }
        if matches!(self.peek(), Kind::Duration(_)) {
            let Duration { micros, text } = self.duration()?;
            let micros = if sign.is_empty() { micros } else { -micros };
            return Ok(Expression::Duration(Duration { micros, text: format!("{sign}{text}") }));
        }
        if !sign.is_empty() {
            return self.unexpected(None);
        }
        let name = self.name()?;
        if !self.accept("(") {
            return Ok(Expression::Column(name));
        }
        self.count_operator()?;
        let arguments = self.arguments()?;
        Ok(Expression::Call { function: name.to_ascii_lowercase(), arguments })
    }

    /// Expressions up to the closing bracket.
    fn arguments(&mut self) -> Result<Vec<Expression>, Refusal> {
        let mut arguments = Vec::new();
        if self.accept(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            if !self.accept(",") {
                self.expect(")")?;
                return Ok(arguments);
            }
        }
    }

    fn constant(&self, sign: &str) -> Option<StoredValue> {
        match self.peek() {
            Kind::Int(text) | Kind::Float(text) => {
                let text = format!("{sign}{text}");
                text.parse()
                    .map(StoredValue::Int)
                    .or_else(|_| text.parse().map(StoredValue::Float))
                    .ok()
            }
            Kind::Text(text) if sign.is_empty() => Some(StoredValue::from(text.as_str())),
            word if word.is_word("true") => Some(StoredValue::Bool(true)),
            word if word.is_word("false") => Some(StoredValue::Bool(false)),
            _ => None,
        }
    }

    /// The value in `fill(...)`.
    pub(super) fn fill_value(&mut self) -> Result<StoredValue, Refusal> {
        if self.accept_word("null") {
            return Ok(StoredValue::Null);
        }
        let sign = self.accept_any(&["-"]).unwrap_or_default();
        let Some(value) = self.constant(sign) else { return self.unexpected(None) };
        self.advance();
        Ok(value)
    }
}
