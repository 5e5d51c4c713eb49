//! Merges the points of shards by their times, with the faults of a real server.
//!
//! A real server reads one shard after the other and merges their streams of points. While it waits
//! for another shard, points of several series wait in one stream, which keeps only the name of the
//! first of them: a merge or a join over more than one shard mixes its series up (measured on 0.8.9).

use std::collections::VecDeque;

/// A point with its time and the position of its series.
struct Waiting<T> {
    time: i64,
    item: T,
}

/// The points that wait in the stream of one shard.
struct Stream<T> {
    /// The series of the first of them.
    series: usize,
    waiting: VecDeque<Waiting<T>>,
}

/// The streams of all shards.
pub(super) struct Streams<T> {
    ascending: bool,
    all: Vec<Stream<T>>,
    /// The next point of each stream that has one: the stream, the series and the point.
    heads: Vec<(usize, usize, Waiting<T>)>,
    is_closed: bool,
    is_started: bool,
    /// The streams that are not at their end, once started.
    open: usize,
    last: usize,
}

impl<T> Streams<T> {
    pub(super) fn new(shards: usize, ascending: bool) -> Self {
        let stream = || Stream { series: 0, waiting: VecDeque::new() };
        Self {
            ascending,
            all: std::iter::repeat_with(stream).take(shards).collect(),
            heads: Vec::new(),
            is_closed: false,
            is_started: false,
            open: 0,
            last: 0,
        }
    }

    /// Takes points of one series from a shard; hands on those whose turn has come, each with the
    /// series that the server takes it for, until `emit` wants no more.
    pub(super) fn push<E>(
        &mut self,
        shard: usize,
        series: usize,
        points: impl IntoIterator<Item = (i64, T)>,
        emit: &mut impl FnMut(usize, T) -> Result<bool, E>,
    ) -> Result<bool, E> {
        if let Some(stream) = self.all.get_mut(shard) {
            if stream.waiting.is_empty() {
                stream.series = series;
            }
            stream.waiting.extend(points.into_iter().map(|(time, item)| Waiting { time, item }));
        }
        self.update(emit)
    }

    /// Hands on what waits: no more points come.
    pub(super) fn close<E>(
        &mut self,
        emit: &mut impl FnMut(usize, T) -> Result<bool, E>,
    ) -> Result<bool, E> {
        self.is_closed = true;
        self.update(emit)
    }

    fn update<E>(&mut self, emit: &mut impl FnMut(usize, T) -> Result<bool, E>) -> Result<bool, E> {
        if self.is_started {
            if !self.advance(self.last) && self.is_closed {
                self.open = self.open.saturating_sub(1);
            }
            if self.heads.len() != self.open {
                return Ok(true);
            }
        } else {
            while self.heads.len() != self.all.len() {
                if self.advance(self.last) {
                    self.last += 1;
                } else if self.is_closed {
                    self.all.swap_remove(self.last);
                } else {
                    return Ok(true);
                }
            }
            self.is_started = true;
            self.open = self.all.len();
        }
        while self.open > 0 {
            let Some((stream, series, point)) = self.take_first() else { break };
            self.last = stream;
            if !emit(series, point.item)? {
                return Ok(false);
            }
            if !self.advance(stream) {
                if !self.is_closed {
                    break;
                }
                self.open -= 1;
            }
        }
        Ok(true)
    }

    /// Moves the next point of a stream to the heads; returns whether there is one.
    fn advance(&mut self, index: usize) -> bool {
        let Some(stream) = self.all.get_mut(index) else { return false };
        let Some(point) = stream.waiting.pop_front() else { return false };
        self.heads.push((index, stream.series, point));
        true
    }

    fn take_first(&mut self) -> Option<(usize, usize, Waiting<T>)> {
        let times = self.heads.iter().map(|(.., point)| point.time).enumerate();
        let (position, _) = if self.ascending {
            times.min_by_key(|(_, time)| *time)
        } else {
            times.min_by_key(|(_, time)| std::cmp::Reverse(*time))
        }?;
        Some(self.heads.swap_remove(position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares the series of the points that come out, for events of a shard, a series and a time.
    fn check(shards: usize, events: &[(usize, usize, i64)], expected: &[(usize, i64)]) {
        let mut streams = Streams::new(shards, false);
        let mut found = Vec::new();
        let mut emit = |series, time| {
            found.push((series, time));
            Ok::<_, ()>(true)
        };
        for &(shard, series, time) in events {
            streams.push(shard, series, [(time, time)], &mut emit).unwrap();
        }
        streams.close(&mut emit).unwrap();
        assert_eq!(found, expected);
    }

    #[test]
    fn points_of_one_shard_keep_their_series_and_those_of_several_mix() {
        check(1, &[(0, 0, 4), (0, 1, 3), (0, 0, 2)], &[(0, 4), (1, 3), (0, 2)]);
        check(
            2,
            &[(0, 0, 9), (0, 1, 8), (0, 0, 7), (1, 1, 3), (1, 0, 2), (1, 1, 1)],
            &[(0, 9), (1, 8), (1, 7), (1, 3), (0, 2), (0, 1)],
        );
        check(2, &[(1, 0, 3), (1, 1, 2)], &[(0, 3), (0, 2)]);
        check(2, &[], &[]);
    }
}
