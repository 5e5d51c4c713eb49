//! The way past a frame that is longer than the limit.

use bytes::{Buf, Bytes, BytesMut};

use crate::{Frame, FrameError, OversizePolicy};

/// An oversize frame that is being discarded as it arrives.
#[derive(Clone, Debug)]
pub(crate) struct Discard {
    head: Bytes,
    /// How much of the frame is to be kept; 0 as soon as `head` is.
    wanted: usize,
    seen: u64,
}

impl Discard {
    pub(crate) fn new(policy: OversizePolicy, limit: usize) -> Result<Self, FrameError> {
        let wanted = match policy {
            OversizePolicy::Error => return Err(FrameError::Oversize { limit }),
            OversizePolicy::Skip => 0,
            OversizePolicy::Truncate => limit,
        };
        Ok(Self { head: Bytes::new(), wanted, seen: 0 })
    }

    /// How many bytes the next `swallow` must cover, so that the head is one slice.
    pub(crate) fn wanted(&self) -> usize {
        self.wanted
    }

    /// How many bytes of the frame were swallowed.
    pub(crate) fn seen(&self) -> u64 {
        self.seen
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
