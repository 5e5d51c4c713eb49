//! Integration tests of the client.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod canary;
mod cursor;
mod defects;
#[cfg(feature = "testkit")]
mod demo;
mod dsn;
mod faults;
#[cfg(feature = "testkit")]
mod live;
mod memory;
#[cfg(feature = "relay")]
mod relay;
#[cfg(all(feature = "relay", feature = "testkit"))]
mod relay_live;
#[cfg(all(feature = "testkit", feature = "tls"))]
mod tls;
#[cfg(feature = "testkit")]
mod udp;
