//! The query language: text to statements.

mod ast;
mod cursor;
mod expression;
mod lexer;
mod parser;
mod pattern;

pub(crate) use ast::{Condition, Expression, Select, Source, Statement, micros};
pub(crate) use parser::parse;
pub(crate) use pattern::Pattern;
