//! Uses of the input buffer that codecs share: room for the rest of a frame, and the way past a
//! frame that is above the limit.

use bytes::{Buf, Bytes, BytesMut};

use crate::{Frame, FrameError, OversizePolicy};

/// The memory that a codec takes ahead of the arrived bytes, for a frame whose length it knows.
const MOST_AHEAD: usize = 64 * 1024;

/// Makes room for the `missing` bytes of a frame: for all of it in memory that the buffer owns
/// and earlier frames have left, else in new memory for little more than has arrived.
pub(crate) fn make_room(src: &mut BytesMut, missing: usize) {
    if !src.try_reclaim(missing) {
        src.reserve(missing.min(MOST_AHEAD));
    }
}

/// An oversize frame that is being discarded as it arrives.
#[derive(Clone, Debug)]
pub(crate) struct Discard {
    head: Bytes,
    /// The number of bytes to keep, which the next `swallow` must cover, so that the head is one
    /// slice; 0 as soon as `head` has them.
    pub(crate) wanted: usize,
    /// The number of bytes that were swallowed.
    pub(crate) seen: u64,
}

impl Discard {
    pub(crate) fn new(policy: OversizePolicy, limit: usize) -> Result<Self, FrameError> {
        let wanted = match policy {
            OversizePolicy::Error => return Err(FrameError::too_large(limit)),
            OversizePolicy::Skip => 0,
            OversizePolicy::Truncate => limit,
        };
        Ok(Self { head: Bytes::new(), wanted, seen: 0 })
    }

    /// Takes the frame's next `len` bytes off the front of `src`.
    pub(crate) fn swallow(&mut self, src: &mut BytesMut, len: usize) {
        let kept = self.wanted.min(len);
        if kept > 0 {
            self.head = src.split_to(kept).freeze();
            self.wanted = 0;
        }
        src.advance(len - kept);
        self.seen = self.seen.saturating_add(len as u64);
    }

    pub(crate) fn into_frame(self) -> Frame {
        Frame::Oversize { head: self.head, seen: self.seen }
    }
}
