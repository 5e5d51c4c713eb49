//! Encoded frames: a part of the log, and those of one write to a peer.

use std::mem::replace;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::budget::{Budget, Charge};

/// A place in the log: the frames and bytes before it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Position {
    pub(super) frames: u64,
    pub(super) bytes: u64,
}

impl Position {
    pub(super) const MAX: Self = Self { frames: u64::MAX, bytes: u64::MAX };

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
    pub(super) readers: usize,
}

enum Data {
    /// Takes frames up to its capacity.
    Open(Vec<u8>, Charge),
    Shared(Bytes),
}

impl Block {
    pub(super) fn new(start: Position, capacity: usize, budget: &Arc<Budget>) -> Self {
        let data = Data::Open(Vec::with_capacity(capacity), Charge::new(budget, capacity));
        Self { start, data, ends: Vec::new(), readers: 0 }
    }

    /// One frame, whose buffer the block takes over.
    pub(super) fn of(start: Position, frame: Vec<u8>, budget: &Arc<Budget>) -> Self {
        let (ends, charge) = (vec![frame.len()], Charge::new(budget, frame.capacity()));
        Self { start, data: Data::Open(frame, charge), ends, readers: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Adds a frame if there is room.
    pub(super) fn push(&mut self, frame: &[u8]) -> bool {
        match &mut self.data {
            Data::Open(data, _) if frame.len() <= data.capacity() - data.len() => {
                data.extend_from_slice(frame);
                self.ends.push(data.len());
                true
            }
            _ => false,
        }
    }

    pub(super) fn position(&self, frame: usize) -> Position {
        Position {
            frames: self.start.frames + frame as u64,
            bytes: self.start.bytes + self.offset(frame) as u64,
        }
    }

    /// The frames from `first` on, up to the limits, but at least one if there is any.
    pub(super) fn run(&self, first: usize, max_frames: u64, max_bytes: usize) -> Range<usize> {
        let limit = self.offset(first).saturating_add(max_bytes);
        let fitting = self.ends.partition_point(|end| *end <= limit).max(first + 1);
        let wanted = usize::try_from(max_frames).unwrap_or(usize::MAX);
        first..fitting.min(first.saturating_add(wanted)).min(self.len())
    }

    pub(super) fn size(&self, frames: &Range<usize>) -> usize {
        self.offset(frames.end) - self.offset(frames.start)
    }

    pub(super) fn copy(&self, frames: Range<usize>, out: &mut Vec<u8>, ends: &mut Vec<usize>) {
        let data: &[u8] = match &self.data {
            Data::Open(data, _) => data,
            Data::Shared(data) => data,
        };
        let range = self.offset(frames.start)..self.offset(frames.end);
        let base = out.len();
        out.extend_from_slice(data.get(range.clone()).unwrap_or_default());
        let frames = self.ends.get(frames).unwrap_or_default();
        ends.extend(frames.iter().map(|end| base + end - range.start));
    }

    /// The frames without a copy. Nothing is added to the block afterwards.
    pub(super) fn share(&mut self, frames: Range<usize>) -> Batch {
        let data = match replace(&mut self.data, Data::Shared(Bytes::new())) {
            Data::Open(data, charge) => charge.share(data),
            Data::Shared(data) => data,
        };
        self.data = Data::Shared(data.clone());
        let range = self.offset(frames.start)..self.offset(frames.end);
        let ends = self.ends.get(frames).unwrap_or_default();
        Batch::new(data.slice(range.clone()), ends.iter().map(|end| end - range.start).collect())
    }

    /// The beginning of this frame in the data.
    fn offset(&self, frame: usize) -> usize {
        frame.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0)
    }
}

/// Some encoded frames, one after the other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Batch {
    bytes: Bytes,
    /// The end of each frame in the bytes.
    ends: Vec<usize>,
    written: usize,
}

impl Batch {
    pub(super) fn new(bytes: Bytes, ends: Vec<usize>) -> Self {
        Self { bytes, ends, written: 0 }
    }

    pub(super) fn unwritten(&self) -> &[u8] {
        self.bytes.get(self.written..).unwrap_or_default()
    }

    pub(super) fn wrote(&mut self, bytes: usize) {
        self.written += bytes;
    }

    pub(super) fn frames(&self) -> u64 {
        self.ends.len() as u64
    }

    pub(super) fn frames_written(&self) -> u64 {
        self.ends.partition_point(|end| *end <= self.written) as u64
    }

    /// The frames that are not completely written, from the beginning of the first.
    pub(super) fn rest(self) -> Option<Self> {
        let done = self.ends.partition_point(|end| *end <= self.written);
        let (before, after) = self.ends.split_at(done);
        let start = before.last().copied().unwrap_or(0);
        let ends: Vec<usize> = after.iter().map(|end| end - start).collect();
        (!ends.is_empty()).then(|| Self::new(self.bytes.slice(start..), ends))
    }

    pub(super) fn into_frames(self) -> impl Iterator<Item = Bytes> {
        let mut start = 0;
        self.ends.into_iter().map(move |end| self.bytes.slice(replace(&mut start, end)..end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: usize, frames_written: u64, rest: &[&'static str]) {
        let mut batch = Batch::new(Bytes::from("abccdddd"), vec![2, 4, 8]);
        batch.wrote(written);
        assert_eq!(batch.unwritten(), &b"abccdddd"[written..]);
        assert_eq!((batch.frames(), batch.frames_written()), (3, frames_written));
        let rest_of = batch.rest();
        let unwritten = rest_of.as_ref().map(Batch::unwritten).unwrap_or_default();
        assert_eq!(unwritten, rest.concat().as_bytes());
        let frames: Vec<Bytes> = rest_of.into_iter().flat_map(Batch::into_frames).collect();
        assert_eq!(frames, rest, "{written} bytes written");
    }

    #[test]
    fn a_frame_that_is_partly_written_is_repeated_from_its_beginning() {
        check(0, 0, &["ab", "cc", "dddd"]);
        check(1, 0, &["ab", "cc", "dddd"]);
        check(2, 1, &["cc", "dddd"]);
        check(3, 1, &["cc", "dddd"]);
        check(4, 2, &["dddd"]);
        check(7, 2, &["dddd"]);
        check(8, 3, &[]);
    }
}
