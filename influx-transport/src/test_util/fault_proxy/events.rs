//! The events and counters of a fault proxy.

use super::faults::{Both, Direction};

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
