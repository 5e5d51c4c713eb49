//! What a framed transport shares with its task, and how failures become errors.

use std::io;

use influx_framing::FrameError;

use super::options::FramedOptions;
use super::stats::State;
use crate::{Delivery, Endpoint, Error, ErrorKind, Phase};

/// The part of a transport that its task sees too.
pub(super) struct Shared {
    pub(super) endpoint: Endpoint,
    pub(super) options: FramedOptions,
    pub(super) state: State,
}

impl Shared {
    pub(super) fn error(&self, kind: ErrorKind, phase: Phase) -> Error {
        Error::new(kind, phase).with_endpoint(&self.endpoint)
    }

    pub(super) fn io_error(&self, error: io::Error, phase: Phase) -> Error {
        io_error(error, phase).with_endpoint(&self.endpoint)
    }
}

/// A stream that broke.
pub(super) fn io_error(error: io::Error, phase: Phase) -> Error {
    Error::new(ErrorKind::of_io(&error), phase).with_source(error)
}

/// A message that the codec refuses to encode.
pub(super) fn unfit(error: FrameError) -> Error {
    let kind = match error {
        FrameError::Oversize { limit } => ErrorKind::TooLarge { what: "message", limit },
        _ => ErrorKind::Invalid("the message does not fit the codec"),
    };
    Error::new(kind, Phase::Send).with_delivery(Delivery::NotSent).with_source(error)
}

/// Input that the codec cannot decode.
pub(super) fn unreadable(error: FrameError, phase: Phase) -> Error {
    let kind = match error {
        FrameError::Oversize { limit } => ErrorKind::TooLarge { what: "message", limit },
        FrameError::Truncated { .. } => ErrorKind::Closed,
        _ => ErrorKind::Protocol,
    };
    Error::new(kind, phase).with_source(error)
}
