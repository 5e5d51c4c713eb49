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
