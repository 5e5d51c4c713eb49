//! InfluxDB as data: values, series, rows, JSON, line protocol and every API call, without I/O.
//!
//! **In scope:** bytes to values and values to bytes, incrementally and bounded; requests,
//! replies, and their meaning.
//!
//! **Out of scope:** sockets, clocks, tasks and repetitions: any HTTP client can carry the
//! requests; the crate `influx-client` does.
//!
//! ```
//! use influx_proto::{Operation, Outcome, Reply, Target, v08};
//!
//! let target = Target::new("http://localhost:8086".parse()?)?;
//! let query = v08::RunQuery::new("metrics", "select load from cpu");
//! let request = query.request(&target)?;
//! assert_eq!(
//!     request.uri(),
//!     "http://localhost:8086/db/metrics/series?q=select%20load%20from%20cpu",
//! );
//! // … send it with the client of your choice, then:
//! let headers = http::HeaderMap::new();
//! let body = br#"[{"name":"cpu","columns":["time","load"],"points":[[1,0.5]]}]"#;
//! let reply = Reply::new(http::StatusCode::OK, &headers, body);
//! assert_eq!(query.outcome(&reply), Outcome::Done);
//! assert_eq!(query.response(&reply)?[0].name(), "cpu");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//!
//! | you look for | it is in |
//! |---|---|
//! | one cell, a moment | [`Value`], [`Cell`], [`Time`] |
//! | points to write | [`Point`], [`Table`], [`Lines`], [`Points`] |
//! | a named table of points, serde rows of it | [`Series`], [`from_row`], [`to_row`] |
//! | numbers and texts column by column | [`ColumnBatch`] |
//! | answers as they arrive | [`decode`] |
//! | bodies of writes | [`encode`], [`Format`] |
//! | line protocol, both ways | [`line`](mod@line) |
//! | a call and its reply, of any server generation | [`Operation`], [`Request`], [`Reply`], [`Outcome`] |
//! | a server and its credentials | [`Target`], [`Auth`], [`Secret`] |
//! | a server's refusal | [`ServerError`] |
//! | which server answered, how servers differ | [`flavour`] |
//! | a peer's text for people | [`Printable`] |
//! | the calls of InfluxDB 0.8, its query language and its refusals | [`v08`] |
//! | the calls of InfluxDB 1.x, its typed parameters and its refusals | [`v1`] |
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `http` | yes | calls as `http::Request` values: [`Operation`] and the server generations |

mod columns;
pub mod decode;
pub mod encode;
mod error;
#[cfg(feature = "http")]
pub mod flavour;
#[cfg(feature = "http")]
mod http;
pub mod line;
mod point;
mod points;
mod row;
mod secret;
mod series;
mod table;
mod text;
mod time;
#[cfg(feature = "http")]
pub mod v08;
#[cfg(feature = "http")]
pub mod v1;
mod value;

#[cfg(feature = "http")]
pub use self::http::{
    Auth, Bearer, Dialect, FromReply, Idempotency, NameError, Operation, Outcome, Placement, Reply,
    Request, RequestError, ResponseError, ServerError, Target, TokenSource,
};
pub use columns::{Column, ColumnBatch, ColumnValues, Texts};
pub use encode::EncodeError;
pub use error::{RowError, SeriesError};
pub use point::Point;
pub use points::{Format, Lines, Points};
pub use row::{Cell, from_row, to_row};
pub use secret::Secret;
pub use series::Series;
pub use table::{Table, TableRows, TableSeries};
pub use text::Printable;
pub use time::{Time, TimeError, TimeUnit};
pub use value::Value;
