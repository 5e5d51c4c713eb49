//! From messages to points: what peers send goes into the database.
//!
//! A [`Relay`] takes messages from a [`Source`], such as a `Bridge` or a `UdpListener` of
//! influx-transport, has a [`Mapping`] make points of them, and writes those in batches.
//!
//! ```no_run
//! use influx_client::Precision;
//! use influx_client::relay::{JsonMapping, Relay};
//! use influx_client::v08::Client;
//! use influx_transport::UdpListener;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let metrics = Client::connect("influxdb://root:root@localhost:8086")?.database("metrics");
//! let mapping = JsonMapping::new("weather").tag("device").time("ts", Precision::Seconds);
//!
//! let mut source = UdpListener::bind("127.0.0.1:4444".parse()?)?;
//! let stop = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
//! let report = Relay::new(metrics, mapping).run(&mut source, stop).await;
//! println!("{:?}", report.stats);
//! # Ok(())
//! # }
//! ```
//!
//! # What becomes of a message
//!
//! - What the source cannot read, and what the mapping refuses, is counted and told to
//!   [`Relay::on_unmapped`]; the next message is taken.
//! - Every point gets a time and a sequence number, so that a write may be repeated: a point that
//!   arrives twice overwrites itself.
//! - While the database takes nothing, or says that it does not know the database or the
//!   credentials, the batch is written again after pauses that grow to 30 s. Meanwhile one more
//!   batch fills up, and then the source is not asked any more: its peers are held back.
//! - What the database refuses for good is counted and told to [`Relay::on_rejected`].

mod batch;
mod delivery;
mod json_mapping;
mod line_mapping;
mod mapping;
mod options;
mod points;
mod run;
mod source;
mod stats;

pub use self::json_mapping::JsonMapping;
pub use self::line_mapping::LineMapping;
pub use self::mapping::{Mapping, Unmapped};
pub use self::options::Relay;
pub use self::points::Points;
pub use self::source::{Decoded, Incoming, Next, Source};
pub use self::stats::{RelayMonitor, RelayReport, RelayStats};
