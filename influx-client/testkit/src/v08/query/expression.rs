//! Reads expressions.

use super::ast::Column;
use super::cursor::Cursor;
use super::token::Kind;
use super::value::Expression;
use crate::StoredValue;
use crate::v08::refusal::Refusal;

impl Cursor<'_> {
    /// Expressions with commas between them.
    pub(super) fn expressions(&mut self) -> Result<Vec<Expression>, Refusal> {
        let columns = self.columns()?;
        Ok(columns.into_iter().map(|column| column.value).collect())
    }

    pub(super) fn columns(&mut self) -> Result<Vec<Column>, Refusal> {
        let mut columns = vec![self.column()?];
        while self.accept(",") {
            columns.push(self.column()?);
        }
        Ok(columns)
    }

    /// An expression with its alias, if the last operand is all of it.
    fn column(&mut self) -> Result<Column, Refusal> {
        let first = self.operand()?;
        self.operations(first, 0)
    }

    pub(super) fn expression(&mut self) -> Result<Expression, Refusal> {
        Ok(self.column()?.value)
    }

    /// Goes on behind an expression: with operators that bind stronger than this, 0 for all.
    pub(super) fn operations(&mut self, first: Column, strength: u8) -> Result<Column, Refusal> {
        let mut left = first;
        loop {
            let (operator, stronger) = match self.peek() {
                Kind::Symbol(operator @ ("+" | "-")) if strength < 1 => (*operator, 1),
                Kind::Symbol(operator @ ("*" | "/")) if strength < 2 => (*operator, 2),
                _ => return Ok(left),
            };
            self.advance();
            self.count_operator()?;
            let right = self.operand()?;
            let right = self.operations(right, stronger)?.value;
            let (first, second) = (Box::new(left.value), Box::new(right));
            let value = Expression::Operation { left: first, operator, right: second };
            left = Column { value, alias: None };
        }
    }

    /// An expression without operators, or one in brackets.
    pub(super) fn operand(&mut self) -> Result<Column, Refusal> {
        let value = match self.advance_operand()? {
            Operand::Value(value) => return Ok(Column { value, alias: None }),
            Operand::Name(name) if !self.accept("(") => {
                return Ok(Column { value: Expression::Column(name), alias: None });
            }
            Operand::Name(function) => self.call(function)?,
            Operand::Bracket => {
                self.count_operator()?;
                let inner = self.column()?;
                if !self.accept(")") {
                    return self.unexpected("");
                }
                // An alias inside of the brackets counts, unless there is one behind them.
                let alias = self.alias()?.or(inner.alias);
                return Ok(Column { alias, ..inner });
            }
        };
        Ok(Column { value, alias: self.alias()? })
    }

    /// `as` and a name.
    pub(super) fn alias(&mut self) -> Result<Option<String>, Refusal> {
        if self.accept_word("AS") { self.simple_name().map(Some) } else { Ok(None) }
    }

    /// The arguments of a function behind its name and bracket.
    fn call(&mut self, function: String) -> Result<Expression, Refusal> {
        self.count_operator()?;
        if self.accept(")") {
            return Ok(Expression::Call { function, arguments: Vec::new() });
        }
        let arguments = self.expressions()?;
        if !self.accept(")") {
            return self.unexpected("',' or ')'");
        }
        Ok(Expression::Call { function, arguments })
    }

    /// A function call where nothing else may stand; `None` without a name.
    pub(super) fn accept_call(&mut self) -> Result<Option<Expression>, Refusal> {
        let Kind::Name(_) = self.peek() else { return Ok(None) };
        let name = self.simple_name()?;
        self.expect("(")?;
        self.call(name).map(Some)
    }

    fn advance_operand(&mut self) -> Result<Operand, Refusal> {
        let sign = self.accept("-");
        let value = match self.peek() {
            Kind::Int(text) | Kind::Float(text) => number(text, sign),
            Kind::Duration(text) if sign => Expression::Duration(format!("-{text}")),
            _ if sign => return self.unexpected("INT_VALUE or FLOAT_VALUE or DURATION"),
            Kind::Duration(text) => Expression::Duration(text.clone()),
            Kind::Text(text) => Expression::Constant(StoredValue::from(text.as_str())),
            Kind::Bool(value) => Expression::Constant(StoredValue::Bool(*value)),
            Kind::Table(name) => Expression::Path(name.clone()),
            Kind::Symbol("*") => Expression::Wildcard,
            Kind::Symbol("(") => {
                self.advance();
                return Ok(Operand::Bracket);
            }
            Kind::Name(name) => {
                let name = name.clone();
                self.advance();
                return Ok(Operand::Name(name));
            }
            _ => return self.unexpected(""),
        };
        self.advance();
        Ok(Operand::Value(value))
    }
}

/// The beginning of an operand.
enum Operand {
    Value(Expression),
    /// A column or a function.
    Name(String),
    Bracket,
}

/// A number that does not fit into 64 bits becomes a double.
fn number(text: &str, sign: bool) -> Expression {
    let text = format!("{}{text}", if sign { "-" } else { "" });
    let whole = text.parse().map(StoredValue::Int);
    Expression::Constant(whole.unwrap_or_else(|_| StoredValue::Float(text.parse().unwrap_or(0.0))))
}
