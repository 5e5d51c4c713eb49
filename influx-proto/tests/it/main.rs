//! The crate as its users see it, against recorded exchanges of a real server.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod fixtures;
mod json_cuts;
mod json_documents;
mod json_encode;
mod json_limits;
#[cfg(feature = "http")]
mod v08_calls;
#[cfg(feature = "http")]
mod v08_exceptions;
#[cfg(feature = "http")]
mod v08_exchanges;
#[cfg(feature = "http")]
mod v08_names;
#[cfg(feature = "http")]
mod v08_python;
#[cfg(feature = "http")]
mod v08_recorded;
#[cfg(feature = "http")]
mod v08_refusals;
#[cfg(feature = "http")]
mod v08_routes;
#[cfg(feature = "http")]
mod v08_secrets;
