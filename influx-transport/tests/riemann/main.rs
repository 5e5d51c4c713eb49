//! Riemann's protocol over this crate's transports, as a client of it would use them.
//!
//! The messages, the client and the server are those of `examples/riemann`; the server gets a store
//! here. `peer` is both as a program, which `cargo xtask interop` runs.
//!
//! The left column lists the defects of a widely used client library, measured; the right one the
//! tests that show them absent here.
//!
//! | defect | test |
//! |---|---|
//! | An answer whose length came in two segments broke the client, and all that followed was out of step. | `answers::an_answer_cut_anywhere_*`, `messages_in_segments_of_one_byte_*` |
//! | A server that closed the connection inside an answer sent the client into an endless loop, which no timeout ended. | `answers::an_answer_cut_off_by_the_end_*`, `a_reset_inside_an_answer_*` |
//! | A second answer in the same segment was lost, and broke the first. | `answers::two_answers_in_one_segment_*` |
//! | An answer that came after its timeout was taken for the answer to the next request, and so on for ever. | `answers::an_answer_that_comes_too_late_*` |
//! | Any length was believed: four bytes made the client wait for 4 GiB. | `answers::a_length_that_no_message_has_*`, `a_request_above_the_limit_*` |
//! | An invalid message as an answer raised an error of another library. | `answers::an_answer_that_is_no_message_*` |
//! | A connection that broke once stayed broken. | `connections::a_client_comes_back_*`, `a_server_that_closed_an_idle_connection_*` |
//! | Threads that shared a connection got each other's answers, in pieces. | `connections::tasks_on_*` |
//! | Each request waited for the answer to the one before. | `connections::no_request_waits_*`, `ten_thousand_events_*`, `five_hundred_requests_*`, `twenty_thousand_events_*` |
//! | TLS meant version 1.0; the certificate of any host was good, and the server was not told which host was meant. | `tls` |
//! | UDP knew no IPv6, did not know that the server drops datagrams above 16,384 bytes, never told that the port is closed, and let queries be sent. | `datagrams` |
//! | The transport for tests recorded events where it promised messages, kept them where it promised to clear them, and answered every query with nothing. | `without_a_network` |
//! | Events had no microseconds. | `wire::microseconds_are_carried` |
//! | The class that all transports derive from could be used itself, and did nothing. | `without_a_network::the_type_of_a_transport_*`: the compiler tells |
//! | Connecting twice left a socket open for ever; no socket option could be set. | `connections::one_socket_is_opened_*`, `sockets_do_not_delay_*` |
//!
//! Three more defects do not concern transports and have no tests here:
//!
//! - The client that gathers events into batches lost them, or kept them for ever, after the first
//!   batch. Nothing is gathered here: [`client::Client::events`] sends all its events in one message,
//!   and does not block others.
//! - Building an event changed its caller's arguments, and made infinity of a number that is too
//!   large. A [`message::Event`] is plain data, and each metric has its own type.
//! - The command line answered errors with a stack trace. That of `peer` prints the error and its
//!   causes in one line.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic; the exception for tests does not reach their helpers"
)]

#[path = "../it/certificates.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod certificates;
#[path = "../../examples/riemann/client.rs"]
mod client;
#[path = "../it/leaks.rs"]
mod leaks;
#[path = "../../examples/riemann/message.rs"]
mod message;
#[path = "../../examples/riemann/server.rs"]
mod serve;

mod answers;
mod connections;
mod datagrams;
mod server;
mod store;
mod support;
mod tls;
mod wire;
mod without_a_network;
