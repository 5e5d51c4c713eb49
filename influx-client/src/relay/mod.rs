//! From messages to points: what peers send goes into the database.
//!
//! A [`Relay`] takes messages from a [`Source`], such as a `Bridge` or a `UdpListener` of
//! influx-transport, has a [`Mapping`] make points of them, and writes those in batches.
//!
//! ```no_run
//! use influx_client::TimeUnit;
//! use influx_client::relay::{JsonMapping, Relay};
//! use influx_client::transport::udp::UdpListener;
//! use influx_client::v08::Client;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let metrics = Client::new("influxdb://root:root@localhost:8086")?.database("metrics");
//! let mapping = JsonMapping::new("weather").tag("device").time("ts", TimeUnit::Seconds);
//!
//! let mut source = UdpListener::bind("127.0.0.1:4444".parse()?)?;
//! let stop = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
//! let report = Relay::new(metrics, mapping).run(&mut source, stop).await;
//! println!("{:?}", report.stats);
//! # Ok(())
//! # }
//! ```
//!
//! # The way of a message
//!
//! - No member of a JSON message is the time, and none decides about the identity of a point, by its
//!   name alone: [`JsonMapping::time`] names the time, and [`Unfit`] decides about the rest.
//! - A message that the source cannot read, that the mapping refuses, or whose points no server
//!   could take, is counted and told to [`Relay::on_unmapped`]; the relay goes on with the next.
//! - A point without a time gets the time at which its message came. Every point has an identity,
//!   so that a batch that arrives twice is stored once.
//! - While the database is busy, unreachable or missing, or refuses the credentials, the batch is
//!   written again after pauses that grow to 30 s. Meanwhile one more batch fills up, and then the
//!   relay stops asking the source, which holds back its peers.
//! - Points that the database refuses for good are counted and told to [`Relay::on_rejected`].

mod batch;
mod delivery;
mod handle;
mod json_mapping;
mod line_mapping;
mod mapping;
mod options;
mod run;
mod source;
mod stats;

pub use serde_json::Value as Json;

pub use self::handle::Relay;
pub use self::json_mapping::{JsonMapping, Unfit};
pub use self::line_mapping::LineMapping;
pub use self::mapping::{Mapping, Unmapped};
pub use self::options::RelayOptions;
pub use self::source::{Decoded, Incoming, Next, Source};
pub use self::stats::{RelayMonitor, RelayReport, RelayStats};
