//! The part of a bridge that its tasks see.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::watch;
use tokio::time::Instant;

use super::hub::Hub;
use super::inbox::Inbox;
use super::options::BridgeOptions;

pub(super) struct Shared<M> {
    pub(super) hub: Arc<Hub>,
    pub(super) inbox: Inbox<M>,
    /// When the bridge must be closed, once it is to be.
    deadline: watch::Sender<Option<Instant>>,
    ended: watch::Sender<bool>,
}

impl<M> Shared<M> {
    pub(super) fn new(options: BridgeOptions) -> Arc<Self> {
        let options = options.sound();
        Arc::new(Self {
            inbox: Inbox::new(&options),
            hub: Arc::new(Hub::new(options)),
            deadline: watch::Sender::new(None),
            ended: watch::Sender::new(false),
        })
    }

    /// Ends all tasks when nothing waits any more, by the deadline at the latest.
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

    /// Waits for `work`. Once the bridge is to be closed, gives it up and returns the deadline.
    pub(super) async fn until_closing<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<T, Instant> {
        let mut deadline = self.deadline.subscribe();
        let mut closing = pin!(deadline.wait_for(Option::is_some));
        let mut work = pin!(work);
        poll_fn(|cx| {
            if let Poll::Ready(Ok(deadline)) = closing.as_mut().poll(cx)
                && let Some(deadline) = *deadline
            {
                return Poll::Ready(Err(deadline));
            }
            work.as_mut().poll(cx).map(Ok)
        })
        .await
    }

    /// Waits for `work`, and gives it up when the closing of the bridge begins meanwhile.
    pub(super) async fn unless_interrupted<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        if self.is_closing() { Some(work.await) } else { self.until_closing(work).await.ok() }
    }

    pub(super) async fn ended(&self) {
        drop(self.ended.subscribe().wait_for(|ended| *ended).await);
    }
}

/// Reports the end of the tasks when it is dropped.
pub(super) struct End<M>(pub(super) Arc<Shared<M>>);

impl<M> Drop for End<M> {
    fn drop(&mut self) {
        self.0.hub.begin_closing();
        self.0.inbox.close();
        self.0.ended.send_replace(true);
    }
}
