//! Tests over real sockets on the loopback interface, and over scripts in memory where time counts.
//!
//! `SECURITY.md` lists the faults and the tests that show what becomes of each.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic; the exception for tests does not reach their helpers"
)]

mod certificates;
mod cuts;
#[cfg(unix)]
mod descriptors;
mod early_answers;
mod ends;
mod fault_proxy;
mod faults;
mod framed_answers;
mod framed_batches;
mod framed_callers;
mod framed_connections;
mod framed_flush;
mod framed_halves;
mod framed_lending;
mod framed_one_way;
mod framed_room;
mod frames;
mod keep_alive;
mod leaks;
mod listeners;
mod pool;
mod resolve;
mod server;
mod server_bodies;
mod storm;
mod support;
mod tcp;
mod timeouts;
mod tls;
mod tls_listener;
mod tls_sessions;
mod udp;
