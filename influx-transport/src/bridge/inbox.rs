//! The events that wait for the program.

use std::collections::{HashMap, VecDeque};
use std::sync::MutexGuard;
use std::task::{Context, Poll, Waker};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::event::{BridgeEvent, PeerId};
use super::options::BridgeOptions;
use crate::lock::Lock;

/// The queue of events for the program. Peers wait while it is full.
pub(super) struct Inbox<M> {
    state: Lock<State<M>>,
    arrived: Notify,
    max_events: usize,
    max_bytes: usize,
    discards: bool,
}

/// An event, and the size of its message on the wire.
pub(super) type Measured<M> = (BridgeEvent<M>, usize);

struct State<M> {
    events: VecDeque<(PeerId, Measured<M>)>,
    bytes: usize,
    waiting: HashMap<PeerId, Waker>,
    closed: bool,
}

impl<M> Inbox<M> {
    pub(super) fn new(options: &BridgeOptions) -> Self {
        let state =
            State { events: VecDeque::new(), bytes: 0, waiting: HashMap::new(), closed: false };
        Self {
            state: Lock::new(state),
            arrived: Notify::new(),
            max_events: options.max_received_events,
            max_bytes: options.max_received_bytes,
            discards: options.discard_events,
        }
    }

    pub(super) async fn recv(&self) -> Option<(PeerId, BridgeEvent<M>)> {
        loop {
            if let Poll::Ready(event) = self.pop() {
                return event;
            }
            // Apart, since it costs as much as an event.
            let arrival = self.arrival();
            if let Poll::Ready(event) = self.pop() {
                return event;
            }
            arrival.await;
        }
    }

    /// Is ready after the next push, even if it is not polled before. All receivers are notified,
    /// so that one that is not polled holds up no other.
    pub(super) fn arrival(&self) -> Notified<'_> {
        self.arrived.notified()
    }

    /// Takes the next event if there is one. To wait, create an [`arrival`](Self::arrival) before.
    pub(super) fn pop(&self) -> Poll<Option<(PeerId, BridgeEvent<M>)>> {
        let mut state = self.state.lock();
        let Some((peer, (event, bytes))) = state.events.pop_front() else {
            return if state.closed { Poll::Ready(None) } else { Poll::Pending };
        };
        state.bytes -= bytes;
        let low = state.events.len() <= self.max_events / 2 && state.bytes <= self.max_bytes / 2;
        let waiting =
            (low && !state.waiting.is_empty()).then(|| std::mem::take(&mut state.waiting));
        drop(state);
        waiting.into_iter().flat_map(HashMap::into_values).for_each(Waker::wake);
        Poll::Ready(Some((peer, event)))
    }

    /// Appends all of these events of a peer when there is room.
    pub(super) fn poll_push(
        &self,
        cx: &mut Context<'_>,
        peer: PeerId,
        events: &mut Vec<Measured<M>>,
    ) -> Poll<()> {
        let mut state = self.state.lock();
        let full = state.events.len() >= self.max_events || state.bytes >= self.max_bytes;
        if full && !self.discards {
            state.waiting.insert(peer, cx.waker().clone());
            return Poll::Pending;
        }
        self.push(state, peer, events);
        Poll::Ready(())
    }

    /// Appends all of these events of a peer, even if there is no room.
    pub(super) fn force(&self, peer: PeerId, mut events: Vec<Measured<M>>) {
        self.push(self.state.lock(), peer, &mut events);
    }

    fn push(
        &self,
        mut state: MutexGuard<'_, State<M>>,
        peer: PeerId,
        events: &mut Vec<Measured<M>>,
    ) {
        if self.discards {
            events.clear();
            return;
        }
        for event in events.drain(..) {
            state.bytes += event.1;
            state.events.push_back((peer, event));
        }
        drop(state);
        self.arrived.notify_waiters();
    }

    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.arrived.notify_waiters();
    }
}
