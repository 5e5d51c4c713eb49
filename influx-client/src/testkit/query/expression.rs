//! Reads expressions and conditions.

use influx_proto::Value;

use super::ast::{Condition, Duration, Expression};
use super::lexer::Kind;
use super::parser::Parser;
use crate::testkit::refusal::Refusal;

/// A query of more operators and brackets is refused, so that none can exhaust the stack.
/// The server has no limit.
const MAX_OPERATORS: usize = 200;

impl Parser<'_> {
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
        for (symbol, negated) in [("=~", false), ("!~", true)] {
            if self.accept(symbol) {
                let Some(pattern) = self.accept_pattern()? else {
                    return self.unexpected(Some("REGEX_STRING"));
                };
                return Ok(Condition::Matches { value, negated, pattern });
            }
        }
        if self.accept_word("in") {
            self.expect("(")?;
            let list = self.arguments()?;
            return Ok(Condition::In { value, list });
        }
        let Some(comparison) = self.accept_comparison() else { return self.unexpected(None) };
        Ok(Condition::Compare { left: value, comparison, right: self.expression()? })
    }

    /// Terms joined by `+` and `-`.
    pub(super) fn expression(&mut self) -> Result<Expression, Refusal> {
        let mut left = self.term()?;
        loop {
            let operator = match self.peek() {
                Kind::Symbol("+") => '+',
                Kind::Symbol("-") => '-',
                _ => return Ok(left),
            };
            self.advance();
            self.count_operator()?;
            left = operation(left, operator, self.term()?);
        }
    }

    fn term(&mut self) -> Result<Expression, Refusal> {
        let mut left = self.factor()?;
        loop {
            let operator = match self.peek() {
                Kind::Symbol("*") => '*',
                Kind::Symbol("/") => '/',
                _ => return Ok(left),
            };
            self.advance();
            self.count_operator()?;
            left = operation(left, operator, self.factor()?);
        }
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
        let sign = if self.accept("-") { "-" } else { "" };
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

    fn constant(&self, sign: &str) -> Option<Value> {
        match self.peek() {
            Kind::Int(text) | Kind::Float(text) => {
                let text = format!("{sign}{text}");
                text.parse().map(Value::Int).or_else(|_| text.parse().map(Value::Float)).ok()
            }
            Kind::Text(text) if sign.is_empty() => Some(Value::from(text.as_str())),
            word if word.is_word("true") => Some(Value::Bool(true)),
            word if word.is_word("false") => Some(Value::Bool(false)),
            _ => None,
        }
    }

    /// The value in `fill(...)`.
    pub(super) fn fill_value(&mut self) -> Result<Value, Refusal> {
        if self.accept_word("null") {
            return Ok(Value::Null);
        }
        let sign = if self.accept("-") { "-" } else { "" };
        let Some(value) = self.constant(sign) else { return self.unexpected(None) };
        self.advance();
        Ok(value)
    }

    pub(super) fn duration(&mut self) -> Result<Duration, Refusal> {
        let Kind::Duration(text) = self.peek() else { return self.unexpected(Some("DURATION")) };
        let text = text.clone();
        let Some(micros) = micros(&text) else {
            return Err(Refusal::invalid(format!("invalid duration {text}")));
        };
        self.advance();
        Ok(Duration { micros, text })
    }

    fn count_operator(&mut self) -> Result<(), Refusal> {
        self.operators += 1;
        if self.operators > MAX_OPERATORS {
            let text = format!("The embedded server takes {MAX_OPERATORS} operators a statement");
            return Err(Refusal::internal(text));
        }
        Ok(())
    }
}

fn operation(left: Expression, operator: char, right: Expression) -> Expression {
    Expression::Operation { left: Box::new(left), operator, right: Box::new(right) }
}

/// A number with a unit in microseconds, or `None` if the unit is unknown or it is too long.
pub(in crate::testkit) fn micros(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
    let unit: i64 = match unit {
        "u" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        "d" => 86_400_000_000,
        "w" => 604_800_000_000,
        "y" => 31_536_000_000_000,
        _ => return None,
    };
    if let Ok(whole) = number.parse::<i64>() {
        return whole.checked_mul(unit);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a fraction of a microsecond is lost")]
    #[expect(clippy::cast_precision_loss, reason = "the units are small")]
    number.parse::<f64>().ok().map(|number| (number * unit as f64) as i64)
}
