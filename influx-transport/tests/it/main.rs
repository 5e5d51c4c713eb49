//! Tests over real sockets on the loopback interface, and over scripts in memory where time counts.

mod faults;
mod pool;
mod server;
mod support;
mod tcp;
mod timeouts;
mod udp;
