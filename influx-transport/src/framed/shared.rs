//! The part of a framed transport that its task sees, and its errors.

use std::io;
use std::mem::replace;

use influx_framing::FrameError;
use tokio::sync::watch;

use super::options::FramedOptions;
use super::stats::ConnectionState;
use crate::{Delivery, Endpoint, Error, ErrorKind, Phase};

pub(super) struct Shared {
    pub(super) endpoint: Endpoint,
    pub(super) options: FramedOptions,
    pub(super) state: watch::Sender<ConnectionState>,
}

impl Shared {
    pub(super) fn set_state(&self, state: ConnectionState) {
        self.state.send_if_modified(|current| replace(current, state) != state);
    }

    pub(super) fn error(&self, kind: ErrorKind, phase: Phase) -> Error {
        Error::new(kind, phase).with_endpoint(&self.endpoint)
    }

    pub(super) fn io_error(&self, error: io::Error, phase: Phase) -> Error {
        io_error(error, phase).with_endpoint(&self.endpoint)
    }
}

pub(super) fn io_error(error: io::Error, phase: Phase) -> Error {
    Error::new(ErrorKind::of_io(&error), phase).with_source(error)
}

pub(super) fn unfit(error: FrameError) -> Error {
    let kind = match error {
        FrameError::TooLarge { what, limit } => ErrorKind::TooLarge { what, limit },
        _ => ErrorKind::Invalid("the message does not fit the codec"),
    };
    Error::new(kind, Phase::Send).with_delivery(Delivery::NotSent).with_source(error)
}

pub(super) fn unreadable(error: FrameError, phase: Phase) -> Error {
    let kind = match error {
        FrameError::TooLarge { what, limit } => ErrorKind::TooLarge { what, limit },
        FrameError::Truncated { .. } => ErrorKind::Closed,
        _ => ErrorKind::Protocol,
    };
    Error::new(kind, phase).with_source(error)
}
