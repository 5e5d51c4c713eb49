//! What a fault proxy does to the connections that go through it.

use std::num::NonZeroU64;

/// The way of bytes through a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a connection has two")]
pub enum Direction {
    /// From the server to the client.
    ToClient,
    /// From the client to the server.
    ToServer,
}

/// All that a proxy does at the moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    to_client: Faults,
    to_server: Faults,
    /// Counts the orders to reset all connections.
    pub(super) resets: u64,
}

impl Plan {
    pub(super) fn faults(&self, direction: Direction) -> &Faults {
        match direction {
            Direction::ToClient => &self.to_client,
            Direction::ToServer => &self.to_server,
        }
    }

    pub(super) fn faults_mut(&mut self, direction: Direction) -> &mut Faults {
        match direction {
            Direction::ToClient => &mut self.to_client,
            Direction::ToServer => &mut self.to_server,
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self { resets: self.resets, ..Self::default() };
    }
}

/// What happens to the bytes of one direction. All numbers count from each connection's beginning.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Faults {
    /// Where the direction ends, and how.
    pub(super) cut: Option<(u64, Cut)>,
    pub(super) stalled: bool,
    /// In bytes per second.
    pub(super) rate: Option<NonZeroU64>,
    /// The most bytes that are written at once.
    pub(super) chunk: Option<NonZeroU64>,
    /// Which byte is changed, and which of its bits.
    pub(super) corrupt: Option<(u64, u8)>,
}

impl Faults {
    /// How many bytes may be forwarded at once after this many.
    pub(super) fn limit(&self, forwarded: u64) -> u64 {
        let cut = self.cut.map(|(at, _)| at.saturating_sub(forwarded));
        let chunk = self.chunk.map(NonZeroU64::get);
        // Twenty portions a second make an even flow.
        let portion = self.rate.map(|rate| (rate.get() / 20).max(1));
        [cut, chunk, portion].into_iter().flatten().min().unwrap_or(u64::MAX)
    }

    /// How the direction ends after this many bytes, if it does.
    pub(super) fn cut_after(&self, forwarded: u64) -> Option<Cut> {
        self.cut.filter(|(at, _)| forwarded >= *at).map(|(_, cut)| cut)
    }

    /// Changes what is to be changed in bytes that follow after this many.
    pub(super) fn apply(&self, bytes: &mut [u8], forwarded: u64) {
        let Some((at, bits)) = self.corrupt else { return };
        let index = at.checked_sub(forwarded).and_then(|index| usize::try_from(index).ok());
        if let Some(byte) = index.and_then(|index| bytes.get_mut(index)) {
            *byte ^= bits;
        }
    }
}

/// How a direction ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Cut {
    /// In order.
    Fin,
    /// By a reset, which ends the other direction too.
    Reset,
}
