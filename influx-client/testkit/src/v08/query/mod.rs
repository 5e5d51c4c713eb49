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
mod token;
mod value;

pub(crate) use ast::{Column, Select, Statement};
pub(crate) use interval::{Calendar, Interval, micros};
pub(crate) use parser::parse;
pub(crate) use pattern::Pattern;
pub(crate) use source::{Member, Members, Source};
pub(crate) use value::{Condition, Expression};
