//! The embedded server: against the recorded answers of a real one, beyond them, and over sockets.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic; the exception for tests does not reach their helpers"
)]

mod bodies;
mod compare;
mod faults;
mod limits;
mod queries;
mod recording;
mod replay;
mod sessions;
mod sockets;
mod support;
