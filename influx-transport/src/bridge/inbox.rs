//! What waits for the program.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::sync::Notify;

use super::{BridgeEvent, BridgeOptions, PeerId};

/// Where events wait for the program. Peers wait while it is full.
pub(super) struct Inbox<M> {
    state: Mutex<State<M>>,
    /// Tells a receiver that there is something.
    arrived: Notify,
    max_events: usize,
    max_bytes: usize,
    discards: bool,
}

/// An event, and how many bytes it took on the wire.
pub(super) struct Delivered<M> {
    pub(super) event: BridgeEvent<M>,
    pub(super) bytes: usize,
}

impl<M> From<BridgeEvent<M>> for Delivered<M> {
    /// An event that is no message.
    fn from(event: BridgeEvent<M>) -> Self {
        Self { event, bytes: 0 }
    }
}

struct State<M> {
    events: VecDeque<(PeerId, Delivered<M>)>,
    bytes: usize,
    /// The tasks of the peers that wait for room.
    waiting: HashMap<PeerId, Waker>,
    /// Nothing more will come.
    closed: bool,
}

impl<M> Inbox<M> {
    pub(super) fn new(options: &BridgeOptions) -> Self {
        let state =
            State { events: VecDeque::new(), bytes: 0, waiting: HashMap::new(), closed: false };
        Self {
            state: Mutex::new(state),
            arrived: Notify::new(),
            max_events: options.max_received_events,
            max_bytes: options.max_received_bytes,
            discards: options.discard_events,
        }
    }

    /// Waits for the next event; none will come any more if there is none.
    pub(super) async fn recv(&self) -> Option<(PeerId, BridgeEvent<M>)> {
        loop {
            match self.pop() {
                Poll::Ready(event) => return event,
                Poll::Pending => self.arrived.notified().await,
            }
        }
    }

    /// Puts all of these events of a peer behind the others, when there is room.
    pub(super) fn poll_push(
        &self,
        cx: &mut Context<'_>,
        peer: PeerId,
        events: &mut Vec<Delivered<M>>,
    ) -> Poll<()> {
        if self.discards {
            events.clear();
            return Poll::Ready(());
        }
        let mut state = self.state();
        if state.events.len() >= self.max_events || state.bytes >= self.max_bytes {
            state.waiting.insert(peer, cx.waker().clone());
            return Poll::Pending;
        }
        state.push(peer, events);
        drop(state);
        self.arrived.notify_one();
        Poll::Ready(())
    }

    /// Puts all of these events of a peer behind the others, however many they are.
    pub(super) fn force(&self, peer: PeerId, mut events: Vec<Delivered<M>>) {
        if !events.is_empty() && !self.discards {
            self.state().push(peer, &mut events);
            self.arrived.notify_one();
        }
    }

    /// Nothing more will come.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.arrived.notify_one();
    }

    fn pop(&self) -> Poll<Option<(PeerId, BridgeEvent<M>)>> {
        let mut state = self.state();
        let Some((peer, Delivered { event, bytes })) = state.events.pop_front() else {
            if !state.closed {
                return Poll::Pending;
            }
            // The other receivers must learn it too.
            self.arrived.notify_one();
            return Poll::Ready(None);
        };
        state.bytes -= bytes;
        let low = state.events.len() <= self.max_events / 2 && state.bytes <= self.max_bytes / 2;
        let waiting =
            (low && !state.waiting.is_empty()).then(|| std::mem::take(&mut state.waiting));
        if !state.events.is_empty() {
            // One notification stands for any number of events.
            self.arrived.notify_one();
        }
        drop(state);
        waiting.into_iter().flat_map(HashMap::into_values).for_each(Waker::wake);
        Poll::Ready(Some((peer, event)))
    }

    fn state(&self) -> MutexGuard<'_, State<M>> {
        // No code that runs under the lock can leave it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M> State<M> {
    fn push(&mut self, peer: PeerId, events: &mut Vec<Delivered<M>>) {
        for event in events.drain(..) {
            self.bytes += event.bytes;
            self.events.push_back((peer, event));
        }
    }
}
