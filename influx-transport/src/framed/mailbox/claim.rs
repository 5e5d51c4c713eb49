//! A caller's hold on messages that are under way.

use std::ops::Deref;
use std::task::{Context, Poll, ready};

use super::Mailbox;
use super::outcomes::{Batch, Found};
use crate::{Delivery, Error, ErrorKind, Phase};

/// A caller's claim to the outcomes of the messages that it left together. Dropping it gives them
/// up.
pub(crate) struct Claim<M: Deref<Target = Mailbox<T>>, T> {
    mailbox: M,
    /// `None` after the outcomes were handed out.
    batch: Option<Batch>,
}

impl<M: Deref<Target = Mailbox<T>>, T> Claim<M, T> {
    pub(crate) fn new(mailbox: M, batch: Batch) -> Self {
        Self { mailbox, batch: Some(batch) }
    }

    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<T, Error>> {
        self.poll_found(cx).map(|found| settled(found.first))
    }

    pub(crate) fn poll_all(
        &mut self,
        cx: &Context<'_>,
        all: &mut Vec<Result<T, Error>>,
    ) -> Poll<()> {
        self.poll_found(cx).map(|found| {
            all.push(settled(found.first));
            all.extend(found.rest.into_iter().map(settled));
        })
    }

    fn poll_found(&mut self, cx: &Context<'_>) -> Poll<Found<T>> {
        let Some(batch) = self.batch else { return Poll::Ready(Found::default()) };
        let found = ready!(self.mailbox.contents.lock().outcomes.poll(batch, cx));
        self.batch = None;
        Poll::Ready(found)
    }
}

impl<M: Deref<Target = Mailbox<T>>, T> Drop for Claim<M, T> {
    fn drop(&mut self) {
        if let Some(batch) = self.batch {
            self.mailbox.contents.lock().outcomes.abandon(batch);
        }
    }
}

/// The error of a message whose task ended before the outcome: with its runtime, or with the
/// transport.
pub(crate) fn lost(delivery: Delivery) -> Error {
    Error::new(ErrorKind::Ended, Phase::Send).with_delivery(delivery)
}

fn settled<T>(outcome: Option<Result<T, Error>>) -> Result<T, Error> {
    outcome.unwrap_or_else(|| Err(lost(Delivery::MaybeSent)))
}
