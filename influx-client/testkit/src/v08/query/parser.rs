//! Reads the statements of a query.

use super::ast::{Condition, GroupBy, Select, Source, Statement};
use super::cursor::Cursor;
use super::lexer::Kind;
use crate::v08::refusal::Refusal;

/// The statements of a query, in the order of the text.
/// Error: the server's message: the unexpected token, the query, and a line of `^` under the place.
pub(crate) fn parse(query: &str) -> Result<Vec<Statement>, Refusal> {
    let mut cursor = Cursor::new(query);
    let mut statements = Vec::new();
    loop {
        cursor.begin_statement();
        statements.push(cursor.statement()?);
        let separated = cursor.accept(";");
        if *cursor.peek() == Kind::End {
            return Ok(statements);
        }
        if !separated {
            return cursor.unexpected(Some("end of file"));
        }
    }
}

impl Cursor<'_> {
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
            return Ok(Statement::Delete { from, condition: self.condition_clause()? });
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
        // A number that is too large names no query, as any other unknown one.
        Ok(Statement::DropContinuousQuery(self.number()?.try_into().unwrap_or(u32::MAX)))
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
                let limit = self.number()?.try_into().unwrap_or(usize::MAX);
                select.limit = Some(limit).filter(|&limit| limit > 0);
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

    fn target(&mut self) -> Result<String, Refusal> {
        let (Kind::Target(name) | Kind::Quoted(name)) = self.peek() else {
            return self.unexpected(Some("TABLE_NAME or SIMPLE_NAME or INTO_NAME"));
        };
        let target = name.clone();
        self.advance();
        Ok(target)
    }
}
