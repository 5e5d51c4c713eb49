//! An InfluxDB 0.8 inside your process, for tests and demos.
//!
//! [`Server`] listens on a loopback port, so that a program can be tested with what it really sends;
//! [`Engine`] is the same without sockets: a request in, an answer out.
//! Both keep everything in memory, up to documented limits.
//!
//! # What it does
//!
//! Nearly everything that the real 0.8.9 does with databases, users, permissions, writes and queries,
//! to the texts of its errors and the sizes of its chunks.
//! More than 800 exchanges recorded from a real server are replayed against it by a test;
//! where it differs is listed in [`UNSUPPORTED`].
//!
//! Differences on purpose, to stay small and bounded:
//!
//! - Continuous queries without functions copy points as they are written;
//!   those with functions are only listed.
//! - Shard spaces and shards are kept and listed, but no point is dropped for its age.
//! - Bodies, points, rows of an answer and operators of a query are limited;
//!   what exceeds a limit is an error that names it.
//! - Requests are answered one after the other.
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use influx_client::testkit::{Answer, Engine};
//!
//! let engine = Engine::builder().root_password("secret").build();
//! engine.create_database("metrics");
//! let write = http::Request::post("/db/metrics/series?u=root&p=secret&time_precision=s")
//!     .body(Bytes::from(r#"[{"name":"cpu","columns":["time","load"],"points":[[1400000000,0.5]]}]"#))?;
//! let Answer::Reply(reply) = engine.handle(&write) else { panic!("no answer") };
//! assert!(reply.status().is_success());
//! assert_eq!(engine.series("metrics", "cpu").map(|cpu| cpu.len()), Some(1));
//! # Ok::<(), http::Error>(())
//! ```

mod answer;
mod engine;
mod http;
mod json;
mod query;
mod refusal;
mod server;
mod udp;
mod unsupported;

pub use answer::{Answer, Body};
pub use engine::{Engine, EngineBuilder};
pub use server::{Server, ServerBuilder};
pub use unsupported::UNSUPPORTED;
