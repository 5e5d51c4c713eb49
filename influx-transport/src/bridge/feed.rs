//! The messages for one peer, in order.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::batch::Batch;
use super::budget::{Budget, Buffer};
use super::log::{Cursor, Log, Position};

/// The messages for one peer, in order: what is in the log from its place on, and in between what
/// is sent to it alone.
pub(super) struct Feed {
    /// Its place in the log; none if nothing more will come.
    cursor: Option<Cursor>,
    /// How many frames were in the log when it came.
    start: u64,
    /// Where the log ends for it, if it is sent no more.
    until: Option<Position>,
    /// What is sent to it alone, with the number of frames that were in the log then.
    directed: VecDeque<(u64, Bytes)>,
    directed_bytes: u64,
    directed_accepted: u64,
}

impl Feed {
    /// A feed of what is sent from now on. Drop it only after [`shut`](Self::shut) and
    /// [`clear`](Self::clear): its place keeps the log from forgetting.
    pub(super) fn new(log: &mut Log) -> Self {
        Self {
            cursor: Some(log.enter()),
            start: log.end().frames,
            until: None,
            directed: VecDeque::new(),
            directed_bytes: 0,
            directed_accepted: 0,
        }
    }

    /// Adds a frame that no other peer is sent.
    pub(super) fn push(&mut self, frame: &[u8], log: &Log, budget: &Arc<Budget>) {
        let frame = Buffer::new(frame.to_vec(), budget).freeze();
        self.directed_bytes += frame.len() as u64;
        self.directed_accepted += 1;
        self.directed.push_back((log.end().frames, frame));
    }

    /// Takes what goes into one write. Small frames are copied together; many of the log's are
    /// shared with other peers.
    pub(super) fn take(
        &mut self,
        log: &mut Log,
        max_frames: u64,
        budget: &Arc<Budget>,
    ) -> Option<Batch> {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        while (ends.len() as u64) < max_frames {
            let first = ends.is_empty();
            let room = BATCH_SIZE.saturating_sub(bytes.len());
            if let Some(size) = self.next_directed(log) {
                if !first && size > room {
                    break;
                }
                let frame = self.pop_directed();
                if first && size >= SHARED_SIZE {
                    return Some(Batch::new(frame, vec![size]));
                }
                bytes.extend_from_slice(&frame);
                ends.push(bytes.len());
                continue;
            }
            let wanted = self.frames_before_directed(log).min(max_frames - ends.len() as u64);
            let Some(run) = self.cursor.as_mut().and_then(|at| log.run(at, wanted, room)) else {
                break;
            };
            let (frames, size) = (run.frames(), run.bytes().len());
            if first && size >= SHARED_SIZE {
                let batch = run.share();
                self.advance(log, frames);
                return Some(batch);
            }
            if size > room {
                break;
            }
            ends.extend(run.ends().map(|end| bytes.len() + end));
            bytes.extend_from_slice(run.bytes());
            self.advance(log, frames);
        }
        (!ends.is_empty()).then(|| Batch::new(Buffer::new(bytes, budget).freeze(), ends))
    }

    /// Forgets the next frame. Returns whether there was one.
    pub(super) fn skip(&mut self, log: &mut Log) -> bool {
        let waits = self.lag(log).frames > 0;
        if self.next_directed(log).is_some() {
            self.pop_directed();
        } else {
            self.advance(log, 1);
        }
        waits
    }

    /// Forgets all that waits. Returns how much that was.
    pub(super) fn clear(&mut self, log: &mut Log) -> u64 {
        let waiting = self.lag(log).frames;
        self.directed.clear();
        self.directed_bytes = 0;
        let shared = self.frames_before_directed(log);
        self.advance(log, shared);
        waiting
    }

    /// Ends the feed behind what waits. Returns whether that is new.
    pub(super) fn shut(&mut self, log: &mut Log) -> bool {
        let was_open = self.is_open();
        self.until.get_or_insert(log.end());
        self.advance(log, 0);
        was_open
    }

    pub(super) fn is_open(&self) -> bool {
        self.until.is_none()
    }

    /// What waits.
    pub(super) fn lag(&self, log: &Log) -> Position {
        let (place, end) = (self.place(log), self.end(log));
        Position {
            frames: end.frames - place.frames + self.directed.len() as u64,
            bytes: end.bytes - place.bytes + self.directed_bytes,
        }
    }

    /// How many frames it was ever sent.
    pub(super) fn accepted(&self, log: &Log) -> u64 {
        self.end(log).frames - self.start + self.directed_accepted
    }

    fn advance(&mut self, log: &mut Log, frames: u64) {
        if let Some(cursor) = &mut self.cursor {
            log.advance(cursor, frames);
        }
        if self.until == Some(self.place(log))
            && let Some(cursor) = self.cursor.take()
        {
            log.leave(cursor);
        }
    }

    fn place(&self, log: &Log) -> Position {
        self.cursor.as_ref().map_or(self.end(log), |cursor| log.position(cursor))
    }

    fn end(&self, log: &Log) -> Position {
        self.until.unwrap_or(log.end())
    }

    /// How many of the log's frames are to be taken before the next of its own.
    fn frames_before_directed(&self, log: &Log) -> u64 {
        let next = self.directed.front().map_or(self.end(log).frames, |(place, _)| *place);
        next - self.place(log).frames
    }

    /// The size of the next frame, if it is its own.
    fn next_directed(&self, log: &Log) -> Option<usize> {
        let (place, frame) = self.directed.front()?;
        (*place == self.place(log).frames).then_some(frame.len())
    }

    fn pop_directed(&mut self) -> Bytes {
        let frame = self.directed.pop_front().map(|(_, frame)| frame).unwrap_or_default();
        self.directed_bytes -= frame.len() as u64;
        frame
    }
}

/// How much is written at once, unless one frame is larger.
const BATCH_SIZE: usize = 64 * 1024;

/// From this size on, sharing costs less than copying.
const SHARED_SIZE: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// A feed, and what must come out of it.
    struct Modelled {
        feed: Feed,
        expected: VecDeque<Vec<u8>>,
    }

    impl Modelled {
        /// Takes at most so many frames.
        fn take(&mut self, log: &mut Log, max_frames: u64, budget: &Arc<Budget>) {
            let Some(batch) = self.feed.take(log, max_frames, budget) else {
                assert!(self.expected.is_empty());
                return;
            };
            assert!(batch.frames() <= max_frames);
            assert!(batch.frames() == 1 || batch.unwritten().len() <= BATCH_SIZE);
            for frame in batch.into_frames() {
                assert!(Some(&frame[..]) == self.expected.pop_front().as_deref());
            }
        }

        fn check(&self, log: &Log) {
            let lag = self.feed.lag(log);
            assert_eq!(lag.frames, self.expected.len() as u64);
            assert_eq!(lag.bytes, self.expected.iter().map(Vec::len).sum::<usize>() as u64);
        }
    }

    fn frame(random: &mut fastrand::Rng, number: u32) -> Vec<u8> {
        let size = match random.u8(..) {
            0 => random.usize(..2 * BATCH_SIZE),
            1..8 => 0,
            8..100 => random.usize(..3000),
            _ => random.usize(..30),
        };
        number.to_le_bytes().into_iter().cycle().take(size).collect()
    }

    /// Does anything to several feeds of one log, and compares each with its model.
    #[test]
    fn every_feed_gives_what_was_sent_to_it_in_order() {
        for seed in 0..8 {
            let mut random = fastrand::Rng::with_seed(seed);
            let budget = Arc::new(Budget::default());
            let mut log = Log::new(Arc::clone(&budget));
            let mut feeds: Vec<Modelled> = Vec::new();
            for number in 0..3000 {
                let index = random.usize(..8);
                match (random.u8(..10), feeds.get_mut(index)) {
                    (_, None) if random.u8(..4) == 0 => {
                        let feed = Feed::new(&mut log);
                        feeds.push(Modelled { feed, expected: VecDeque::new() });
                    }
                    (0, Some(one)) if one.feed.is_open() => {
                        let frame = frame(&mut random, number);
                        one.feed.push(&frame, &log, &budget);
                        one.expected.push_back(frame);
                    }
                    (1..4, Some(one)) => {
                        let max_frames = [1, 7, u64::MAX][random.usize(..3)];
                        one.take(&mut log, max_frames, &budget);
                    }
                    (4, Some(one)) => {
                        assert_eq!(one.feed.skip(&mut log), one.expected.pop_front().is_some());
                    }
                    (5, Some(_)) if random.u8(..10) == 0 => {
                        let mut one = feeds.swap_remove(index);
                        one.feed.shut(&mut log);
                        one.check(&log);
                        assert_eq!(one.feed.clear(&mut log), one.expected.len() as u64);
                    }
                    (6, Some(one)) if random.u8(..10) == 0 => {
                        one.feed.shut(&mut log);
                    }
                    _ => {
                        let frame = frame(&mut random, number);
                        log.push(&frame);
                        for open in feeds.iter_mut().filter(|one| one.feed.is_open()) {
                            open.expected.push_back(frame.clone());
                        }
                    }
                }
                for one in &feeds {
                    one.check(&log);
                }
            }
            for mut one in feeds {
                one.feed.shut(&mut log);
                while !one.expected.is_empty() {
                    one.take(&mut log, u64::MAX, &budget);
                }
            }
            // What remains is the last block.
            assert!(budget.used() <= 2 * BATCH_SIZE, "seed {seed}: {} bytes", budget.used());
        }
    }

    #[test]
    fn what_nobody_needs_any_more_is_forgotten() {
        let budget = Arc::new(Budget::default());
        let mut log = Log::new(Arc::clone(&budget));
        let (mut ended, mut reading) = (Feed::new(&mut log), Feed::new(&mut log));
        ended.shut(&mut log);
        for _ in 0..1000 {
            log.push(&[0; 1000]);
            while reading.take(&mut log, u64::MAX, &budget).is_some() {}
        }
        assert!(budget.used() <= 2 * BATCH_SIZE, "{} bytes", budget.used());
    }
}
