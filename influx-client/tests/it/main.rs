//! Integration tests of the client.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod bearer;
mod canary;
mod cursor;
mod defects;
mod demo;
mod dsn;
mod faults;
mod live;
mod memory;
#[cfg(feature = "relay")]
mod relay;
#[cfg(feature = "relay")]
mod relay_live;
#[cfg(feature = "tls")]
mod tls;
mod udp;
