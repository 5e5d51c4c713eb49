//! Reads conditions.

use super::ast::Column;
use super::cursor::Cursor;
use super::token::Kind;
use super::value::{Condition, Expression};
use crate::v08::refusal::Refusal;

impl Cursor<'_> {
    /// Conditions joined by `or`, which binds less than `and`.
    pub(super) fn condition(&mut self) -> Result<Condition, Refusal> {
        let first = self.comparison()?;
        let mut left = self.conjunction(first)?;
        while self.accept_word("OR") {
            self.count_operator()?;
            let first = self.comparison()?;
            left = Condition::Or(Box::new(left), Box::new(self.conjunction(first)?));
        }
        Ok(left)
    }

    fn conjunction(&mut self, first: Condition) -> Result<Condition, Refusal> {
        let mut left = first;
        while self.accept_word("AND") {
            self.count_operator()?;
            left = Condition::And(Box::new(left), Box::new(self.comparison()?));
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Condition, Refusal> {
        if *self.peek() != Kind::Symbol("(") {
            let value = self.expression()?;
            return self.compared(value);
        }
        self.advance();
        self.count_operator()?;
        let inner = self.condition()?;
        if !self.accept(")") {
            return self.unexpected("OR or AND or ')'");
        }
        // Only behind the bracket does it show whether it held a condition or an expression.
        let Condition::Test(value) = inner else { return Ok(inner) };
        self.alias()?;
        let value = self.operations(Column { value, alias: None }, 0)?.value;
        self.compared(value)
    }

    /// The rest of a comparison behind its left side, if there is one.
    fn compared(&mut self, value: Expression) -> Result<Condition, Refusal> {
        if let Some(symbol) = self.accept_any(&["=~", "!~"]) {
            let pattern = self.expect_pattern()?;
            return Ok(Condition::Matches { value, negated: symbol == "!~", pattern });
        }
        if let Kind::In(operator) = self.peek() {
            let operator = operator.clone();
            self.advance();
            self.expect("(")?;
            let list = self.expressions()?;
            if !self.accept(")") {
                return self.unexpected("',' or ')'");
            }
            return Ok(Condition::In { value, operator, list });
        }
        match self.accept_any(&["=", "<>", "<", "<=", ">", ">="]) {
            Some(comparison) => {
                Ok(Condition::Compare { left: value, comparison, right: self.expression()? })
            }
            None => Ok(Condition::Test(value)),
        }
    }
}
