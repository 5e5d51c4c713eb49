//! The messages for one peer, in order.

use std::collections::VecDeque;
use std::mem::take;

use bytes::{Bytes, BytesMut};

use super::block::{Batch, Position};
use super::budget::Charge;
use super::log::{BLOCK_SIZE, Cursor, Log};

/// The messages for one peer, in order: those in the log from its place on, and in between those
/// for this peer only.
pub(super) struct Feed {
    /// Its place in the log; `None` after its last frame.
    cursor: Option<Cursor>,
    /// The number of frames in the log when it began.
    start: u64,
    /// The end of the log for it, once it is shut.
    until: Option<Position>,
    /// The frames for this peer only, each with the number of frames in the log before it.
    directed: VecDeque<(u64, Bytes)>,
    directed_bytes: u64,
    directed_accepted: u64,
}

impl Feed {
    /// A feed of the messages from now on. Drop it only after [`shut`](Self::shut) and
    /// [`clear`](Self::clear): its place keeps the log from dropping blocks.
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

    /// Appends a frame for this peer only. The buffer of a large one is taken over.
    pub(super) fn push(&mut self, frame: &mut BytesMut, log: &Log) {
        let frame = if frame.len() > BLOCK_SIZE { take(frame).into() } else { frame.to_vec() };
        let frame = Charge::new(log.budget(), frame.capacity()).share(frame);
        self.directed_bytes += frame.len() as u64;
        self.directed_accepted += 1;
        self.directed.push_back((log.end().frames, frame));
    }

    /// Takes the frames for one write. Few small frames are copied together; many frames of the log
    /// are shared with other peers.
    pub(super) fn take(&mut self, log: &mut Log, max_frames: u64) -> Option<Batch> {
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
            let Some((block, frames)) =
                self.cursor.as_mut().and_then(|at| log.run(at, wanted, room))
            else {
                break;
            };
            let (count, size) = (frames.len() as u64, block.size(&frames));
            if first && size >= SHARED_SIZE {
                let batch = block.share(frames);
                self.advance(log, count);
                return Some(batch);
            }
            if size > room {
                break;
            }
            block.copy(frames, &mut bytes, &mut ends);
            self.advance(log, count);
        }
        let charge = Charge::new(log.budget(), bytes.capacity());
        (!ends.is_empty()).then(|| Batch::new(charge.share(bytes), ends))
    }

    /// Drops the next frame. Returns whether there was one.
    pub(super) fn skip(&mut self, log: &mut Log) -> bool {
        let waits = self.lag(log).frames > 0;
        if self.next_directed(log).is_some() {
            self.pop_directed();
        } else {
            self.advance(log, 1);
        }
        waits
    }

    /// Drops all waiting frames, and returns their number.
    pub(super) fn clear(&mut self, log: &mut Log) -> u64 {
        let waiting = self.lag(log).frames;
        self.directed.clear();
        self.directed_bytes = 0;
        let shared = self.frames_before_directed(log);
        self.advance(log, shared);
        waiting
    }

    /// Ends the feed behind the waiting frames. Returns whether it was open.
    pub(super) fn shut(&mut self, log: &mut Log) -> bool {
        let was_open = self.is_open();
        self.until.get_or_insert(log.end());
        self.advance(log, 0);
        was_open
    }

    pub(super) fn is_open(&self) -> bool {
        self.until.is_none()
    }

    pub(super) fn lag(&self, log: &Log) -> Position {
        let (place, end) = (self.place(log), self.end(log));
        Position {
            frames: end.frames - place.frames + self.directed.len() as u64,
            bytes: end.bytes - place.bytes + self.directed_bytes,
        }
    }

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

    /// The number of the log's frames before the next frame of its own.
    fn frames_before_directed(&self, log: &Log) -> u64 {
        let next = self.directed.front().map_or(self.end(log).frames, |(place, _)| *place);
        next - self.place(log).frames
    }

    /// The size of the next frame, if that is one of its own.
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

/// The size of one write, unless one frame is larger.
const BATCH_SIZE: usize = 64 * 1024;

/// From this size on, sharing is cheaper than copying.
const SHARED_SIZE: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::budget::Budget;
    use super::*;

    /// A feed and the frames that must come out of it.
    struct Modelled {
        feed: Feed,
        expected: VecDeque<Vec<u8>>,
    }

    impl Modelled {
        fn take(&mut self, log: &mut Log, max_frames: u64) {
            let Some(batch) = self.feed.take(log, max_frames) else {
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

    /// Does random things to several feeds of one log, and compares each with its model.
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
                        one.feed.push(&mut frame[..].into(), &log);
                        one.expected.push_back(frame);
                    }
                    (1..4, Some(one)) => {
                        let max_frames = [1, 7, u64::MAX][random.usize(..3)];
                        one.take(&mut log, max_frames);
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
                        log.push(&mut frame[..].into());
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
                    one.take(&mut log, u64::MAX);
                }
            }
            // The last block remains.
            assert!(budget.used() <= 2 * BATCH_SIZE, "seed {seed}: {} bytes", budget.used());
        }
    }

    #[test]
    fn blocks_without_readers_are_dropped() {
        let budget = Arc::new(Budget::default());
        let mut log = Log::new(Arc::clone(&budget));
        let (mut ended, mut reading) = (Feed::new(&mut log), Feed::new(&mut log));
        ended.shut(&mut log);
        for _ in 0..1000 {
            log.push(&mut [0; 1000][..].into());
            while reading.take(&mut log, u64::MAX).is_some() {}
        }
        assert!(budget.used() <= 2 * BATCH_SIZE, "{} bytes", budget.used());
    }
}
