//! Client for InfluxDB: write points, query them back as typed rows.
//!
//! ```no_run
//! use influx_client::v08;
//! use influx_proto::Series;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Cpu {
//!     time: i64,
//!     host: String,
//!     load: f64,
//! }
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = v08::Client::connect("influxdb://root:root@localhost:8086/metrics")?;
//!
//! let mut series = Series::new("cpu", ["host", "load"])?;
//! series.push(["web-1".into(), 0.5.into()])?;
//! client.write(&[series]).await?;
//!
//! let mut rows = client.query("select host, load from cpu").rows::<Cpu>().await?;
//! while let Some(Cpu { time, host, load }) = rows.next().await? {
//!     println!("{time} {host} {load}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Behaviour
//!
//! - Nothing is opened before the first call, and nothing is read before it is asked for.
//! - Everything has a deadline and a limit. [`Config`] lists those that can be set with their
//!   defaults; the others are those of `HttpOptions` in influx-transport, and of the decoders in
//!   `influx_proto::json`.
//! - A call is repeated after a failed connection, a time limit, or a status of 429, 500, 502, 503
//!   or 504, up to three attempts in all. What the server may have carried out is repeated only if
//!   that changes nothing more. Pauses are random, up to 100 ms, 200 ms, 400 ms, … 5 s, and not
//!   shorter than the server asks by `Retry-After`.
//! - A dropped call closes its connection, so that its answer can reach nobody else.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `gzip` | `Compression::Gzip`, for request bodies |
//! | `relay` | [`relay`]: messages of many peers, or lines, or datagrams, into the database |
//! | `tls` | `https+influxdb://`, by rustls |
//! | `udp-batch` | nothing but speed: a [`v08::UdpWriter`] sends datagrams of one size in one system call, on Linux |

mod compression;
mod config;
mod connect;
mod cursor;
mod error;
mod exchange;
#[cfg(feature = "relay")]
pub mod relay;
mod retry;
pub mod v08;

pub use compression::Compression;
pub use config::{Config, ConfigError, Origin, Protocol};
pub use cursor::{Chunks, Rows};
pub use error::Error;
pub use exchange::HttpExchange;
#[doc(no_inline)]
pub use influx_proto::{Credentials, Precision, Secret, Series, Value};

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
