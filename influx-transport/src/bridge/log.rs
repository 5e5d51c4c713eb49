//! The log of the messages to all peers, in which every peer has a place.

use std::collections::VecDeque;
use std::mem::take;
use std::ops::Range;
use std::sync::Arc;

use bytes::BytesMut;

use super::block::{Block, Position};
use super::budget::Budget;

/// Encoded frames, in blocks that are dropped when no reader needs them any more.
///
/// A frame is copied into its block once. Readers that are behind share whole blocks, at the same
/// cost for any number of readers.
pub(super) struct Log {
    blocks: VecDeque<Block>,
    /// The number of the first block.
    first: u64,
    end: Position,
    budget: Arc<Budget>,
}

/// A reader's place in a log. Give it back with [`Log::leave`].
#[derive(Debug)]
pub(super) struct Cursor {
    block: u64,
    /// The frames of the block before it.
    frame: usize,
}

impl Log {
    pub(super) fn new(budget: Arc<Budget>) -> Self {
        let empty = Block::new(Position::default(), 0, &budget);
        Self { blocks: [empty].into(), first: 0, end: Position::default(), budget }
    }

    pub(super) fn end(&self) -> Position {
        self.end
    }

    pub(super) fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// Appends a frame. The buffer of a large one is taken over.
    pub(super) fn push(&mut self, frame: &mut BytesMut) {
        let (start, size) = (self.end, frame.len());
        self.end.frames += 1;
        self.end.bytes += size as u64;
        if size > BLOCK_SIZE {
            self.blocks.push_back(Block::of(start, take(frame).into(), &self.budget));
            // Readers go on to the empty block, so that the large one is dropped without another frame.
            self.blocks.push_back(Block::new(self.end, 0, &self.budget));
        } else if !self.blocks.back_mut().is_some_and(|block| block.push(frame)) {
            let mut block = Block::new(start, BLOCK_SIZE, &self.budget);
            block.push(frame);
            self.blocks.push_back(block);
        } else {
            return;
        }
        self.trim();
    }

    /// A new reader behind the last frame.
    pub(super) fn enter(&mut self) -> Cursor {
        let frame = self.blocks.back().map_or(0, Block::len);
        let last = self.first + self.blocks.len().saturating_sub(1) as u64;
        self.move_readers(None, Some(last));
        Cursor { block: last, frame }
    }

    #[expect(clippy::needless_pass_by_value, reason = "the cursor is invalid afterwards")]
    pub(super) fn leave(&mut self, cursor: Cursor) {
        self.move_readers(Some(cursor.block), None);
    }

    pub(super) fn position(&self, cursor: &Cursor) -> Position {
        self.block(cursor.block).map_or(self.end, |block| block.position(cursor.frame))
    }

    /// The next frames of one block, up to the limits, but at least one if any follows.
    pub(super) fn run(
        &mut self,
        cursor: &mut Cursor,
        max_frames: u64,
        max_bytes: usize,
    ) -> Option<(&mut Block, Range<usize>)> {
        self.enter_next(cursor);
        let block = self.block_mut(cursor.block)?;
        let frames = block.run(cursor.frame, max_frames, max_bytes);
        (!frames.is_empty()).then_some((block, frames))
    }

    /// Moves over `frames` frames, or to the end.
    pub(super) fn advance(&mut self, cursor: &mut Cursor, mut frames: u64) {
        loop {
            let left = self.block(cursor.block).map_or(0, |block| block.len() - cursor.frame);
            let step = usize::try_from(frames).unwrap_or(usize::MAX).min(left);
            cursor.frame += step;
            frames -= step as u64;
            if !self.enter_next(cursor) || frames == 0 {
                return;
            }
        }
    }

    /// Moves from the end of a block to the next one.
    fn enter_next(&mut self, cursor: &mut Cursor) -> bool {
        let at_end = self.block(cursor.block).is_some_and(|block| cursor.frame == block.len());
        let moves = at_end && self.block(cursor.block + 1).is_some();
        if moves {
            self.move_readers(Some(cursor.block), Some(cursor.block + 1));
            *cursor = Cursor { block: cursor.block + 1, frame: 0 };
        }
        moves
    }

    fn move_readers(&mut self, from: Option<u64>, to: Option<u64>) {
        if let Some(block) = to.and_then(|to| self.block_mut(to)) {
            block.readers += 1;
        }
        if let Some(block) = from.and_then(|from| self.block_mut(from)) {
            block.readers -= 1;
        }
        self.trim();
    }

    fn trim(&mut self) {
        while self.blocks.len() > 1 && self.blocks.front().is_some_and(|block| block.readers == 0) {
            self.blocks.pop_front();
            self.first += 1;
        }
    }

    fn index(&self, block: u64) -> Option<usize> {
        block.checked_sub(self.first).and_then(|index| usize::try_from(index).ok())
    }

    fn block(&self, number: u64) -> Option<&Block> {
        self.index(number).and_then(|index| self.blocks.get(index))
    }

    fn block_mut(&mut self, number: u64) -> Option<&mut Block> {
        self.index(number).and_then(|index| self.blocks.get_mut(index))
    }
}

/// The size of a block. A larger frame has a block of its own.
pub(super) const BLOCK_SIZE: usize = 64 * 1024;
