//! Embedded InfluxDB servers for tests: real HTTP on a loopback port, faults on request.
//!
//! A [`Server`] runs within the process of a test. The program under test talks to it as to a real
//! server; the test prepares data, injects faults and reads what was stored. The crate knows
//! no client: it tests programs with any.
//!
//! ```
//! use influx_testkit::http::StatusCode;
//! use influx_testkit::{Face, Fault, Options, Server};
//!
//! # mod app {
//! #     pub async fn record(server: &influx_testkit::Server) -> bool {
//! #         let body = r#"[{"name":"cpu","columns":["load"],"points":[[0.5]]}]"#;
//! #         let request = http::Request::post("/db/metrics/series?u=root&p=root");
//! #         use influx_transport::http::HttpTransport;
//! #         use influx_transport::tcp::TcpConnector;
//! #         use influx_transport::Transport;
//! #         let client = HttpTransport::new(TcpConnector::from(server.local_addr()));
//! #         client.send(request.body(body.into()).unwrap()).await.is_ok_and(|r| r.status() == 200)
//! #     }
//! # }
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let server = Server::start(Face::V08).await?;
//! server.create_database("metrics");
//!
//! // The program under test is given `server.dsn("metrics")` instead.
//! assert!(app::record(&server).await);
//! assert_eq!(server.count("metrics"), 1);
//!
//! // The server is busy for one call.
//! let busy = server.inject(Fault::status(StatusCode::SERVICE_UNAVAILABLE, "busy"));
//! assert!(!app::record(&server).await);
//! assert_eq!((busy.calls(), server.count("metrics")), (1, 1));
//!
//! // A restart keeps the address and the data.
//! let mut options = Options::default();
//! options.address = server.local_addr();
//! options.data = server.stop().await;
//! let server = Server::start_with(Face::V08, options).await?;
//! assert_eq!(server.count("metrics"), 1);
//! # Ok::<(), std::io::Error>(())
//! # })?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # In scope
//!
//! | subject | by |
//! |---|---|
//! | the server that is imitated | [`Face`]: [`Face::V08`] today |
//! | address, UDP input, password, version, clock, seed | [`Options`] |
//! | limits of sizes, numbers and times | [`Limits`] |
//! | status, delay, lost answer, cut answer, closed connection | [`Fault`] |
//! | prepare and check | [`Server::create_database`], [`Server::points`], [`Server::count`], [`Server::stats`] |
//! | restart | [`Server::stop`], [`Data`] |
//!
//! The page of each face lists its differences from a real server: [`v08`].
//!
//! # Out of scope
//!
//! - Production: all data is in memory.
//! - TLS: put a proxy in front.
//! - The speed of a real server: measurements say nothing about one.
//!
//! The crate has no features.

mod calls;
mod cut;
mod data;
mod face;
mod fault;
mod options;
mod server;
mod udp;
pub mod v08;

pub use {bytes, http};

pub use calls::Stats;
pub use data::{Data, StoredPoint, StoredValue};
pub use face::{Body, Face};
pub use fault::{Fault, Injected};
pub use options::{Limits, Options};
pub use server::Server;
