//! InfluxDB 0.8.
//!
//! A server ([`Client`]) has databases ([`Database`]) and belongs to a cluster ([`Cluster`]).
//! Where a configuration says nothing, the host is `localhost`, the port 8086, and user and
//! password are `root`, as a fresh server has them.
//!
//! Tags and fields of a point are columns here. A time travels in microseconds unless the key
//! `precision` or [`Database::precision`] says otherwise; programs see nanoseconds in any case.
//!
//! # Keys of a DSN
//!
//! These come on top of those that all dialects share, see [`Config`](crate::Config):
//!
#![doc = include_str!("keys.md")]

mod client;
mod cluster;
mod core;
mod database;
mod numbers;
mod settings;
mod udp;

pub use influx_proto::v08::{
    ContinuousQuery, DatabaseUser, Permissions, Precision, Refusal, Server, Shard, ShardSpace, V08,
    quote,
};

pub use self::client::Client;
pub use self::cluster::Cluster;
pub use self::database::Database;
pub use self::udp::UdpWriter;
