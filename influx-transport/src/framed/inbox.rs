//! The task's side of a mailbox.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::time::Instant;

use super::Stats;
use super::command::{Command, Message};
use super::ledger::Ledger;
use super::mailbox::{Contents, Mailbox};
use super::role::Role;
use crate::{Delivery, Error};

/// The task's side of a mailbox: takes commands out in order, and puts outcomes in.
pub(super) struct Inbox<R: Role> {
    mailbox: Arc<Mailbox<R::Answer>>,
    /// What was taken and put back: it comes before all others, and has no room in the mailbox.
    returned: VecDeque<Command>,
    wakers: Vec<Waker>,
}

impl<R: Role> Inbox<R> {
    pub(super) fn new(mailbox: Arc<Mailbox<R::Answer>>) -> Self {
        Self { mailbox, returned: VecDeque::new(), wakers: Vec::new() }
    }

    /// Takes commands into `batch`: so many, and only one after they have so many bytes. A
    /// request to disconnect is the last of its batch. Without any, the task will be woken.
    pub(super) fn take(
        &mut self,
        cx: &Context<'_>,
        max_count: usize,
        max_bytes: usize,
        batch: &mut Vec<Command>,
    ) {
        let (mut slots, mut cost, mut bytes) = (0, 0, 0);
        let mut contents = self.mailbox.lock();
        while batch.len() < max_count && bytes < max_bytes {
            let command = if let Some(command) = self.returned.pop_front() {
                command
            } else if let Some(command) = contents.commands.pop_front() {
                slots += 1;
                cost += self.mailbox.cost(command.size());
                command
            } else {
                if batch.is_empty() {
                    contents.task = Some(cx.waker().clone());
                }
                break;
            };
            if Self::discards(&command, &mut contents) {
                continue;
            }
            bytes += command.size();
            let is_last = matches!(command, Command::Disconnect(_));
            batch.push(command);
            if is_last {
                break;
            }
        }
        drop(contents);
        self.mailbox.release(slots, cost);
    }

    /// Puts a command back in front of all others.
    pub(super) fn put_back(&mut self, command: Command) {
        self.returned.push_front(command);
    }

    /// Waits for a command that needs a connection, and leaves it where it is.
    pub(super) async fn need_connection(&mut self) {
        let mut next = Vec::with_capacity(1);
        loop {
            poll_fn(|cx| {
                self.take(cx, 1, 1, &mut next);
                if next.is_empty() { Poll::Pending } else { Poll::Ready(()) }
            })
            .await;
            match next.pop() {
                // There is nothing to close.
                Some(Command::Disconnect(done)) => drop(done.send(Ok(()))),
                Some(command) => return self.put_back(command),
                None => {}
            }
        }
    }

    /// Fails what waits after a failed attempt to connect, but for messages that may wait longer.
    pub(super) fn fail_waiting(&mut self, error: &Error) {
        let error = error.clone().with_delivery(Delivery::NotSent);
        let now = Instant::now();
        let mut ledger = Ledger::new();
        let mut keeps = |command: Command| match command {
            Command::Send(message) if message.keep_until.is_some_and(|until| now < until) => {
                Some(Command::Send(message))
            }
            Command::Send(message) => {
                ledger.settle(message.key, Err(error.clone()));
                None
            }
            Command::Connect(done) => {
                drop(done.send(Err(error.clone())));
                None
            }
            command @ Command::Disconnect(_) => Some(command),
        };
        let mut contents = self.mailbox.lock();
        let (mut slots, mut cost) = (0, 0);
        for _ in 0..self.returned.len() {
            let kept = self.returned.pop_front().and_then(&mut keeps);
            self.returned.extend(kept);
        }
        for _ in 0..contents.commands.len() {
            let Some(command) = contents.commands.pop_front() else { break };
            let command_cost = self.mailbox.cost(command.size());
            let kept = keeps(command);
            if kept.is_none() {
                slots += 1;
                cost += command_cost;
            }
            contents.commands.extend(kept);
        }
        drop(contents);
        self.mailbox.release(slots, cost);
        self.settle(&mut ledger);
    }

    /// Tells callers what became of their messages. Whoever hears of it finds it counted.
    pub(super) fn settle(&mut self, ledger: &mut Ledger<R::Answer>) {
        if ledger.is_empty() {
            return;
        }
        let mut contents = self.mailbox.lock();
        let Contents { outcomes, stats, .. } = &mut *contents;
        ledger.add_to(stats);
        for (key, outcome) in ledger.outcomes() {
            stats.in_flight -= 1;
            let failed = outcome.is_err();
            let heard = outcomes.settle(key, outcome, &mut self.wakers);
            let counter = match (failed, heard) {
                (true, _) => &mut stats.failed,
                (false, true) => &mut stats.received,
                (false, false) => &mut stats.discarded,
            };
            if failed || R::ANSWERS {
                *counter += 1;
            }
        }
        drop(contents);
        self.wakers.drain(..).for_each(Waker::wake);
    }

    pub(super) fn count(&self, change: impl FnOnce(&mut Stats)) {
        change(&mut self.mailbox.lock().stats);
    }

    /// Removes a command that nobody wants any more.
    fn discards(command: &Command, contents: &mut Contents<R::Answer>) -> bool {
        match command {
            Command::Connect(done) => done.is_closed(),
            Command::Send(Message { key, .. })
                if R::ANSWERS && contents.outcomes.is_abandoned(*key) =>
            {
                contents.outcomes.abandon(*key);
                contents.stats.in_flight -= 1;
                true
            }
            Command::Disconnect(_) | Command::Send(_) => false,
        }
    }
}

impl<R: Role> Drop for Inbox<R> {
    fn drop(&mut self) {
        // Those who wait must learn that nobody carries out their commands any more.
        let mut contents = self.mailbox.lock();
        contents.served = false;
        contents.task = None;
        contents.stats.in_flight = 0;
        contents.outcomes.lose_all(&mut self.wakers);
        let left = std::mem::take(&mut contents.commands);
        drop(contents);
        let cost = left.iter().map(|command| self.mailbox.cost(command.size())).sum();
        self.mailbox.release(left.len(), cost);
        self.wakers.drain(..).for_each(Waker::wake);
    }
}
