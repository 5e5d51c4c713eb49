//! The query language: text to statements, statements to blocks of points.

mod aggregate;
mod ast;
mod block;
mod continuous;
mod expression;
mod filter;
mod group;
mod lexer;
mod parser;
mod pattern;
mod select;
mod statement;
mod time;

pub(super) use ast::{Select, Statement};
pub(super) use block::Block;
pub(super) use expression::micros;
pub(super) use parser::parse;
pub(super) use pattern::Pattern;
