//! InfluxDB 1.x.
//!
//! A server ([`Client`]) has users and databases ([`Database`]). Where a configuration says nothing,
//! the host is `localhost`, the port 8086, and no credentials are sent, as a fresh server takes
//! them. Everything here was measured on InfluxDB 1.6.7.
//!
//! Tags and fields of a point stay apart: they travel as line protocol, and times as nanoseconds.
//! A point is identified by its measurement, tags and time, so a point of the same three replaces
//! fields of the one before, **also within one write**: give points of one series their own times.
//! The server stores the good points of a write and refuses the others, such as those whose field
//! has another type than before. Such an error has the outcome [`Partial`](crate::Outcome::Partial)
//! and the server's words, which need not name every refused point.
//!
//! Answers travel as MessagePack where the server writes it, which keeps a float 1.0 apart from an
//! integer, and in pieces of 10,000 rows. Names and values come into a query by
//! [`bind`](crate::Query::bind), never by quoting.
//!
//! A text that is not UTF-8, which this server takes, is an error of its row in
//! [`Rows`](crate::Rows), which goes on behind it. Where a series or a batch is read as a whole,
//! U+FFFD replaces the bytes that are not UTF-8, as in the server's own JSON.
//!
//! ```no_run
//! use influx_client::{Point, v1};
//!
//! # async fn run() -> Result<(), influx_client::Error> {
//! let client = v1::Client::new("influxdb1://writer:secret@localhost")?;
//! let metrics = client.ensure_database("metrics").await?;
//! metrics.write(Point::new("cpu").tag("host", "web-1").field("load", 0.5)).await?;
//!
//! let loads = metrics
//!     .query("SELECT load FROM $m WHERE host = $host")
//!     .bind("m", v1::Param::identifier("cpu"))
//!     .bind("host", "web-1");
//! let loads: Vec<(i64, f64)> = loads.rows().await?.collect().await?;
//! # drop(loads);
//! # Ok(())
//! # }
//! ```
//!
//! [`LineWriter`] writes to listeners that never answer, by datagram or over a stream.
//!
//! # Keys of a DSN
//!
//! These come on top of those that all dialects share, see [`Config`](crate::Config):
//!
#![doc = include_str!("keys.md")]

mod client;
mod core;
mod database;
mod lines;
mod settings;

pub use influx_proto::v1::{
    Consistency, ContinuousQuery, FieldKey, Param, Permission, Privilege, Refusal, RetentionPolicy,
    RunningQuery, Subscription, TagValue, User, V1,
};

pub use self::client::Client;
pub use self::database::Database;
pub use self::lines::{LineStats, LineWriter};
