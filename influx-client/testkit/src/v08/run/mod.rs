//! Carries out writes and queries.

mod aggregate;
mod batch;
mod block;
mod columns;
mod evaluate;
mod filter;
mod group;
mod select;
mod statement;
mod write;

pub(crate) use batch::Batch;
pub(crate) use block::Block;
