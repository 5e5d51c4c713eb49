//! InfluxDB 0.8: [`Face::V08`].
//!
//! It starts with the cluster admin `root`, whose password is `root` unless
//! [`Options::password`] says otherwise, and without a database.
//!
//! It does nearly everything that the real 0.8.9 does with databases, users, permissions, writes
//! and queries, to the texts of its errors and the sizes of its chunks. More than 800 exchanges
//! recorded from a real server are replayed against it by a test; [`UNSUPPORTED`] lists those that
//! it answers otherwise.
//!
//! | subject | a real 0.8.9 | this one |
//! |---|---|---|
//! | continuous queries with functions | write at intervals | are listed, write nothing |
//! | shard spaces and shards | drop points by age | are kept and listed, drop nothing |
//! | sizes | not limited | [`Limits`](crate::Limits): the error names the limit |
//! | requests | carried out together | carried out one after the other |
//! | a datagram `[null]` | ends the server | is lost |
//! | a query of more than 1,000 statements, 100 regular expressions, or 200 operators and brackets in one statement | is answered | is refused with 500 |
//! | a regular expression | has the syntax of Go, where `\d` and `\w` mean ASCII | has that of the crate `regex`, where they mean Unicode, and at most 1 MiB when it is compiled; the texts of rare faults are others |
//! | `list continuous queries` | shows numbers and truth values as they were written | shows `1.50` as `1.5` and `TRUE` as `true` |
//! | calculations with a whole number above 64 bits, as in `x + 99999999999999999999` | take the largest number instead | take a double |
//! | errors that show an expression, as in `select sum(x) / 2` | contain addresses in memory | leave them out |

mod engine;
mod http;
mod json;
mod query;
mod refusal;
mod run;
mod store;
mod unsupported;

use self::engine::V08;
pub use self::unsupported::UNSUPPORTED;
use crate::{Face, Options};

impl Face {
    /// InfluxDB 0.8, as its last version, 0.8.9.
    pub const V08: Self = Self { name: "0.8", engine: |options: &Options| V08::open(options) };
}
