//! Parts that codecs share: room for the rest of a frame, the way past a frame that is above the
//! limit, the end of a stream.

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

/// The state of a stream beside its frames: the error that ended it, and the frame above the limit
/// that is being discarded as it arrives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Course {
    error: Option<FrameError>,
    discard: Option<Discard>,
}

#[derive(Clone, Debug)]
pub(crate) struct Discard {
    head: Bytes,
    /// The number of bytes to keep, which the next `swallow` must cover, so that the head is one
    /// slice; 0 as soon as `head` has them.
    pub(crate) wanted: usize,
    /// The number of bytes that were swallowed.
    seen: u64,
    /// The bytes before the frame, which are not among these.
    prefix_len: usize,
}

impl Course {
    /// The error that ended the stream, on every further call.
    #[inline]
    pub(crate) fn check(&self) -> Result<(), FrameError> {
        match &self.error {
            None => Ok(()),
            Some(error) => Err(again(error)),
        }
    }

    /// Ends the stream.
    #[cold]
    pub(crate) fn fail<T>(&mut self, error: FrameError) -> Result<T, FrameError> {
        self.error = Some(error.clone());
        Err(error)
    }

    #[inline]
    pub(crate) fn is_discarding(&self) -> bool {
        self.discard.is_some()
    }

    /// The frame that is being discarded. It begins behind a prefix, which the caller removes.
    pub(crate) fn discard(
        &mut self,
        policy: OversizePolicy,
        limit: usize,
        prefix_len: usize,
    ) -> Result<&mut Discard, FrameError> {
        let wanted = match policy {
            _ if self.discard.is_some() => 0,
            OversizePolicy::Error => return self.fail(FrameError::too_large(limit)),
            OversizePolicy::Skip => 0,
            OversizePolicy::Truncate => limit,
        };
        let begin = || Discard { head: Bytes::new(), wanted, seen: 0, prefix_len };
        Ok(self.discard.get_or_insert_with(begin))
    }

    /// The discarded frame, if there is one and it has ended.
    pub(crate) fn discarded(&mut self) -> Option<Frame> {
        self.discard.take().map(|Discard { head, seen, .. }| Frame::Oversize { head, seen })
    }

    /// The last frame of an input that ended without a delimiter; `None` if there is nothing.
    pub(crate) fn rest(
        &mut self,
        src: &mut BytesMut,
        policy: OversizePolicy,
        limit: usize,
    ) -> Result<Option<Frame>, FrameError> {
        if src.len() > limit || self.is_discarding() {
            self.discard(policy, limit, 0)?.swallow(src, src.len());
            return Ok(self.discarded());
        }
        let rest = Some(src.split().freeze()).filter(|rest| !rest.is_empty());
        Ok(rest.map(Frame::Complete))
    }

    /// The end of an input of which `left` bytes have not become a frame.
    pub(crate) fn end(&mut self, left: usize) -> Result<Option<Frame>, FrameError> {
        let taken = |discard: &Discard| discard.prefix_len as u64 + discard.seen;
        match left as u64 + self.discard.as_ref().map_or(0, taken) {
            0 => Ok(None),
            bytes => self.fail(FrameError::Truncated { bytes }),
        }
    }
}

impl Discard {
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
}

/// Apart, so that the way of every frame stays short.
#[cold]
fn again(error: &FrameError) -> FrameError {
    error.clone()
}
