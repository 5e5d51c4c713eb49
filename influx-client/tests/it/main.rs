//! Integration tests of the client.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod answers;
mod bearer;
mod canary;
mod cursor;
mod defects;
mod dsn;
mod errors;
mod faults;
mod live;
mod live_admin;
mod memory;
mod refusals;
#[cfg(feature = "relay")]
mod relay;
#[cfg(feature = "relay")]
mod relay_json;
#[cfg(feature = "relay")]
mod relay_live;
mod retries;
mod signatures;
#[cfg(feature = "tls")]
mod tls;
mod udp;
mod v1_answers;
mod v1_lines;
mod v1_memory;
mod v1_requests;
mod words;
