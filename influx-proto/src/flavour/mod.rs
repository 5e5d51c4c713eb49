//! Which server answered, and the differences between servers.
//!
//! Send the requests of [`Probe::ALL`] in their order until an answer names its server:
//!
//! ```
//! use influx_proto::flavour::{Flavour, Probe};
//! use influx_proto::{Operation, Reply, Target};
//!
//! let target = Target::new("http://localhost:8086".parse()?)?;
//! assert_eq!(Probe::ALL[0].request(&target)?.uri(), "http://localhost:8086/ping");
//! // … send it with the client of your choice, then:
//! let headers = [("x-influxdb-version".parse()?, "1.8.10".parse()?)].into_iter().collect();
//! let reply = Reply::new(http::StatusCode::NO_CONTENT, &headers, b"");
//! let flavour = Flavour::of(&reply)?;
//! assert_eq!(flavour, Flavour::V1_8);
//! assert_eq!(flavour.traits().write_path, "/write");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The servers
#![doc = include_str!("traits.md")]

mod identity;
mod probe;
mod signs;
mod traits;

pub use identity::{Flavour, Identity, UnknownServer};
pub use probe::{Probe, Unknown};
pub(crate) use signs::foreign_hint;
pub use traits::{AuthSpelling, Effect, MaxBody, Traits};
