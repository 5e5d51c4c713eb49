//! From messages to points.

use std::fmt;

use thiserror::Error as ThisError;

use influx_proto::{Point, Printable};

/// Makes points of messages.
///
/// A closure will do; [`JsonMapping`](super::JsonMapping) and
/// [`LineMapping`](super::LineMapping) are there for the usual cases.
pub trait Mapping<M>: Send {
    /// The points that a message stands for, possibly none. A point without a time gets the time at
    /// which its message came.
    ///
    /// # Errors
    ///
    /// [`Unmapped`] if the message cannot be mapped. It is counted, and the relay goes on.
    fn map(&mut self, message: M) -> Result<Vec<Point>, Unmapped>;
}

impl<M, F> Mapping<M> for F
where
    F: FnMut(M) -> Result<Vec<Point>, Unmapped> + Send,
{
    fn map(&mut self, message: M) -> Result<Vec<Point>, Unmapped> {
        self(message)
    }
}

/// A message that cannot be mapped, with the reason. A text of the peer in the reason is escaped where it
/// is shown.
#[derive(Clone, Debug, Eq, PartialEq, ThisError)]
#[error("{}", Printable(reason))]
pub struct Unmapped {
    reason: String,
}

impl Unmapped {
    /// The reason is for humans; its first 200 characters are kept.
    pub fn new(reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        if let Some((end, _)) = reason.char_indices().nth(MAX_REASON) {
            reason.truncate(end);
        }
        Self { reason }
    }

    pub(super) fn of(error: impl fmt::Display) -> Self {
        Self::new(error.to_string())
    }
}

/// A text without the byte order mark with which some programs begin it.
pub(super) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// The longest reason, in characters: it may quote the peer at length.
const MAX_REASON: usize = 200;
