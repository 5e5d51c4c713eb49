//! Tests of the bridge, over real sockets on the loopback interface, and in memory where time
//! counts.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic; the exception for tests does not reach their helpers"
)]

mod clients;
mod closing;
mod messages;
mod slow_peers;
mod support;
