//! The settings of a server.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::Data;

/// The settings of a [`Server`](crate::Server), set by assignment.
///
/// ```
/// let mut options = influx_testkit::Options::default();
/// options.address = ([127, 0, 0, 1], 8086).into();
/// options.limits.max_body = 1 << 20;
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// The address for HTTP, where port 0 means any free port. Default: `127.0.0.1:0`.
    pub address: SocketAddr,
    /// The database that gets the points of datagrams. Default: `None`, which opens no UDP port.
    pub udp_database: Option<String>,
    /// The address for datagrams, where port 0 means any free port. Default: `127.0.0.1:0`.
    pub udp_address: SocketAddr,
    /// The password of the administrator. Default: `None`, the password of a fresh server.
    /// It is not used together with [`data`](Self::data), which has its own.
    pub password: Option<String>,
    /// The version that the server reports; nothing else depends on it.
    /// Default: `None`, the version that the [`Face`](crate::Face) imitates.
    pub version: Option<String>,
    /// The server's clock. A time before 1970 counts as 1970. Default: [`SystemTime::now`].
    pub clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    /// The seed of the orders that a real server leaves to chance, such as that of the columns of
    /// `select *`: the same seed and the same calls give the same orders.
    /// Default: another one for each `Options`; [`Server::seed`](crate::Server::seed) tells it.
    pub seed: u64,
    /// The limits.
    pub limits: Limits,
    /// The data to start with, as [`Server::stop`](crate::Server::stop) returned it.
    /// Default: empty.
    pub data: Data,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            udp_database: None,
            udp_address: (Ipv4Addr::LOCALHOST, 0).into(),
            password: None,
            version: None,
            clock: Arc::new(SystemTime::now),
            seed: RandomState::new().hash_one(()),
            limits: Limits::default(),
            data: Data::default(),
        }
    }
}

// Without the password and the clock.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("address", &self.address)
            .field("udp_database", &self.udp_database)
            .field("udp_address", &self.udp_address)
            .field("version", &self.version)
            .field("seed", &self.seed)
            .field("limits", &self.limits)
            .field("data", &self.data)
            .finish_non_exhaustive()
    }
}

/// The limits of a [`Server`](crate::Server), set by assignment. The real servers have none of them.
///
/// The nesting of JSON (128) and the operators and brackets of a statement (200) are limited too, by
/// constants, since the stack is; so are the statements of a query (1,000), its regular expressions
/// (100), and the size of each when it is compiled (1 MiB).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// The clients served at once; more wait until one leaves. Default: 1,024.
    pub max_connections: usize,
    /// The size of a request's head in bytes, roughly, and at least 8 KiB; a larger one is
    /// answered with 431, and one whose target has more than 65,534 bytes with 414.
    /// Default: 128 KiB.
    pub max_head: usize,
    /// The size of a request's body in bytes, before and after decompression; a larger one is
    /// answered with 413. A body is read before the credentials of its request are checked, since
    /// a [`Fault`](crate::Fault) can apply to any whole request; all bodies together keep at most
    /// 256 MiB in memory. Default: 16 MiB.
    pub max_body: usize,
    /// The number of points kept, where a series, a column, a user and any other entry counts as
    /// one point; a request for more is answered with 500. Default: 1,000,000.
    pub max_points: usize,
    /// The number of columns of a series; a write of more is answered with 500. Default: 1,000.
    pub max_columns: usize,
    /// The number of shards; a write that needs more is answered with 500. Default: 10,000.
    pub max_shards: usize,
    /// The number of rows that the functions of one query make; a query for more is answered with
    /// 500. Default: 1,000,000.
    pub max_rows: usize,
    /// The number of values, rows x columns, that one query answers with, and the number that it
    /// reads; a query for more is answered with 500. A value takes about 50 bytes of memory until
    /// the answer is sent. Default: 10,000,000.
    pub max_values: usize,
    /// The size of the answer of one query in bytes, roughly; a query for more is answered with
    /// 500. Default: 256 MiB.
    pub max_answer: usize,
    /// The time that a client may take until the head of its next request is complete, and pause
    /// within a body; also how long an idle connection stays open. Default: 5 s.
    pub request_timeout: Duration,
    /// The time that [`Server::stop`](crate::Server::stop) waits for exchanges in progress.
    /// Default: 5 s.
    pub stop_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 1_024,
            max_head: 128 << 10,
            max_body: 16 << 20,
            max_points: 1_000_000,
            max_columns: 1_000,
            max_shards: 10_000,
            max_rows: 1_000_000,
            max_values: 10_000_000,
            max_answer: 256 << 20,
            request_timeout: Duration::from_secs(5),
            stop_timeout: Duration::from_secs(5),
        }
    }
}
