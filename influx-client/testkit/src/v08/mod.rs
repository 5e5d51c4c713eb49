//! InfluxDB 0.8: [`Face::V08`].
//!
//! It starts with the cluster admin `root`, whose password is `root` unless
//! [`Options::password`] says otherwise, and without a database.
//!
//! It does nearly everything that the real 0.8.9 does with databases, users, permissions, writes
//! and queries, to the texts of its errors, the sizes of its chunks and its faults. More than 2,000
//! exchanges recorded from real servers are replayed against it by tests; [`UNSUPPORTED`] lists those
//! that it answers otherwise.
//!
//! A test that passes here should pass with a real server, so that the embedded one has also the
//! faults that a query over several shards (7 days each by default) shows:
//!
//! | query | answer, here and there |
//! |---|---|
//! | `select zeta, alpha from c` | columns by name; with functions, in the order of the query |
//! | `select * from c`, also `select a + 1, b` and `merge` | columns in any order: here [`Options::seed`] determines it |
//! | of several series, with `chunked=true` | the objects of one shard after those of another: a, b, a, b |
//! | `group by time(1d) fill(0)` with a first time | all buckets once for each shard, if shards hold whole buckets |
//! | `group by time(7d)` | buckets from the year 1, cut where a shard ends; those of `1w`, `1M` and `1y` follow the calendar |
//! | `top(x, 2)` and `bottom(x, 2)` with a second column | the first two points of each group |
//! | `mode(x)` or `distinct(x)` behind other functions | may repeat its last row |
//! | `merge` and `inner join` over several shards | take points for those of another series |
//! | `inner join` with `limit` | fewer points than the limit |
//! | `where time > 0`, `where ok`, `group by time(5)`: a time of one character, a condition without a comparison | nothing, with status 200: the query is given up |
//! | `select 'x' from c`, `select 1 from c` | nothing, with status 200 |
//! | `(x) as y` | a column `x`; an alias counts for functions and calculations only |
//! | `where ok = 'true'`, `where ok = 1` of truth values | 400 |
//! | a name with letters beyond ASCII and without double quotes | the query ends in front of it |
//! | `time >= 1s`, `a != b`, `sum(x) / 2` | 400 |
//! | a regular expression that matches a series whose only write was refused | 400 |
//! | `into` of a continuous query without functions | copies all columns of all points of the series |
//! | a shard space that an update leaves without `split` | refuses writes from its next shard on |
//! | a shard space with a retention policy | takes older points and loses them |
//! | a shard space that is created | is tried before the older ones; points of its series in those are found no more |
//!
//! The differences:
//!
//! | subject | a real 0.8.9 | this one |
//! |---|---|---|
//! | continuous queries with functions | write at intervals | are listed, write nothing |
//! | points that become older than their retention policy | are dropped, a whole shard at a time | are kept |
//! | sizes | not limited | [`Limits`](crate::Limits): the error names the limit |
//! | a request whose target (path and query) is longer than 65,534 bytes | is answered | is refused with 414 |
//! | `fill` in buckets of less than a microsecond | never ends | is refused |
//! | a write while a query runs | may show in the answer | does not |
//! | series of an answer, databases, users | in any order | sorted; with `chunked=true`, series in the order of the query |
//! | rows of `distinct`, `mode` and `histogram`; points of one time in a `merge` or `inner join` | in any order | in the order in which they first appear |
//! | `top` and `bottom` of whole numbers, doubles, nulls and texts in one column | depend on how a sort treats what it cannot compare | may choose others |
//! | shards that share a time after the length of a space's shards has changed | are chosen by SHA-1 | are chosen by another hash |
//! | `GET /export` with compression | is compressed twice | once |
//! | a datagram `[null]` | ends the server | is lost |
//! | `select *, a + 1` or `select *, sum(a)` from a `merge` of series of different columns | ends the server | is answered or refused |
//! | a query of more than 1,000 statements, 100 regular expressions, or 200 operators and brackets in one statement | is answered | is refused with 500 |
//! | a regular expression | has the syntax of Go, where `\d` and `\w` mean ASCII | has that of the crate `regex`, where they mean Unicode, and at most 1 MiB when it is compiled; the texts of rare faults are others |
//! | `list continuous queries` | shows numbers and truth values as they were written | shows `1.50` as `1.5` and `TRUE` as `true` |
//! | calculations with a whole number above 64 bits, as in `x + 99999999999999999999` | take the largest number instead | take a double |
//! | a character that no token begins with, as in `into ]bar` | `unexpected invalid token`, or `$undefined` if its parser came from an older Bison | `unexpected $undefined` |
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
