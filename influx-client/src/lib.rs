//! Client for InfluxDB: writes points, reads them back as typed rows.
//!
//! ```no_run
//! use influx_client::{Point, v08};
//!
//! # async fn run() -> Result<(), influx_client::Error> {
//! let client = v08::Client::new("influxdb://root:root@localhost:8086")?;
//! let metrics = client.ensure_database("metrics").await?;
//! metrics.write(Point::new("cpu").tag("host", "web-1").field("load", 0.5)).await?;
//!
//! let mut rows = metrics.query("select host, load from cpu").rows::<Cpu>().await?;
//! while let Some(Cpu { time, host, load }) = rows.next().await? {
//!     println!("{time:?} {host} {load}");
//! }
//! # Ok(())
//! # }
//!
//! #[derive(serde::Deserialize)]
//! struct Cpu {
//!     time: std::time::SystemTime,
//!     host: String,
//!     load: f64,
//! }
//! ```
//!
//! # Map
//!
//! | part | subject |
//! |---|---|
//! | [`v08`] | InfluxDB 0.8: `Client`, `Database`, `Cluster`, `UdpWriter` |
//! | [`v1`] | InfluxDB 1.x: `Client`, `Database`, `LineWriter`, `Param` |
//! | [`Config`] | address, credentials, limits; the grammar of a DSN |
//! | [`Point`], [`Table`], [`Series`], [`Lines`] | points to write, the same for every dialect |
//! | [`Query`], [`Rows`], [`Chunks`], [`Columns`] | a query, and the ways to take its answer |
//! | [`Store`] | a database of any dialect |
//! | [`Error`] | the event, its meaning, its correction |
//! | [`relay`] | messages of many peers into a database |
//! | [`proto`], [`transport`] | the lower crates |
//!
//! # Which write is which
//!
//! | call | a point without a time gets | repeated after a lost answer |
//! |---|---|---|
//! | `write(points).await` | the time of the server | only if every point has its identity |
//! | `encode(points)`, then `send(&batch).await` | the time of `encode` | yes, by this crate and by the caller |
//!
//! # Behaviour
//!
//! - Nothing is opened before the first call, and nothing is read before the program asks for it.
//! - A timestamp that a program sees is in nanoseconds since 1970, whatever unit travels.
//! - Every wait has a time limit and every buffer a size limit; [`Config`] lists them.
//! - A call is repeated after a failed connection, a time limit, or an answer that says that the
//!   server is busy, up to three attempts in all. A request that the server may have carried out is
//!   repeated only if that changes nothing more. Pauses are random, and not shorter than the server asks by
//!   `Retry-After`. While all calls fail, repetitions fade to one for ten calls.
//! - A bearer token that the server refuses is renewed, and the request sent once more, whatever the
//!   number of attempts.
//! - A dropped call closes its connection, so that no other call can get its answer.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `gzip` | compressed request bodies |
//! | `relay` | [`relay`]: messages of many peers, or lines, or datagrams, into a database |
//! | `stream` | `Stream` for [`Rows`] and [`Chunks`] |
//! | `tls` | `https+influxdb://` and `tls+influxdb1://`, by rustls |
//! | `udp-batch` | speed: a [`v08::UdpWriter`] or [`v1::LineWriter`] sends datagrams of one size in one system call, on Linux |

mod client;
mod compression;
mod config;
mod connect;
mod core;
mod cursor;
mod error;
mod exchange;
mod query;
#[cfg(feature = "relay")]
pub mod relay;
mod retry;
mod store;
mod unanswered;
pub mod v08;
pub mod v1;
mod written;

pub use config::{
    Config, ConfigError, ConfigWarning, Limits, Policy, Protocol, Retry, Timeouts, Tls,
    WriteOptions,
};
pub use cursor::{Chunks, Columns, Rows};
pub use error::{Error, ErrorKind};
#[doc(no_inline)]
pub use influx_proto::{
    self as proto, Auth, ColumnBatch, Lines, Outcome, Point, Points, Secret, Series, Table, Time,
    TimeUnit, TokenSource, Value, encode::NonFinite,
};
#[doc(no_inline)]
pub use influx_transport::{self as transport, Delivery};
pub use query::{AnyDialect, Query};
pub use store::{Batch, Store, Write};
pub use unanswered::Sent;
pub use written::Written;
