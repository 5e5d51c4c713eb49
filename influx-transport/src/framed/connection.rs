//! One open connection: many messages out in few writes, answers in as they come.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::mailbox::inbox::Inbox;
use super::mailbox::outcomes::Ledger;
use super::mailbox::{Command, Message};
use super::output::{Output, Progress};
use super::role::Role;
use super::shared::{Shared, unfit};
use crate::alarm::Alarm;
use crate::{Delivery, Error, ErrorKind, Phase, link};

pub(super) struct Connection<'a, S, R: Role> {
    stream: S,
    role: R,
    shared: &'a Shared,
    input: BytesMut,
    output: Output,
    ledger: Ledger<R::Answer>,
    /// The error that ended the output. Answers may still arrive.
    write_error: Option<Error>,
    /// The caller that waits until the connection is closed in order.
    closing: Option<oneshot::Sender<Result<(), Error>>>,
    alarm: Alarm,
}

pub(super) enum End {
    /// At the request of this caller, with this result.
    Asked(oneshot::Sender<Result<(), Error>>, Result<(), Error>),
    /// While it was in use.
    Broken,
    /// While it was not in use.
    Idle,
    /// Before the peer had shown that it works.
    Unproven(Error),
}

impl<'a, S, R> Connection<'a, S, R>
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
    R: Role,
{
    pub(super) fn new(stream: S, role: R, shared: &'a Shared) -> Self {
        Self {
            stream,
            role,
            shared,
            input: BytesMut::new(),
            output: Output::default(),
            ledger: Ledger::new(),
            write_error: None,
            closing: None,
            alarm: Alarm::new(),
        }
    }

    /// Carries out commands until the connection ends. Messages of which no byte was sent are put
    /// back into the queue.
    pub(super) async fn run(mut self, inbox: &mut Inbox<R::Answer>) -> End {
        loop {
            let worked = poll_fn(|cx| self.poll_work(cx, inbox)).await;
            if let Err(error) = worked {
                // A failed write is the cause of all that followed.
                let error = self.write_error.take().unwrap_or(error);
                return self.broken(&error, inbox);
            }
            // A stream that is always ready must not keep the thread to itself.
            tokio::task::consume_budget().await;
            if self.is_done()
                && let Some(done) = self.closing.take()
            {
                let closed = self.close().await;
                if let Err(error) = &closed {
                    self.role.broken(error, &mut self.ledger);
                    inbox.settle(&mut self.ledger);
                }
                return End::Asked(done, closed);
            }
        }
    }

    /// Reads twice and writes once, so that a peer that never stops sending or reading holds up
    /// nothing else. Is ready if there may be more to do; otherwise the stream, the inbox or the
    /// alarm wakes the task.
    fn poll_work(
        &mut self,
        cx: &mut Context<'_>,
        inbox: &mut Inbox<R::Answer>,
    ) -> Poll<Result<(), Error>> {
        // Input first: if the peer closed the connection, no message is lost on it. The second read
        // mostly finds nothing and registers the waker.
        let mut again = false;
        for _ in 0..2 {
            let Poll::Ready(read) = self.poll_read(cx) else {
                again = false;
                break;
            };
            self.received(read)?;
            again = true;
        }
        inbox.sync(cx, &mut self.ledger);
        // All waiting messages go into one write.
        self.fill(inbox);
        if self.write_error.is_none()
            && let Poll::Ready(written) = self.output.poll_write(cx, &mut self.stream)
        {
            match written {
                Ok(()) => self.hand_over(),
                Err(error) => self.write_error = Some(self.shared.io_error(error, Phase::Send)),
            }
            again |= !self.output.is_empty() || !inbox.is_empty();
        }
        inbox.settle(&mut self.ledger);
        if self.alarm.poll(cx, self.deadline()).is_ready() {
            self.expire()?;
            again = true;
        }
        if again || self.closing.is_some() && self.is_done() {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.input.capacity() - self.input.len() < READ_SIZE / 4 {
            self.input.reserve(READ_SIZE);
        }
        pin!(self.stream.read_buf(&mut self.input)).poll(cx)
    }

    fn fill(&mut self, inbox: &mut Inbox<R::Answer>) {
        let max_in_flight = self.shared.options.max_in_flight;
        while self.closing.is_none()
            && self.write_error.is_none()
            && self.output.has_room()
            && self.output.len() + self.role.waiting() < max_in_flight
            && let Some(command) = inbox.next()
        {
            match command {
                Command::Connect(done) => drop(done.send(Ok(()))),
                Command::Disconnect(done) => self.closing = Some(done),
                Command::Send(message) => self.encode(message),
            }
        }
    }

    fn encode(&mut self, message: Message) {
        let encode = |frame: &[u8], buffer: &mut BytesMut| self.role.encode(frame, buffer);
        if let Err((message, error)) = self.output.push(message, encode) {
            let error = unfit(error).with_endpoint(&self.shared.endpoint);
            self.ledger.settle(message.key, Err(error));
        }
    }

    fn hand_over(&mut self) {
        let written = self.output.take_written();
        if written.len() > 0 {
            self.ledger.sent += written.len() as u64;
            self.role.sent(written, &mut self.ledger);
        }
    }

    fn received(&mut self, read: io::Result<usize>) -> Result<(), Error> {
        if R::ANSWERS {
            // The peer may answer before the flush ends: an encrypted stream sends its buffer piece
            // by piece.
            self.hand_over();
        }
        match read {
            Ok(0) => Err(self.role.ended(&mut self.input, &mut self.ledger)),
            Ok(_) => self.role.received(&mut self.input, &mut self.ledger),
            Err(error) => Err(self.shared.io_error(error, Phase::Response)),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let write = self.output.stalled().map(|since| since + self.shared.options.send_timeout);
        write.into_iter().chain(self.role.deadline()).min()
    }

    fn expire(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        let limit = self.shared.options.send_timeout;
        if self.output.stalled().is_some_and(|since| since + limit <= now) {
            return Err(self.shared.error(ErrorKind::Timeout(limit), Phase::Send));
        }
        self.role.expire(now, &mut self.ledger)
    }

    fn is_done(&self) -> bool {
        self.output.is_empty() && self.role.waiting() == 0
    }

    async fn close(&mut self) -> Result<(), Error> {
        let limit = self.shared.options.send_timeout;
        match link::close(&mut self.stream, limit).await {
            Some(closed) => closed.map_err(|error| self.shared.io_error(error, Phase::Send)),
            None => Err(self.shared.error(ErrorKind::Timeout(limit), Phase::Send)),
        }
    }

    fn broken(mut self, error: &Error, inbox: &mut Inbox<R::Answer>) -> End {
        let idle = self.is_done();
        let proven = self.role.proven();
        if let Some(done) = self.closing.take() {
            inbox.put_back(Command::Disconnect(done));
        }
        for (message, progress) in self.output.into_unsent() {
            match progress {
                Progress::Nothing => inbox.put_back(Command::Send(message)),
                Progress::Part if !R::ANSWERS => inbox.put_back(Command::Send(message)),
                Progress::Part | Progress::Whole => {
                    let error = error.clone().with_delivery(Delivery::MaybeSent);
                    self.ledger.settle(message.key, Err(error));
                }
            }
        }
        self.role.broken(error, &mut self.ledger);
        inbox.settle(&mut self.ledger);
        match (proven, idle) {
            (false, _) => End::Unproven(error.clone()),
            (true, false) => End::Broken,
            (true, true) => End::Idle,
        }
    }
}

const READ_SIZE: usize = 8 * 1024;
