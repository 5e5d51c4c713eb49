//! The faults that a proxy injects, and the events that it counts.

use std::num::NonZeroU64;
use std::time::Duration;

/// A direction of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a connection has two")]
pub enum Direction {
    /// From the server to the client.
    ToClient,
    /// From the client to the server.
    ToServer,
}

/// A value for each direction.
#[derive(Clone, Debug, Default)]
pub(super) struct Both<T> {
    to_client: T,
    to_server: T,
}

impl<T: Copy> Both<T> {
    pub(super) fn get(&self, direction: Direction) -> T {
        match direction {
            Direction::ToClient => self.to_client,
            Direction::ToServer => self.to_server,
        }
    }

    pub(super) fn get_mut(&mut self, direction: Direction) -> &mut T {
        match direction {
            Direction::ToClient => &mut self.to_client,
            Direction::ToServer => &mut self.to_server,
        }
    }
}

/// The faults of a proxy at the moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) faults: Both<Faults>,
    /// The number of orders to reset all connections.
    pub(super) resets: u64,
}

/// The faults of one direction. All numbers count from the beginning of each connection.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Faults {
    /// The number of bytes after which the direction ends, and the way in which it does.
    pub(super) cut: Option<(u64, Cut)>,
    pub(super) stalled: bool,
    /// In bytes per second.
    pub(super) rate: Option<NonZeroU64>,
    /// The largest number of bytes that are written at once.
    pub(super) chunk: Option<NonZeroU64>,
    /// The byte that is changed, and its inverted bits.
    pub(super) corrupt: Option<(u64, u8)>,
}

impl Faults {
    /// The number of bytes that may be forwarded at once after this many.
    pub(super) fn limit(&self, forwarded: u64) -> u64 {
        let cut = self.cut.map(|(at, _)| at.saturating_sub(forwarded));
        let chunk = self.chunk.map(NonZeroU64::get);
        // Twenty portions a second make an even flow.
        let portion = self.rate.map(|rate| (rate.get() / 20).max(1));
        [cut, chunk, portion].into_iter().flatten().min().unwrap_or(u64::MAX)
    }

    /// The time that this many bytes take.
    pub(super) fn pause(&self, bytes: u64) -> Duration {
        let rate = self.rate.and_then(|rate| u32::try_from(rate.get()).ok());
        rate.map_or(Duration::ZERO, |rate| Duration::from_secs(bytes) / rate)
    }

    /// The end of the direction, if it comes after this many bytes.
    pub(super) fn cut_after(&self, forwarded: u64) -> Option<Cut> {
        self.cut.filter(|(at, _)| forwarded >= *at).map(|(_, cut)| cut)
    }

    /// Changes bytes that follow after this many.
    pub(super) fn apply(&self, bytes: &mut [u8], forwarded: u64) {
        let Some((at, bits)) = self.corrupt else { return };
        let index = at.checked_sub(forwarded).and_then(|index| usize::try_from(index).ok());
        if let Some(byte) = index.and_then(|index| bytes.get_mut(index)) {
            *byte ^= bits;
        }
    }
}

/// The end of a direction.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Cut {
    /// In order.
    Fin,
    /// By a reset, which ends the other direction too.
    Reset,
}

/// An event of a [`FaultProxy`](super::FaultProxy) for which a test may wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ProxyEvent {
    /// This many connections have been accepted.
    Accepted(u64),
    /// This many connections have been closed.
    Closed(u64),
    /// This many bytes have been forwarded in this direction, over all connections.
    Forwarded(Direction, u64),
}

/// The counts so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Counters {
    pub(super) listening: bool,
    pub(super) accepted: u64,
    pub(super) closed: u64,
    pub(super) forwarded: Both<u64>,
}

impl Counters {
    pub(super) fn include(&self, event: ProxyEvent) -> bool {
        match event {
            ProxyEvent::Accepted(count) => self.accepted >= count,
            ProxyEvent::Closed(count) => self.closed >= count,
            ProxyEvent::Forwarded(direction, bytes) => self.forwarded.get(direction) >= bytes,
        }
    }
}
