//! Errors of frames and of codecs.

use std::error::Error as StdError;
use std::ops::Deref;
use std::sync::Arc;
use std::{fmt, io};

use thiserror::Error;

/// A stream that cannot be decoded further, or a frame that cannot be encoded.
///
/// An error of `decode` ends the stream: the codec returns it again on every further call.
/// An error of `encode` concerns that frame alone: the output is as it was, the codec goes on.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum FrameError {
    /// Encoding: the connection's only message was encoded before.
    #[error("this connection has carried its one message; open another for the next")]
    AlreadySent,
    /// An error of a codec that the program implements itself.
    #[error("the codec of this program failed")]
    Custom(#[source] Cause),
    /// Encoding: the frame contains the delimiter, or forms one with the delimiter that follows.
    #[error(
        "the frame contains the delimiter, so the peer would see two frames; choose a delimiter \
         that cannot occur in the data, or a length codec"
    )]
    Delimiter,
    /// Encoding: the frame is empty, which SLIP and one message per connection cannot express.
    #[error("an empty message looks like none; use a delimiter or a length codec")]
    Empty,
    /// Decoding: the length prefix is negative after its adjustment, above 64 bits, or has a byte
    /// that is not a digit; or the byte behind a netstring is not a comma.
    #[error("the length prefix is not a length; do both peers use the same prefix and adjustment?")]
    InvalidLength,
    /// The stream under a `TokioCodec` (feature `tokio-util`) failed.
    #[error("the stream failed")]
    Io(#[source] Cause),
    /// Encoding: the frame is shorter than the header that it begins with.
    #[error("a frame of {len} bytes has not the {header} bytes of header that it begins with")]
    NoHeader {
        /// The frame's length in bytes.
        len: usize,
        /// The length of the header in bytes.
        header: usize,
    },
    /// Encoding: the JSON message has a NaN or an infinity, which `serde_json` writes as `null`.
    #[error(
        "the message has a number that is NaN or infinite, which JSON does not have; leave it \
         out, or send `None` or text in its place"
    )]
    NonFinite,
    /// Encoding: the length prefix is too narrow for this frame.
    #[error("the length prefix cannot express a frame of {len} bytes; use a wider prefix")]
    PrefixOverflow {
        /// The frame's length in bytes.
        len: usize,
    },
    /// Encoding: the message is not representable as JSON.
    #[error("the message cannot be written as JSON")]
    Serialize(#[source] Cause),
    /// A frame is longer than the codec's limit.
    #[error(
        "the {what} is longer than the limit of {limit} bytes; raise the limit, or choose to skip \
         or to truncate such frames"
    )]
    TooLarge {
        /// The thing that is too large: `frame`.
        what: &'static str,
        /// The codec's limit in bytes of payload.
        limit: usize,
    },
    /// Decoding: the input ended inside a frame.
    #[error("the input ended inside a frame, after {bytes} bytes of it")]
    Truncated {
        /// The bytes of the frame that had arrived, with its length prefix or partial delimiter.
        bytes: u64,
    },
    /// Encoding: the text has a character that the encoding lacks.
    #[error("the text has the character {character:?}, which {encoding} lacks; use UTF-8")]
    Unmappable {
        /// The first such character.
        character: char,
        /// The encoding's name in the WHATWG Encoding Standard.
        encoding: &'static str,
    },
    /// Encoding: the codec carries frames of one size only.
    #[error("a frame of {found} bytes for a codec whose frames have {expected}")]
    WrongSize {
        /// The codec's frame size in bytes.
        expected: usize,
        /// The frame's length in bytes.
        found: usize,
    },
}

impl FrameError {
    pub(crate) fn too_large(limit: usize) -> Self {
        Self::TooLarge { what: "frame", limit }
    }

    pub(crate) fn check_len(frame: &[u8], limit: usize) -> Result<(), Self> {
        if frame.len() <= limit { Ok(()) } else { Err(Self::too_large(limit)) }
    }
}

impl From<io::Error> for FrameError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.into())
    }
}

/// The error behind a [`FrameError`], which is its `source`. Clones share it; two are equal if
/// their texts are.
#[derive(Clone)]
pub struct Cause(Arc<dyn StdError + Send + Sync>);

impl<E: Into<Box<dyn StdError + Send + Sync>>> From<E> for Cause {
    fn from(error: E) -> Self {
        Self(error.into().into())
    }
}

impl Deref for Cause {
    type Target = dyn StdError + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_string() == other.0.to_string()
    }
}

impl Eq for Cause {}

/// A codec that cannot exist.
#[derive(Clone, Copy, Debug, Eq, Error, Hash, PartialEq)]
#[non_exhaustive]
pub enum InvalidCodec {
    /// The delimiter is empty or too long.
    #[error("a delimiter has 1 to 64 bytes, not {len}")]
    Delimiter {
        /// The delimiter's length in bytes.
        len: usize,
    },
    /// The label is not in the WHATWG Encoding Standard.
    #[error("unknown text encoding; use a label of the WHATWG Encoding Standard, as `utf-16le`")]
    Encoding,
    /// The width of a length prefix is impossible.
    #[error("a length prefix has 1 to 8 bytes, not {width}")]
    PrefixWidth {
        /// The width in bytes.
        width: u8,
    },
}
