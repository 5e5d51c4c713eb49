//! Frames over any byte stream: requests with answers, and one-way messages.
//!
//! | type | what it does |
//! |---|---|
//! | [`FramedTransport`] | sends requests over one connection, reopened when it ends, and gets an answer to each |
//! | [`FramedSender`] | sends messages without answers over one connection, reopened when it ends |
//! | [`FrameReader`], [`FrameWriter`] | read and write frames on a stream that the program owns |
//!
//! The codecs are those of [`influx_framing`].
//!
//! # Connections
//!
//! A transport or sender opens a connection when a message needs one. If the connection ends before
//! a byte of a message was sent, the message goes over the next one. After a connection that ended
//! in use and after a failed attempt there is a pause, see [`Backoff`](crate::Backoff). A failed
//! attempt fails the waiting messages, unless [`FramedOptions::retry_for`] lets them wait longer.
//!
//! The first message starts a task on the current tokio runtime, which owns the connection. The
//! task ends when the last clone of the transport is dropped, and drops the waiting messages.

// Callers put commands into the `mailbox`; the `task` of a transport takes them out and opens a
// `connection` when it needs one. Its `role`, an `exchange` or one-way messages, decides how
// messages are encoded and what their outcomes are.
mod connection;
mod exchange;
mod handle;
mod mailbox;
mod options;
mod output;
mod reader;
mod role;
mod sender;
mod shared;
mod stats;
mod task;
mod transport;
mod writer;

pub use self::options::FramedOptions;
pub use self::reader::FrameReader;
pub use self::sender::{Enqueued, FramedSender};
pub use self::stats::{ConnectionState, FramedStats, StateWatch};
pub use self::transport::FramedTransport;
pub use self::writer::FrameWriter;
