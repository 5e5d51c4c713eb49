//! What can be wrong with a frame, and with the description of a codec.

use thiserror::Error;

/// A stream that cannot be decoded further, or a frame that cannot be encoded.
///
/// An error of `decode` ends the stream: the codec returns it again on every further call.
/// An error of `encode` concerns that frame alone: the output is as it was, the codec goes on.
#[derive(Clone, Copy, Debug, Eq, Error, Hash, PartialEq)]
#[non_exhaustive]
pub enum FrameError {
    /// Encoding: the connection's only message was encoded before.
    #[error("this connection has carried its one message; open another for the next")]
    AlreadySent,
    /// Encoding: the frame contains the delimiter, or forms one with the delimiter that follows.
    #[error(
        "the frame contains the delimiter, so the peer would see two frames; choose a delimiter \
         that cannot occur in the data, or a length codec"
    )]
    Delimiter,
    /// Encoding: a connection without a byte carries no message, hence no empty one.
    #[error("an empty message cannot be told from no message; use a delimiter or a length codec")]
    Empty,
    /// Decoding: the length prefix is negative after its adjustment, or no 64-bit number.
    #[error("the length prefix is not a length; do both peers use the same prefix and adjustment?")]
    InvalidLength,
    /// Encoding: the JSON message has a NaN or an infinity, which `serde_json` writes as `null`.
    #[error(
        "the message has a number that is NaN or infinite, which JSON does not have; leave it \
         out, or send `None` or text in its place"
    )]
    NonFinite,
    /// The frame is longer than the codec's limit.
    #[error(
        "the frame is longer than the limit of {limit} bytes; raise the limit, or choose to skip \
         or to truncate such frames"
    )]
    Oversize {
        /// The codec's limit in bytes of payload.
        limit: usize,
    },
    /// Encoding: the length prefix is too narrow for this frame.
    #[error("the length prefix cannot express a frame of {len} bytes; use a wider prefix")]
    PrefixOverflow {
        /// The frame's length in bytes.
        len: usize,
    },
    /// Encoding: the message is not representable as JSON.
    #[error("the message cannot be written as JSON; `serde_json::to_string` says why")]
    Serialize,
    /// Decoding: the input ended inside a frame.
    #[error("the input ended inside a frame, after {bytes} bytes of it")]
    Truncated {
        /// How much of the frame had arrived, with its length prefix or partial delimiter.
        bytes: u64,
    },
    /// Encoding: the text has a character that the encoding lacks.
    #[error("the text has a character that its encoding lacks; use UTF-8")]
    Unmappable,
    /// Encoding: the codec carries frames of one size only.
    #[error("a frame of {found} bytes for a codec whose frames have {expected}")]
    WrongSize {
        /// The codec's frame size in bytes.
        expected: usize,
        /// The frame's length in bytes.
        found: usize,
    },
}

/// A codec that cannot exist.
#[derive(Clone, Copy, Debug, Eq, Error, Hash, PartialEq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The delimiter is empty or too long.
    #[error("a delimiter has 1 to 64 bytes, not {len}")]
    Delimiter {
        /// The delimiter's length in bytes.
        len: usize,
    },
    /// The label names no encoding of the WHATWG Encoding Standard.
    #[error("unknown text encoding; use a label of the WHATWG Encoding Standard, as `utf-16le`")]
    Encoding,
    /// The width of a length prefix is impossible.
    #[error("a length prefix has 1 to 8 bytes, not {width}")]
    PrefixWidth {
        /// The width in bytes.
        width: u8,
    },
}

/// Remembers the error that ended a stream, so that every further call returns it again.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Poison(Option<FrameError>);

impl Poison {
    #[inline]
    pub(crate) fn check(&self) -> Result<(), FrameError> {
        match &self.0 {
            None => Ok(()),
            Some(error) => Err(*error),
        }
    }

    pub(crate) fn set<T>(&mut self, error: FrameError) -> Result<T, FrameError> {
        self.0 = Some(error);
        Err(error)
    }
}
