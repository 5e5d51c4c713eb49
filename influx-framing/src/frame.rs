//! The items of the codecs of bytes, and the treatment of those above the limit.

use bytes::Bytes;

/// One frame, without its delimiter or length prefix.
///
/// `B` is [`Bytes`], a slice of the read buffer that was split off without copying, or `&[u8]`
/// where frames are lent to a visitor.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a frame is within its limit, above it, or none")]
pub enum Frame<B = Bytes> {
    /// A whole frame, perhaps an empty one.
    Complete(B),
    /// A frame that was longer than the limit. The stream goes on behind it.
    Oversize {
        /// The frame's first bytes, as many as the limit allows, under
        /// [`OversizePolicy::Truncate`]; empty under [`OversizePolicy::Skip`].
        head: B,
        /// The frame's whole length in bytes; in an envelope, its length on the wire.
        seen: u64,
    },
    /// Bytes between two delimiters that are not a frame, as an escape that SLIP does not have:
    /// see [`Envelope`](crate::Envelope). The stream goes on behind them.
    Malformed {
        /// The bytes as they arrived.
        bytes: B,
    },
}

impl<B> Frame<B> {
    /// The frame's bytes if it is complete.
    pub fn into_complete(self) -> Option<B> {
        match self {
            Self::Complete(bytes) => Some(bytes),
            Self::Oversize { .. } | Self::Malformed { .. } => None,
        }
    }

    /// All bytes that there are of the frame, whatever it is.
    pub(crate) fn bytes(&self) -> &B {
        let (Self::Complete(bytes)
        | Self::Oversize { head: bytes, .. }
        | Self::Malformed { bytes }) = self;
        bytes
    }

    pub(crate) fn map<C>(self, with: impl FnOnce(B) -> C) -> Frame<C> {
        match self {
            Self::Complete(bytes) => Frame::Complete(with(bytes)),
            Self::Oversize { head, seen } => Frame::Oversize { head: with(head), seen },
            Self::Malformed { bytes } => Frame::Malformed { bytes: with(bytes) },
        }
    }
}

impl<B: AsRef<[u8]>> Frame<B> {
    /// The same frame, borrowed.
    pub fn borrowed(&self) -> Frame<&[u8]> {
        match self {
            Self::Complete(bytes) => Frame::Complete(bytes.as_ref()),
            Self::Oversize { head, seen } => Frame::Oversize { head: head.as_ref(), seen: *seen },
            Self::Malformed { bytes } => Frame::Malformed { bytes: bytes.as_ref() },
        }
    }
}

/// The treatment of a frame that is longer than the decoder's limit.
///
/// `Skip` and `Truncate` report one [`Frame::Oversize`], when the frame ends.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "end, skip and cut are all ways")]
pub enum OversizePolicy {
    /// Ends the stream with [`FrameError::TooLarge`](crate::FrameError::TooLarge).
    #[default]
    Error,
    /// Discards the frame as it arrives.
    Skip,
    /// Keeps the frame's first bytes, as many as the limit allows, and discards the rest.
    Truncate,
}
