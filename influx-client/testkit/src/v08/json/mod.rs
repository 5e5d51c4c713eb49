//! JSON as the server reads and prints it.
//!
//! The server is written in Go, whose JSON differs from that of `serde_json` in ways that clients
//! notice and that were recorded: the texts of errors, object keys in any case of which the last
//! one counts, text after the first value, repaired UTF-8 and surrogates, doubles as `1e+06`.
//! A number is kept as its text, since `1` and `1.0` are different types to the server.

mod decode;
mod encode;
mod value;

pub(crate) use decode::decode;
pub(crate) use encode::{Printer, number, quoted};
pub(crate) use value::Json;
