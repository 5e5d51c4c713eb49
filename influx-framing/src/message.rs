//! Frames that were read as messages.

use bytes::Bytes;

use crate::Frame;

/// One frame, read as a message. The stream goes on after each of these.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a frame is a message, is none, or was too long")]
pub enum Message<T> {
    /// A message.
    Value(T),
    /// A frame that is not such a message.
    Bad {
        /// The frame as it arrived.
        bytes: Bytes,
        /// The reason, for humans: one line of at most 200 characters.
        reason: String,
    },
    /// A frame that was longer than the limit, as [`Frame::Oversize`].
    Oversize {
        /// The frame's first bytes if the policy keeps them.
        head: Bytes,
        /// The frame's whole length in bytes.
        seen: u64,
    },
}

/// The longest reason, in characters: a parser's message may quote the peer at length.
const MAX_REASON: usize = 200;

impl<T> Message<T> {
    /// The message itself, if the frame is one.
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Bad { .. } | Self::Oversize { .. } => None,
        }
    }

    /// Reads the value further; an error is the bytes of a bad frame and the reason.
    fn and_then<U>(self, read: impl FnOnce(T) -> Result<U, (Bytes, String)>) -> Message<U> {
        match self {
            Self::Value(value) => match read(value) {
                Ok(value) => Message::Value(value),
                Err((bytes, reason)) => Message::Bad { bytes, reason },
            },
            Self::Bad { bytes, reason } => Message::Bad { bytes, reason },
            Self::Oversize { head, seen } => Message::Oversize { head, seen },
        }
    }
}

impl Message<Bytes> {
    /// Reads the bytes, or says why they are bad.
    pub(crate) fn read<T>(self, read: impl FnOnce(&[u8]) -> Result<T, String>) -> Message<T> {
        self.and_then(|bytes| read(&bytes).map_err(|reason| (bytes, one_line(&reason))))
    }
}

impl From<Frame> for Message<Bytes> {
    fn from(frame: Frame) -> Self {
        match frame {
            Frame::Complete(bytes) => Self::Value(bytes),
            Frame::Oversize { head, seen } => Self::Oversize { head, seen },
            Frame::Malformed { bytes } => {
                Self::Bad { bytes, reason: "the bytes break the rules of the framing".to_owned() }
            }
        }
    }
}

impl From<Message<String>> for Message<Bytes> {
    fn from(message: Message<String>) -> Self {
        message.and_then(|text| Ok(text.into()))
    }
}

/// The text cut to [`MAX_REASON`], control characters replaced, so that it is safe to log.
fn one_line(text: &str) -> String {
    text.chars().take(MAX_REASON).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
