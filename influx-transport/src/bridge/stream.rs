//! The events of a bridge as a stream of the futures crates.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::sync::futures::Notified;

use super::event::{BridgeEvent, PeerId};
use super::inbox::Inbox;

/// The events of a bridge, see [`Bridge::events`](super::Bridge::events).
#[must_use = "a stream does nothing until it is polled"]
pub struct BridgeEvents<'a, M> {
    inbox: &'a Inbox<M>,
    arrival: Pin<Box<Notified<'a>>>,
}

impl<'a, M> BridgeEvents<'a, M> {
    pub(super) fn new(inbox: &'a Inbox<M>) -> Self {
        Self { inbox, arrival: Box::pin(inbox.arrival()) }
    }
}

impl<M> Stream for BridgeEvents<'_, M> {
    type Item = (PeerId, BridgeEvent<M>);

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { inbox, arrival } = self.get_mut();
        loop {
            if let Poll::Ready(event) = inbox.pop() {
                return Poll::Ready(event);
            }
            ready!(arrival.as_mut().poll(cx));
            arrival.set(inbox.arrival());
        }
    }
}

impl<M> fmt::Debug for BridgeEvents<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeEvents").finish_non_exhaustive()
    }
}
