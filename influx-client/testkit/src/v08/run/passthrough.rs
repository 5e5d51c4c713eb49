//! The blocks of an answer on their way to the client.

use std::collections::HashMap;

use super::block::Block;
use crate::v08::refusal::Refusal;

/// A consumer of blocks.
pub(super) trait Sink {
    /// Takes a block; returns whether the consumer wants more of its series.
    fn take(&mut self, block: Block) -> Result<bool, Refusal>;
}

impl<F: FnMut(Block)> Sink for F {
    fn take(&mut self, block: Block) -> Result<bool, Refusal> {
        self(block);
        Ok(true)
    }
}

/// Joins blocks of one series that follow each other, and cuts each series at the limit.
///
/// A real server has one for each shard and one behind them; the sizes of its objects, 200 points
/// or 102 or 2, come from what these two do to blocks of 100 (measured on 0.8.9).
pub(super) struct Passthrough<'a> {
    /// Points after which a block is handed on when the next one comes.
    max: usize,
    limit: Option<usize>,
    /// The points of each series so far, if there is a limit.
    counts: HashMap<String, usize>,
    pending: Option<Block>,
    next: &'a mut dyn Sink,
}

impl<'a> Passthrough<'a> {
    pub(super) fn new(max: usize, limit: Option<usize>, next: &'a mut dyn Sink) -> Self {
        Self { max, limit, counts: HashMap::new(), pending: None, next }
    }

    /// The consumer behind, for blocks that do not pass through here.
    pub(super) fn next(&mut self) -> &mut dyn Sink {
        self.next
    }

    /// Hands on the last block.
    pub(super) fn close(&mut self) -> Result<(), Refusal> {
        self.pending.take().map_or(Ok(()), |block| self.next.take(block).map(|_| ()))
    }
}

impl Sink for Passthrough<'_> {
    fn take(&mut self, mut block: Block) -> Result<bool, Refusal> {
        let mut wants_more = true;
        if let Some(limit) = self.limit {
            let count = self.counts.entry(block.series.clone()).or_default();
            block.rows.truncate(limit.saturating_sub(*count));
            *count += block.rows.len();
            wants_more = *count < limit;
        }
        if block.rows.is_empty() {
            return Ok(false);
        }
        match &mut self.pending {
            Some(pending) if pending.series == block.series && pending.rows.len() <= self.max => {
                pending.merge(block);
            }
            pending => {
                if let Some(full) = pending.replace(block) {
                    self.next.take(full)?;
                }
            }
        }
        Ok(wants_more)
    }
}

#[cfg(test)]
mod tests {
    use super::super::block::Row;
    use super::*;

    /// Compares the sizes of the blocks that come out.
    fn check(
        max: usize,
        limit: Option<usize>,
        blocks: &[(&str, usize)],
        expected: &[(&str, usize)],
    ) {
        let mut found = Vec::new();
        let mut collect = |block: Block| found.push((block.series, block.rows.len()));
        let mut passthrough = Passthrough::new(max, limit, &mut collect);
        for (series, rows) in blocks {
            let rows = vec![Row::computed(0, Vec::new()); *rows];
            let block = Block { series: (*series).to_owned(), columns: Vec::new(), rows };
            passthrough.take(block).unwrap();
        }
        passthrough.close().unwrap();
        let expected: Vec<_> =
            expected.iter().map(|(series, rows)| ((*series).to_owned(), *rows)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn blocks_are_joined_up_to_a_size_and_series_cut_at_a_limit() {
        check(100, None, &[("a", 100), ("a", 100), ("a", 100)], &[("a", 200), ("a", 100)]);
        check(1, None, &[("a", 1), ("a", 1), ("a", 1)], &[("a", 2), ("a", 1)]);
        check(100, None, &[("a", 1), ("b", 1), ("a", 1)], &[("a", 1), ("b", 1), ("a", 1)]);
        check(100, Some(3), &[("a", 2), ("a", 2), ("b", 4), ("a", 1)], &[("a", 3), ("b", 3)]);
        check(100, None, &[("a", 0)], &[]);
    }
}
