//! One open connection: many messages out in few writes, answers in as they come.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::Shared;
use super::alarm::Alarm;
use super::command::{Command, Message};
use super::inbox::Inbox;
use super::ledger::Ledger;
use super::role::Role;
use super::unfit;
use crate::{Delivery, Error, ErrorKind, Phase};

/// One open connection. Dropping it closes it.
pub(super) struct Connection<'a, S, R: Role> {
    stream: S,
    role: R,
    shared: &'a Shared,
    input: BytesMut,
    /// What is encoded and not written yet.
    out: BytesMut,
    /// How many bytes were encoded and written, from the connection's beginning.
    encoded: u64,
    written: u64,
    /// Whether something was written that the stream may still hold.
    unflushed: bool,
    last_write: Instant,
    /// The messages that are not wholly written and flushed.
    unsent: VecDeque<Unsent>,
    /// What was taken from the inbox in one go; empty in between.
    batch: Vec<Command>,
    ledger: Ledger<R::Answer>,
    /// Why nothing can be written any more. Answers may still arrive.
    write_error: Option<Error>,
    /// Who waits for the connection to be closed in order.
    closing: Option<oneshot::Sender<Result<(), Error>>>,
    alarm: Alarm,
}

/// How a connection ended.
pub(super) enum End {
    /// Because this caller wanted it.
    Asked(oneshot::Sender<Result<(), Error>>, Result<(), Error>),
    /// While it was in use.
    Broken,
    /// While it was not in use.
    Idle,
    /// Before the peer had shown that it works.
    Unproven(Error),
}

/// A message that takes these bytes of what is written.
struct Unsent {
    message: Message,
    start: u64,
    end: u64,
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
            out: BytesMut::new(),
            encoded: 0,
            written: 0,
            unflushed: false,
            last_write: Instant::now(),
            unsent: VecDeque::new(),
            batch: Vec::new(),
            ledger: Ledger::new(),
            write_error: None,
            closing: None,
            alarm: Alarm::new(),
        }
    }

    /// Carries out commands until the connection ends. Those that it could not carry out, and of
    /// which the peer has seen nothing, are put back.
    pub(super) async fn run(mut self, inbox: &mut Inbox<R>) -> End {
        loop {
            let worked = poll_fn(|cx| self.poll_work(cx, inbox)).await;
            if let Err(error) = worked {
                // That nothing could be sent is the reason for all that followed.
                let error = self.write_error.take().unwrap_or(error);
                return self.broken(&error, inbox);
            }
            inbox.settle(&mut self.ledger);
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

    /// Does what can be done now: reads once, writes once. Not more, so that a peer that always has
    /// something to say, or always takes more, holds up nothing else.
    fn poll_work(&mut self, cx: &mut Context<'_>, inbox: &mut Inbox<R>) -> Poll<Result<(), Error>> {
        // First what the peer says: if it closed the connection, no message is lost on it.
        let mut done = false;
        if let Poll::Ready(read) = self.poll_read(cx) {
            self.received(read)?;
            done = true;
        }
        // All that waits goes into one write.
        done |= self.fill(cx, inbox);
        if let Poll::Ready(written) = self.poll_write(cx) {
            self.wrote(written);
            done = true;
        }
        if self.alarm.poll(cx, self.deadline()).is_ready() {
            self.expire()?;
            done = true;
        }
        if done { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.input.capacity() - self.input.len() < READ_SIZE / 4 {
            self.input.reserve(READ_SIZE);
        }
        pin!(self.stream.read_buf(&mut self.input)).poll(cx)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.write_error.is_some() {
            return Poll::Pending;
        }
        let mut stream = Pin::new(&mut self.stream);
        if !self.unflushed {
            if self.out.is_empty() {
                return Poll::Pending;
            }
            let written = ready!(stream.as_mut().poll_write(cx, &self.out))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.out.advance(written);
            self.written += written as u64;
            self.unflushed = true;
            self.last_write = Instant::now();
        }
        ready!(stream.poll_flush(cx))?;
        self.unflushed = false;
        Poll::Ready(Ok(()))
    }

    /// Takes as much to write as there is room for. Returns whether there was anything.
    fn fill(&mut self, cx: &Context<'_>, inbox: &mut Inbox<R>) -> bool {
        if self.closing.is_some() || self.write_error.is_some() {
            return false;
        }
        let under_way = self.unsent.len() + self.role.waiting();
        let max_count = self.shared.options.max_in_flight.saturating_sub(under_way);
        let max_bytes = WRITE_SIZE.saturating_sub(self.out.len());
        if max_count == 0 || max_bytes == 0 {
            return false;
        }
        let mut batch = std::mem::take(&mut self.batch);
        inbox.take(cx, max_count, max_bytes, &mut batch);
        let taken = !batch.is_empty();
        if taken && self.out.is_empty() {
            self.last_write = Instant::now();
        }
        for command in batch.drain(..) {
            match command {
                Command::Connect(done) => drop(done.send(Ok(()))),
                Command::Disconnect(done) => self.closing = Some(done),
                Command::Send(message) => self.encode(message),
            }
        }
        self.batch = batch;
        taken
    }

    fn encode(&mut self, message: Message) {
        let before = self.out.len();
        if let Err(error) = self.role.encode(&message.frame, &mut self.out) {
            let error = unfit(error, Some(message.frame.len()));
            let error = error.with_endpoint(&self.shared.endpoint);
            return self.ledger.settle(message.key, Err(error));
        }
        let start = self.encoded;
        self.encoded += (self.out.len() - before) as u64;
        self.unsent.push_back(Unsent { message, start, end: self.encoded });
    }

    fn wrote(&mut self, written: io::Result<()>) {
        if let Err(error) = written {
            self.write_error = Some(self.shared.io_error(error, Phase::Send));
            return;
        }
        self.sent();
    }

    /// Hands over the messages that were wholly written.
    fn sent(&mut self) {
        let sent = self.unsent.partition_point(|unsent| unsent.end <= self.written);
        self.ledger.sent += sent as u64;
        for sent in self.unsent.drain(..sent) {
            self.role.taken(sent.message.key, self.last_write, &mut self.ledger);
        }
    }

    fn received(&mut self, read: io::Result<usize>) -> Result<(), Error> {
        if R::ANSWERS {
            // The peer may answer before the flush ends: an encrypted stream lets go of what was
            // written piece by piece.
            self.sent();
        }
        match read {
            Ok(0) => Err(self.role.ended(&mut self.input, &mut self.ledger)),
            Ok(_) => self.role.received(&mut self.input, &mut self.ledger),
            Err(error) => Err(self.shared.io_error(error, Phase::AwaitResponse)),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let write = self.last_write + self.shared.options.write_timeout;
        let write = (!self.unsent.is_empty()).then_some(write);
        write.into_iter().chain(self.role.deadline()).min()
    }

    fn expire(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        let limit = self.shared.options.write_timeout;
        if !self.unsent.is_empty() && self.last_write + limit <= now {
            return Err(self.shared.error(ErrorKind::Timeout(limit), Phase::Send));
        }
        self.role.expire(now, &mut self.ledger)
    }

    fn is_done(&self) -> bool {
        self.unsent.is_empty() && self.role.waiting() == 0
    }

    /// Tells the peer that no more will come, and waits a moment until it says the same: a system
    /// that closes a connection with unread input makes the peer lose what was sent.
    async fn close(&mut self) -> Result<(), Error> {
        let limit = self.shared.options.write_timeout;
        match timeout(limit, self.stream.shutdown()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(self.shared.io_error(error, Phase::Send)),
            Err(_) => return Err(self.shared.error(ErrorKind::Timeout(limit), Phase::Send)),
        }
        let farewell = async {
            while matches!(self.stream.read_buf(&mut self.input).await, Ok(1..)) {
                self.input.clear();
            }
        };
        // A peer that does not close its side loses nothing by our doing so.
        drop(timeout(FAREWELL, farewell).await);
        Ok(())
    }

    fn broken(mut self, error: &Error, inbox: &mut Inbox<R>) -> End {
        let idle = self.is_done();
        let proven = self.role.proven();
        if let Some(done) = self.closing.take() {
            inbox.put_back(Command::Disconnect(done));
        }
        while let Some(Unsent { message, start, end }) = self.unsent.pop_back() {
            let part = start < self.written && self.written < end;
            if start >= self.written || (part && !R::ANSWERS) {
                inbox.put_back(Command::Send(message));
            } else {
                let error = error.clone().with_delivery(Delivery::MaybeSent);
                self.ledger.settle(message.key, Err(error));
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

/// How much is read at once, unless the codec asks for more.
const READ_SIZE: usize = 8 * 1024;

/// No more is added to what is to be written when it has this size.
const WRITE_SIZE: usize = 64 * 1024;

/// How long a peer may take to close its side of a connection that we close.
const FAREWELL: Duration = Duration::from_secs(1);
