//! Tests over real sockets on the loopback interface, and over scripts in memory where time counts.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic; the exception for tests does not reach their helpers"
)]

mod fault_proxy;
mod faults;
mod framed_answers;
mod framed_callers;
mod framed_connections;
mod framed_one_way;
mod frames;
mod listeners;
mod pool;
mod server;
mod support;
mod tcp;
mod timeouts;
mod udp;
