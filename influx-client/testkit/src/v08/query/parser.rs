//! Reads the statements of a query.

use super::ast::Statement;
use super::check::{Clauses, Parsed};
use super::cursor::{Cursor, check};
use super::token::Kind;
use super::value::{Condition, Expression};
use crate::v08::refusal::Refusal;

/// A query of more statements is refused.
const MAX_STATEMENTS: usize = 1_000;

/// The statements of a query, in the order of the text; `now` is in microseconds since 1970.
/// Error: the server's message: the unexpected token, the query, and a line of `^` under the place;
/// or the fault of the last statement that has one.
pub(crate) fn parse(query: &str, now: i64) -> Result<Vec<Statement>, Refusal> {
    let mut cursor = Cursor::new(query);
    let mut parsed = Vec::new();
    loop {
        cursor.begin_statement();
        let Some(statement) = cursor.statement()? else {
            return cursor.unexpected(if parsed.is_empty() { "" } else { "end of file" });
        };
        parsed.push(statement);
        check(parsed.len(), MAX_STATEMENTS, "statements a query")?;
        let separated = cursor.accept(";");
        if *cursor.peek() == Kind::End {
            break;
        }
        if !separated {
            return cursor.unexpected("end of file");
        }
    }
    if let Some(fault) = cursor.fault {
        return Err(fault);
    }
    let statements = parsed.into_iter().rev().map(|parsed| parsed.checked(now));
    let mut statements = statements.collect::<Result<Vec<_>, _>>()?;
    statements.reverse();
    Ok(statements)
}

impl Cursor<'_> {
    /// `None` if the next token begins no statement.
    fn statement(&mut self) -> Result<Option<Parsed>, Refusal> {
        Ok(Some(if self.accept_word("EXPLAIN") {
            self.expect_word("SELECT")?;
            Parsed::Select(self.select()?)
        } else if self.accept_word("SELECT") {
            Parsed::Select(self.select()?)
        } else if self.accept_word("DELETE") {
            let from = self.from()?;
            Parsed::Delete { from, condition: self.condition_clause()? }
        } else if self.accept_word("LIST") {
            Parsed::Other(self.list()?)
        } else if self.accept_word("DROP_SERIES") {
            Parsed::Other(Statement::DropSeries(self.series_name()?))
        } else if self.accept_word("DROP") {
            self.expect_word("CONTINUOUS_QUERY")?;
            let id = u32::from_ne_bytes(self.number()?.to_ne_bytes());
            Parsed::Other(Statement::DropContinuousQuery(id))
        } else {
            return Ok(None);
        }))
    }

    fn list(&mut self) -> Result<Statement, Refusal> {
        if self.accept_word("CONTINUOUS_QUERIES") {
            return Ok(Statement::ListContinuousQueries);
        }
        if !self.accept_word("SERIES") {
            return self.unexpected("SERIES or CONTINUOUS_QUERIES");
        }
        let pattern = self.accept_pattern()?;
        let with_spaces = self.accept_word("INCLUDE");
        if with_spaces {
            self.expect_word("SPACES")?;
        }
        Ok(Statement::ListSeries { pattern, with_spaces })
    }

    fn select(&mut self) -> Result<Clauses, Refusal> {
        let columns = self.columns()?;
        let from = self.from()?;
        let mut condition = self.condition_clause()?;
        let (keys, fill) = self.group_by()?;
        if condition.is_none() {
            condition = self.condition_clause()?;
        }
        let (limit, ascending) = self.limit_and_order()?;
        let (into, backfill) = self.target()?;
        Ok(Clauses { columns, from, condition, keys, fill, limit, ascending, into, backfill })
    }

    fn condition_clause(&mut self) -> Result<Option<Condition>, Refusal> {
        if self.accept_word("WHERE") { self.condition().map(Some) } else { Ok(None) }
    }

    /// The keys and the function behind them.
    fn group_by(&mut self) -> Result<(Vec<Expression>, Option<Expression>), Refusal> {
        if !self.accept_word("GROUP") {
            return Ok((Vec::new(), None));
        }
        self.expect_word("BY")?;
        Ok((self.expressions()?, self.accept_call()?))
    }

    /// The limit, -1 without one, and whether the oldest point comes first; in either order.
    fn limit_and_order(&mut self) -> Result<(i32, bool), Refusal> {
        let limit = self.limit()?;
        let ascending = self.order()?;
        Ok(if limit == -1 { (self.limit()?, ascending) } else { (limit, ascending) })
    }

    fn limit(&mut self) -> Result<i32, Refusal> {
        if self.accept_word("LIMIT") { self.number() } else { Ok(-1) }
    }

    fn order(&mut self) -> Result<bool, Refusal> {
        if !self.accept_word("ORDER") {
            return Ok(false);
        }
        if self.accept_word("DESC") {
            return Ok(false);
        }
        if self.accept_word("ASC") { Ok(true) } else { self.unexpected("ASC or DESC") }
    }

    /// The target and the function behind it.
    fn target(&mut self) -> Result<(Option<String>, Option<Expression>), Refusal> {
        if !self.accept_word("INTO") {
            return Ok((None, None));
        }
        let (Kind::Name(name) | Kind::Table(name) | Kind::Into(name)) = self.peek() else {
            return self.unexpected("TABLE_NAME or SIMPLE_NAME or INTO_NAME");
        };
        let name = name.clone();
        self.advance();
        Ok((Some(name), self.accept_call()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The query of this number of parts is taken, and one of more is refused with a 500.
    fn check(most: usize, query: impl Fn(usize) -> String) {
        let parsed = parse(&query(most), 0);
        assert!(parsed.is_ok(), "{most}: {parsed:?}");
        let refused = parse(&query(most + 1), 0);
        let expected = Refusal::internal(format!("The embedded server takes {most}"));
        let (Err(Refusal::Answer(found, text)), Refusal::Answer(status, begin)) =
            (refused, expected)
        else {
            panic!("{} is not refused", most + 1)
        };
        assert_eq!((found, text.starts_with(&begin)), (status, true), "{text}");
    }

    #[test]
    fn queries_are_bounded() {
        check(MAX_STATEMENTS, |count| "list series;".repeat(count));
        check(100, |count| "list series /a/;".repeat(count));
        check(200, |count| format!("select 1{} from a", " + 1".repeat(count)));
        check(200, |count| format!("select {}1{} from a", "(".repeat(count), ")".repeat(count)));
        check(200, |count| format!("select a from a where a = 1{}", " and a = 1".repeat(count)));
        check(200, |count| {
            let (open, close) = ("(".repeat(count), ")".repeat(count));
            format!("select a from a where {open}a = 1{close}")
        });
        check(200, |count| format!("select {}a{} from a", "f(".repeat(count), ")".repeat(count)));
    }

    #[test]
    fn a_regular_expression_is_bounded() {
        let refused = parse(r"list series /(\w{100}){100}/", 0);
        let Err(Refusal::Answer(status, text)) = refused else { panic!("{refused:?}") };
        assert_eq!((status.as_u16(), text.contains("1048576 bytes")), (500, true), "{text}");
    }

    #[test]
    fn faults_of_meaning_come_after_those_of_words_and_from_the_last_statement() {
        for (query, expected) in [
            ("select a from b where time >= 1s; x", "syntax error, unexpected SIMPLE_NAME"),
            ("list series /(/; x", "syntax error, unexpected SIMPLE_NAME"),
            (
                "select a from b where time >= 1s; select a from b where time <> 1s",
                "Cannot use time with '<>'",
            ),
        ] {
            let Err(Refusal::Answer(_, text)) = parse(query, 0) else { panic!("{query}") };
            assert!(text.starts_with(expected), "{query}: {text}");
        }
        let abandoned = parse("select a from b; select a from b where time > 0", 0);
        assert_eq!(abandoned, Err(Refusal::Abandoned));
    }
}
