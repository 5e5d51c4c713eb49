//! The client of InfluxDB 0.8.

mod client;
mod cluster;
mod database;
mod identity;
mod query;
mod udp;
mod write;

pub use client::Client;
pub use cluster::Cluster;
pub use database::Database;
#[cfg(feature = "relay")]
pub(crate) use identity::{Identities, now_in_microseconds};
pub use query::Query;
pub use udp::{Sent, UdpWriter};
pub use write::{Write, Written};
