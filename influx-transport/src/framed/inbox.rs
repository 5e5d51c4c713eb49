//! The task's side of a mailbox.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::mem;
use std::ops::Add;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::time::Instant;

use super::Stats;
use super::command::Command;
use super::ledger::Ledger;
use super::mailbox::{Contents, Mailbox};
use super::role::Role;
use super::room::Share;
use crate::{Delivery, Error};

/// The task's side of a mailbox: takes commands out in order, and puts outcomes in.
pub(super) struct Inbox<R: Role> {
    mailbox: Arc<Mailbox<R::Answer>>,
    /// What was fetched from the mailbox, and still takes its share of the room there.
    commands: VecDeque<Command>,
    /// What has been carried out since, and whose share is to be given back.
    done: Share,
    wakers: Vec<Waker>,
}

impl<R: Role> Inbox<R> {
    pub(super) fn new(mailbox: Arc<Mailbox<R::Answer>>) -> Self {
        Self { mailbox, commands: VecDeque::new(), done: Share::default(), wakers: Vec::new() }
    }

    /// Fetches what callers have left, and settles what the ledger says. The task will be woken when
    /// there is more.
    pub(super) fn sync(&mut self, cx: &Context<'_>, ledger: &mut Ledger<R::Answer>) {
        let mut contents = self.mailbox.lock();
        if !contents.task.as_ref().is_some_and(|task| task.will_wake(cx.waker())) {
            contents.task = Some(cx.waker().clone());
        }
        if self.commands.is_empty() {
            mem::swap(&mut self.commands, &mut contents.commands);
        } else {
            self.commands.append(&mut contents.commands);
        }
        if R::ANSWERS && contents.outcomes.were_abandoned() {
            self.commands.retain(|command| {
                let kept = !contents.forget_abandoned(command);
                if !kept {
                    self.done += self.mailbox.share(command.size());
                }
                kept
            });
        }
        if self.has_news(ledger) {
            Self::report(&mut contents, ledger, mem::take(&mut self.done), &mut self.wakers);
        }
        drop(contents);
        self.wakers.drain(..).for_each(Waker::wake);
    }

    /// Settles what the ledger says.
    pub(super) fn settle(&mut self, ledger: &mut Ledger<R::Answer>) {
        if self.has_news(ledger) {
            let mut contents = self.mailbox.lock();
            Self::report(&mut contents, ledger, mem::take(&mut self.done), &mut self.wakers);
            drop(contents);
            self.wakers.drain(..).for_each(Waker::wake);
        }
    }

    /// The next command to be carried out, of those that were fetched.
    pub(super) fn next(&mut self) -> Option<Command> {
        let command = self.commands.pop_front()?;
        self.done += self.mailbox.share(command.size());
        Some(command)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Puts a command back in front of all others.
    pub(super) fn put_back(&mut self, command: Command) {
        self.mailbox.lock().room.force(self.mailbox.share(command.size()));
        self.commands.push_front(command);
    }

    /// Waits for a command that needs a connection, and leaves it where it is.
    pub(super) async fn need_connection(&mut self) {
        poll_fn(|cx| {
            self.sync(cx, &mut Ledger::new());
            while let Some(command) = self.next() {
                match command {
                    // There is nothing to close.
                    Command::Disconnect(done) => drop(done.send(Ok(()))),
                    Command::Connect(done) if done.is_closed() => {}
                    command => {
                        self.put_back(command);
                        break;
                    }
                }
            }
            self.settle(&mut Ledger::new());
            if self.commands.is_empty() { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
    }

    /// Fails what waits after a failed attempt to connect, but for messages that may wait longer.
    pub(super) fn fail_waiting(&mut self, error: &Error) {
        let error = error.clone().with_delivery(Delivery::NotSent);
        let now = Instant::now();
        let mut ledger = Ledger::new();
        self.commands.append(&mut self.mailbox.lock().commands);
        for command in mem::take(&mut self.commands) {
            let share = self.mailbox.share(command.size());
            match command {
                Command::Send(message) if message.keep_until.is_none_or(|until| until <= now) => {
                    ledger.settle(message.key, Err(error.clone()));
                    self.done += share;
                }
                Command::Connect(done) => {
                    drop(done.send(Err(error.clone())));
                    self.done += share;
                }
                command => self.commands.push_back(command),
            }
        }
        self.settle(&mut ledger);
    }

    pub(super) fn count(&self, change: impl FnOnce(&mut Stats)) {
        change(&mut self.mailbox.lock().stats);
    }

    /// Whether there is anything that callers may wait for.
    fn has_news(&self, ledger: &Ledger<R::Answer>) -> bool {
        !ledger.is_empty() || self.done != Share::default()
    }

    /// Tells callers what became of their messages. Whoever hears of it finds it counted.
    fn report(
        contents: &mut Contents<R::Answer>,
        ledger: &mut Ledger<R::Answer>,
        done: Share,
        wakers: &mut Vec<Waker>,
    ) {
        let Contents { outcomes, room, stats, .. } = contents;
        ledger.add_to(stats);
        for (key, outcome) in ledger.outcomes() {
            stats.in_flight -= 1;
            let failed = outcome.is_err();
            let heard = outcomes.settle(key, outcome, wakers);
            let counter = match (failed, heard) {
                (true, _) => &mut stats.failed,
                (false, true) => &mut stats.received,
                (false, false) => &mut stats.discarded,
            };
            if failed || R::ANSWERS {
                *counter += 1;
            }
        }
        room.release(done, wakers);
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
        self.commands.append(&mut contents.commands);
        let left = self.commands.iter().map(|command| self.mailbox.share(command.size()));
        let left = left.fold(self.done, Share::add);
        contents.room.release(left, &mut self.wakers);
        drop(contents);
        self.wakers.drain(..).for_each(Waker::wake);
    }
}
