//! The task's side of a mailbox.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::mem;
use std::ops::Add;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::time::Instant;

use super::outcomes::Ledger;
use super::room::Share;
use super::{Command, Contents, Mailbox};
use crate::framed::stats::FramedStats;
use crate::{Delivery, Error};

/// The task's side of a mailbox: takes commands out in order, and puts outcomes in.
pub(crate) struct Inbox<T> {
    mailbox: Arc<Mailbox<T>>,
    /// Whether the peer answers. Then a message whose caller gave up is not sent.
    answers: bool,
    /// Commands from the mailbox, which still take their share of the room there.
    commands: VecDeque<Command>,
    /// The share of the commands that were carried out, which is to be given back.
    done: Share,
    wakers: Vec<Waker>,
}

impl<T> Inbox<T> {
    pub(crate) fn new(mailbox: Arc<Mailbox<T>>, answers: bool) -> Self {
        let (commands, wakers) = (VecDeque::new(), Vec::new());
        Self { mailbox, answers, commands, done: Share::default(), wakers }
    }

    /// Fetches new commands and settles the ledger. The task is woken when there are more.
    pub(crate) fn sync(&mut self, cx: &Context<'_>, ledger: &mut Ledger<T>) {
        let mut contents = self.mailbox.contents.lock();
        if !contents.task.as_ref().is_some_and(|task| task.will_wake(cx.waker())) {
            contents.task = Some(cx.waker().clone());
        }
        if self.commands.is_empty() {
            mem::swap(&mut self.commands, &mut contents.commands);
        } else {
            self.commands.append(&mut contents.commands);
        }
        if self.answers && contents.outcomes.were_abandoned() {
            self.commands.retain(|command| {
                let kept = !contents.forget_abandoned(command);
                if !kept {
                    self.done += self.mailbox.share(command.size());
                }
                kept
            });
        }
        if self.has_news(ledger) {
            let done = mem::take(&mut self.done);
            Self::report(&mut contents, ledger, done, self.answers, &mut self.wakers);
        }
        drop(contents);
        self.wakers.drain(..).for_each(Waker::wake);
    }

    pub(crate) fn settle(&mut self, ledger: &mut Ledger<T>) {
        if self.has_news(ledger) {
            let mut contents = self.mailbox.contents.lock();
            let done = mem::take(&mut self.done);
            Self::report(&mut contents, ledger, done, self.answers, &mut self.wakers);
            drop(contents);
            self.wakers.drain(..).for_each(Waker::wake);
        }
    }

    pub(crate) fn next(&mut self) -> Option<Command> {
        let command = self.commands.pop_front()?;
        self.done += self.mailbox.share(command.size());
        Some(command)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Puts a command back in front of all others.
    pub(crate) fn put_back(&mut self, command: Command) {
        self.mailbox.contents.lock().room.force(self.mailbox.share(command.size()));
        self.commands.push_front(command);
    }

    /// Waits for a command that needs a connection, and leaves it in the queue.
    pub(crate) async fn need_connection(&mut self) {
        poll_fn(|cx| {
            self.sync(cx, &mut Ledger::new());
            while let Some(command) = self.next() {
                match command {
                    // No connection is open.
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

    /// Fails all commands after a failed attempt to connect, except messages that may wait longer.
    pub(crate) fn fail_waiting(&mut self, error: &Error) {
        let error = error.clone().with_delivery(Delivery::NotSent);
        let now = Instant::now();
        let mut ledger = Ledger::new();
        self.commands.append(&mut self.mailbox.contents.lock().commands);
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

    pub(crate) fn count(&self, change: impl FnOnce(&mut FramedStats)) {
        change(&mut self.mailbox.contents.lock().stats);
    }

    fn has_news(&self, ledger: &Ledger<T>) -> bool {
        !ledger.is_empty() || self.done != Share::default()
    }

    /// Hands the outcomes to the callers. They are counted before a caller can see them.
    fn report(
        contents: &mut Contents<T>,
        ledger: &mut Ledger<T>,
        done: Share,
        answers: bool,
        wakers: &mut Vec<Waker>,
    ) {
        let Contents { outcomes, room, stats, .. } = contents;
        ledger.add_to(stats);
        for (key, outcome) in ledger.outcomes.drain(..) {
            stats.in_flight -= 1;
            let failed = outcome.is_err();
            let heard = outcomes.settle(key, outcome, wakers);
            let counter = match (failed, heard) {
                (true, _) => &mut stats.failed,
                (false, true) => &mut stats.received,
                (false, false) => &mut stats.discarded,
            };
            if failed || answers {
                *counter += 1;
            }
        }
        room.release(done, wakers);
    }
}

impl<T> Drop for Inbox<T> {
    fn drop(&mut self) {
        // Waiting callers must learn that their commands are not carried out any more.
        let mut contents = self.mailbox.contents.lock();
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
