//! Carries out writes and queries.

mod aggregate;
mod batch;
mod block;
mod bucket;
mod budget;
mod columns;
mod combine;
mod evaluate;
mod group;
mod heap;
mod key;
mod passthrough;
mod projection;
mod random;
mod select;
mod state;
mod statement;
mod streams;
mod together;
mod write;

pub(crate) use batch::Batch;
pub(crate) use block::Block;
pub(crate) use statement::Session;
