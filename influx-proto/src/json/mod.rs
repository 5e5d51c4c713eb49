//! The encoder of series as JSON.
//!
//! [`encode_series`] writes the body of a write request,
//! [`encode_rows`] writes it straight from serializable structs,
//! [`encode_split`] several bodies of a bounded size, such as datagrams.

mod cell;
mod encode;
mod rows;
mod write;

pub use encode::{NonFinite, encode_series, encode_split};
pub use rows::encode_rows;
