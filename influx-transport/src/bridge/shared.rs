//! What a bridge shares with its tasks.

use std::future::poll_fn;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::Instant;

use super::hub::Hub;
use super::inbox::{Delivered, Inbox};
use super::race::race;
use super::{BridgeOptions, PeerId};

/// What a bridge shares with its tasks.
pub(super) struct Shared<M> {
    pub(super) hub: Arc<Hub>,
    pub(super) inbox: Inbox<M>,
    /// Until when the bridge must be closed, once it is to be.
    deadline: watch::Sender<Option<Instant>>,
    ended: watch::Sender<bool>,
}

/// Tells that the tasks have ended when it is dropped.
pub(super) struct End<M>(Arc<Shared<M>>);

impl<M> Shared<M> {
    pub(super) fn new(options: BridgeOptions) -> Self {
        let options = options.sound();
        Self {
            inbox: Inbox::new(&options),
            hub: Arc::new(Hub::new(options)),
            deadline: watch::Sender::new(None),
            ended: watch::Sender::new(false),
        }
    }

    /// Has all tasks end by then; sooner if nothing waits any more.
    pub(super) fn begin_closing(&self, deadline: Instant) {
        self.hub.begin_closing();
        self.deadline.send_if_modified(|current| {
            let earlier = current.is_none_or(|current| deadline < current);
            if earlier {
                *current = Some(deadline);
            }
            earlier
        });
    }

    pub(super) fn is_closing(&self) -> bool {
        self.deadline.borrow().is_some()
    }

    /// Waits until the bridge is to be closed. Returns until when.
    pub(super) async fn closing(&self) -> Instant {
        let mut deadline = self.deadline.subscribe();
        loop {
            if let Some(deadline) = *deadline.borrow_and_update() {
                return deadline;
            }
            // It only fails if the sender is dropped, which lives as long as `self`.
            drop(deadline.changed().await);
        }
    }

    /// Waits until all tasks have ended.
    pub(super) async fn ended(&self) {
        drop(self.ended.subscribe().wait_for(|ended| *ended).await);
    }

    pub(super) fn end_on_drop(self: &Arc<Self>) -> End<M> {
        End(Arc::clone(self))
    }

    /// Reports a peer's last events when there is room, or at once if the bridge is being closed.
    pub(super) async fn report(&self, peer: PeerId, mut events: Vec<Delivered<M>>) {
        let pushed = poll_fn(|cx| self.inbox.poll_push(cx, peer, &mut events));
        race(pushed, self.closing()).await;
        self.inbox.force(peer, events);
    }
}

impl<M> Drop for End<M> {
    fn drop(&mut self) {
        self.0.hub.begin_closing();
        self.0.inbox.close();
        self.0.ended.send_replace(true);
    }
}
