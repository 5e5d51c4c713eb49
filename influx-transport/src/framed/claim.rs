//! What callers hold while their messages are under way.

use std::future::poll_fn;
use std::ops::Deref;
use std::task::{Context, Poll, ready};

use super::mailbox::Mailbox;
use super::outcomes::Key;
use crate::{Delivery, Error, ErrorKind, Phase};

/// A caller's claim to the outcome of its message. Dropping it says that nobody waits any more.
pub(super) struct Claim<M, T>
where
    M: Deref<Target = Mailbox<T>>,
{
    mailbox: M,
    /// `None` when the outcome was handed out.
    key: Option<Key>,
}

impl<M, T> Claim<M, T>
where
    M: Deref<Target = Mailbox<T>>,
{
    pub(super) fn new(mailbox: M, key: Key) -> Self {
        Self { mailbox, key: Some(key) }
    }

    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<T, Error>> {
        let Some(key) = self.key else { return Poll::Ready(Err(lost(Delivery::MaybeSent))) };
        let outcome = ready!(self.mailbox.lock().outcomes.poll(key, cx));
        self.key = None;
        Poll::Ready(outcome.unwrap_or_else(|| Err(lost(Delivery::MaybeSent))))
    }
}

impl<M, T> Drop for Claim<M, T>
where
    M: Deref<Target = Mailbox<T>>,
{
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.mailbox.lock().outcomes.abandon(key);
        }
    }
}

/// A caller's claims to the outcomes of messages that it left together.
pub(super) struct Claims<'a, T> {
    mailbox: &'a Mailbox<T>,
    keys: Vec<Key>,
}

impl<'a, T> Claims<'a, T> {
    pub(super) fn new(mailbox: &'a Mailbox<T>, keys: Vec<Key>) -> Self {
        Self { mailbox, keys }
    }

    /// Waits for all outcomes and appends them in the order of the messages.
    pub(super) async fn append_to(mut self, outcomes: &mut Vec<Result<T, Error>>) {
        let mut last_first = Vec::with_capacity(self.keys.len());
        poll_fn(|cx| self.poll(cx, &mut last_first)).await;
        outcomes.extend(last_first.into_iter().rev());
    }

    /// Begins with the last message: its outcome mostly comes after all others, so that who waits
    /// for it is woken once.
    fn poll(&mut self, cx: &Context<'_>, last_first: &mut Vec<Result<T, Error>>) -> Poll<()> {
        let mut contents = self.mailbox.lock();
        while let Some(key) = self.keys.last() {
            let outcome = ready!(contents.outcomes.poll(*key, cx));
            self.keys.pop();
            last_first.push(outcome.unwrap_or_else(|| Err(lost(Delivery::MaybeSent))));
        }
        Poll::Ready(())
    }
}

impl<T> Drop for Claims<'_, T> {
    fn drop(&mut self) {
        if self.keys.is_empty() {
            return;
        }
        let mut contents = self.mailbox.lock();
        for key in self.keys.drain(..) {
            contents.outcomes.abandon(key);
        }
    }
}

/// What to report if the task ended before the outcome, which it does only with its runtime or
/// with the transport.
pub(super) fn lost(delivery: Delivery) -> Error {
    let reason = ErrorKind::Invalid("the transport or its runtime ended before the outcome");
    Error::new(reason, Phase::Send).with_delivery(delivery)
}
