//! The query language: text to statements.

mod ast;
mod check;
mod condition;
mod continuous;
mod cursor;
mod date;
mod display;
mod expression;
mod interval;
mod lexer;
mod parser;
mod pattern;
mod range;
mod source;

pub(crate) use ast::{
    Calendar, Column, Condition, Expression, Interval, Member, Members, Select, Source, Statement,
};
pub(crate) use interval::micros;
pub(crate) use parser::parse;
pub(crate) use pattern::Pattern;
