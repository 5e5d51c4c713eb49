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
use super::queue::Commands;
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
    unsent: VecDeque<Unsent<R::Answer>>,
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
struct Unsent<T> {
    message: Message<T>,
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
            write_error: None,
            closing: None,
            alarm: Alarm::new(),
        }
    }

    /// Carries out commands until the connection ends. Those that it could not carry out, and of
    /// which the peer has seen nothing, are put back.
    pub(super) async fn run(mut self, commands: &mut Commands<R::Answer>) -> End {
        loop {
            if let Err(error) = poll_fn(|cx| self.poll_work(cx, commands)).await {
                // That nothing could be sent is the reason for all that followed.
                let error = self.write_error.take().unwrap_or(error);
                return self.broken(&error, commands);
            }
            // A stream that is always ready must not keep the thread to itself.
            tokio::task::consume_budget().await;
            if self.is_done() {
                if let Some(done) = self.closing.take() {
                    let closed = self.close().await;
                    if let Err(error) = &closed {
                        self.role.broken(error);
                    }
                    return End::Asked(done, closed);
                }
            }
        }
    }

    /// Does what can be done now: reads once, writes once. Not more, so that a peer that always has
    /// something to say, or always takes more, holds up nothing else.
    fn poll_work(
        &mut self,
        cx: &mut Context<'_>,
        commands: &mut Commands<R::Answer>,
    ) -> Poll<Result<(), Error>> {
        // First what the peer says: if it closed the connection, no message is lost on it.
        let mut done = false;
        if let Poll::Ready(read) = self.poll_read(cx) {
            self.received(read)?;
            done = true;
        }
        // All that waits goes into one write.
        while self.has_room() {
            let Poll::Ready(command) = commands.poll_next(cx) else { break };
            self.carry_out(command);
            done = true;
        }
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

    fn has_room(&self) -> bool {
        self.closing.is_none()
            && self.write_error.is_none()
            && self.out.len() < WRITE_SIZE
            && self.unsent.len() + self.role.waiting() < self.shared.options.max_in_flight
    }

    fn carry_out(&mut self, command: Command<R::Answer>) {
        match command {
            Command::Connect(done) => drop(done.send(Ok(()))),
            Command::Disconnect(done) => self.closing = Some(done),
            Command::Send(message) => self.encode(message),
        }
    }

    fn encode(&mut self, message: Message<R::Answer>) {
        if message.reply.is_abandoned() {
            return;
        }
        if self.out.is_empty() {
            self.last_write = Instant::now();
        }
        let before = self.out.len();
        if let Err(error) = self.role.encode(&message.frame, &mut self.out) {
            let error =
                unfit(error, Some(message.frame.len())).with_endpoint(&self.shared.endpoint);
            return message.reply.fail(error);
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
        let sent = self.unsent.partition_point(|unsent| unsent.end <= self.written);
        self.shared.monitor.count(|stats| stats.sent += sent as u64);
        for sent in self.unsent.drain(..sent) {
            self.role.taken(sent.message.reply, self.last_write);
        }
    }

    fn received(&mut self, read: io::Result<usize>) -> Result<(), Error> {
        match read {
            Ok(0) => Err(self.role.ended(&mut self.input)),
            Ok(_) => self.role.received(&mut self.input),
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
        self.role.expire(now)
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

    fn broken(mut self, error: &Error, commands: &mut Commands<R::Answer>) -> End {
        let idle = self.is_done();
        let proven = self.role.proven();
        if let Some(done) = self.closing.take() {
            commands.put_back(Command::Disconnect(done));
        }
        while let Some(Unsent { message, start, end }) = self.unsent.pop_back() {
            let part = start < self.written && self.written < end;
            if start >= self.written || (part && R::RESENDS_PARTS) {
                commands.put_back(Command::Send(message));
            } else {
                message.reply.fail(error.clone().with_delivery(Delivery::MaybeSent));
            }
        }
        self.role.broken(error);
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
