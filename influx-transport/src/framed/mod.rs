//! Frames over any byte stream: requests with answers, and one-way messages.
//!
//! A transport's [`handle::Handle`] puts [`command::Command`]s into a [`mailbox::Mailbox`] when
//! there is [`room::Room`]. The task of its [`link::Link`] takes them out by its [`inbox::Inbox`]
//! and opens a [`connection::Connection`] when one is needed, whose [`output::Output`] is what is
//! still to be written. What the two kinds of transport do with a connection is their
//! [`role::Role`]. What became of messages is collected in a [`ledger::Ledger`], and callers find
//! it among the [`outcomes::Outcomes`] by their [`claim::Claim`].
//!
//! [`reader::FrameReader`] and [`writer::FrameWriter`] are for programs that own their stream.

mod claim;
mod command;
mod connection;
mod exchange;
mod handle;
mod inbox;
mod ledger;
mod link;
mod mailbox;
mod one_way;
mod options;
mod outcomes;
mod output;
mod reader;
mod role;
mod room;
mod sender;
mod stats;
mod transport;
mod writer;

use std::io;

use influx_framing::FrameError;

pub use self::options::FramedOptions;
pub use self::reader::FrameReader;
pub use self::sender::{FramedSender, Receipt};
pub use self::stats::{ConnectionState, StateWatch, Stats};
pub use self::transport::FramedTransport;
pub use self::writer::FrameWriter;

use self::stats::State;
use crate::{Delivery, Endpoint, Error, ErrorKind, Phase};

/// What a transport shares with its task.
struct Shared {
    endpoint: Endpoint,
    options: FramedOptions,
    state: State,
}

impl Shared {
    fn error(&self, kind: ErrorKind, phase: Phase) -> Error {
        Error::new(kind, phase).with_endpoint(&self.endpoint)
    }

    fn io_error(&self, error: io::Error, phase: Phase) -> Error {
        self.error(ErrorKind::of_io(error.kind()), phase).with_source(error)
    }
}

/// Why a message cannot be sent at all.
fn unfit(error: FrameError, size: Option<usize>) -> Error {
    let kind = match error {
        FrameError::TooLarge { limit, .. } => ErrorKind::TooLarge { limit, size },
        _ => ErrorKind::Invalid("the message does not fit the codec"),
    };
    Error::new(kind, Phase::Send).with_delivery(Delivery::NotSent).with_source(error)
}

/// Why nothing more can be read.
fn unreadable(error: FrameError, phase: Phase) -> Error {
    let kind = match error {
        FrameError::TooLarge { limit, .. } => ErrorKind::TooLarge { limit, size: None },
        FrameError::Truncated { .. } => ErrorKind::Closed,
        _ => ErrorKind::Protocol,
    };
    Error::new(kind, phase).with_source(error)
}
