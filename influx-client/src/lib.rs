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
//! - Everything has a deadline and a limit; [`Config`] lists them with their defaults.
//! - A call is repeated only if that cannot do it twice; see [`RetryPolicy`].
//! - A dropped call closes its connection, so that its answer can reach nobody else.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `gzip` | `Compression::Gzip`, for request bodies |
//! | `tls` | `https+influxdb://`, by rustls |
//! | `testkit` | an embedded InfluxDB 0.8 server on a loopback port, for tests and demos |

mod compression;
mod config;
mod connect;
mod cursor;
mod error;
mod exchange;
mod retry;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod v08;

pub use compression::Compression;
pub use config::{Config, ConfigError, Origin, Protocol};
pub use cursor::{Chunks, Rows};
pub use error::Error;
pub use exchange::HttpExchange;
pub use retry::RetryPolicy;

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
