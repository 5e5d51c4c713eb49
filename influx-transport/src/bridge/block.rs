//! A part of the log.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::batch::Batch;
use super::budget::{Budget, Buffer};

/// A place in the log: the frames and bytes before it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Position {
    pub(super) frames: u64,
    pub(super) bytes: u64,
}

impl Position {
    pub(super) const MAX: Self = Self { frames: u64::MAX, bytes: u64::MAX };

    /// The lesser of each number.
    pub(super) fn least(self, other: Self) -> Self {
        Self { frames: self.frames.min(other.frames), bytes: self.bytes.min(other.bytes) }
    }
}

/// Encoded frames, one after the other in one buffer.
pub(super) struct Block {
    start: Position,
    data: Data,
    /// The end of each frame in the data.
    ends: Vec<usize>,
    /// The number of cursors in it.
    pub(super) readers: usize,
}

/// Some frames of one block.
pub(super) struct Run<'a> {
    block: &'a mut Block,
    frames: Range<usize>,
}

enum Data {
    Open(Buffer),
    /// Complete.
    Shared(Bytes),
}

impl Block {
    pub(super) fn new(start: Position, capacity: usize, budget: &Arc<Budget>) -> Self {
        let data = Data::Open(Buffer::with_capacity(capacity, budget));
        Self { start, data, ends: Vec::new(), readers: 0 }
    }

    /// The number of its frames.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn has_room(&self, bytes: usize) -> bool {
        match &self.data {
            Data::Open(buffer) => bytes <= buffer.room(),
            Data::Shared(_) => false,
        }
    }

    /// Adds a frame for which there is room.
    pub(super) fn push(&mut self, frame: &[u8]) {
        if let Data::Open(buffer) = &mut self.data {
            buffer.extend_from_slice(frame);
            self.ends.push(buffer.len());
        }
    }

    /// The place of this frame in the log.
    pub(super) fn position(&self, frame: usize) -> Position {
        Position {
            frames: self.start.frames + frame as u64,
            bytes: self.start.bytes + self.offset(frame) as u64,
        }
    }

    /// The frames from `first` on, up to the limits, but at least one if there is any.
    pub(super) fn run(
        &mut self,
        first: usize,
        max_frames: u64,
        max_bytes: usize,
    ) -> Option<Run<'_>> {
        let limit = self.offset(first).saturating_add(max_bytes);
        let fitting = self.ends.partition_point(|end| *end <= limit).max(first + 1);
        let wanted = usize::try_from(max_frames).unwrap_or(usize::MAX);
        let end = fitting.min(first.saturating_add(wanted)).min(self.len());
        (first < end).then_some(Run { block: self, frames: first..end })
    }

    fn bytes(&self) -> &[u8] {
        match &self.data {
            Data::Open(buffer) => buffer,
            Data::Shared(bytes) => bytes,
        }
    }

    fn share(&mut self) -> Bytes {
        match &mut self.data {
            Data::Open(buffer) => {
                let bytes = buffer.take().freeze();
                self.data = Data::Shared(bytes.clone());
                bytes
            }
            Data::Shared(bytes) => bytes.clone(),
        }
    }

    /// The beginning of this frame in the data.
    fn offset(&self, frame: usize) -> usize {
        frame.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0)
    }
}

impl Run<'_> {
    pub(super) fn frames(&self) -> u64 {
        self.frames.len() as u64
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.block.bytes().get(self.range()).unwrap_or_default()
    }

    /// The end of each frame in the bytes.
    pub(super) fn ends(&self) -> impl Iterator<Item = usize> {
        let start = self.range().start;
        let ends = self.block.ends.get(self.frames.clone()).unwrap_or_default();
        ends.iter().map(move |end| end - start)
    }

    /// The frames without a copy.
    pub(super) fn share(self) -> Batch {
        let (range, ends) = (self.range(), self.ends().collect());
        Batch::new(self.block.share().slice(range), ends)
    }

    fn range(&self) -> Range<usize> {
        self.block.offset(self.frames.start)..self.block.offset(self.frames.end)
    }
}
