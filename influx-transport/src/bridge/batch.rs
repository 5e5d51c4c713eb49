//! The frames of one write to a peer.

use bytes::Bytes;

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
        self.ends
            .into_iter()
            .map(move |end| self.bytes.slice(std::mem::replace(&mut start, end)..end))
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
