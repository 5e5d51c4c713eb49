//! One-way messages over one connection.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use influx_framing::Encoder;

use super::claim::Claim;
use super::handle::Handle;
use super::mailbox::Mailbox;
use super::one_way::OneWay;
use super::{FramedOptions, StateWatch, Stats};
use crate::{Connect, Endpoint, Error, Transport};

/// Sends messages to one peer over one connection, which nobody answers.
///
/// **A message that was sent is one that the system took**: all of its bytes, on one connection.
/// Whether the peer has read it, nobody tells. If the peer closes or resets the connection, what
/// the system took and had not delivered is lost; [`Stats::unconfirmed`] counts how many messages
/// that may concern. An answer from the peer would be the only proof: where there are answers,
/// use [`FramedTransport`](crate::framed::FramedTransport).
///
/// Messages go out in order, as many as are waiting in one write. One of which the system took
/// nothing, or only a part, when a connection ended goes over the next one, from its beginning.
/// The peer sees a message that was cut off as the end of a connection inside a frame.
///
/// What the peer says is thrown away, except that it closes the connection: from then on messages
/// go over another one. Connections are opened when a message needs one, and after a pause if one
/// ended in use or an attempt failed, as [`Backoff`](crate::Backoff) says. A connection that ended
/// within a second counts as a failed attempt. Such an attempt fails the messages that wait,
/// unless [`retry_for`](FramedOptions::retry_for) lets them wait longer.
///
/// A task on the current tokio runtime, started by the first message, owns the connection. It ends
/// when the sender and its clones are dropped, and with it what waits to be sent:
/// [`disconnect`](Transport::disconnect) before.
///
/// A program with one connection and one task that sends, and which can deal with the end of the
/// connection itself, sends small messages two to three times as fast by a
/// [`FrameWriter`](crate::framed::FrameWriter).
///
/// ```
/// use bytes::Bytes;
/// use influx_framing::DelimiterCodec;
/// use influx_transport::{Listen, Transport};
/// use influx_transport::framed::FramedSender;
/// use influx_transport::memory::memory_pair;
/// use tokio::io::AsyncReadExt;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// // In earnest it is a `TcpConnector`.
/// let (connector, listener) = memory_pair();
/// let sender = FramedSender::new(connector, DelimiterCodec::new(b'\n'));
/// let first = sender.enqueue(Bytes::from("cpu load=1.5")).await;
/// sender.send(Bytes::from("cpu load=1.6")).await?;
/// first.await?;
/// drop(sender);
///
/// let mut received = String::new();
/// listener.accept().await.0.read_to_string(&mut received).await?;
/// assert_eq!(received, "cpu load=1.5\ncpu load=1.6\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FramedSender<C, K>(Arc<Handle<C, OneWay<K>, ()>>);

impl<C, K> FramedSender<C, K>
where
    C: Connect,
    K: for<'a> Encoder<&'a [u8]> + Clone + Send + Sync + 'static,
{
    /// Sends over this connector's streams in frames of this codec, with the default options.
    pub fn new(connector: C, codec: K) -> Self {
        Self::with_options(connector, codec, FramedOptions::default())
    }

    /// Sends over this connector's streams in frames of this codec, with these options.
    pub fn with_options(connector: C, codec: K, options: FramedOptions) -> Self {
        Self(Arc::new(Handle::new(connector, options, |shared| OneWay::new(codec, shared))))
    }

    /// Waits until there is room in the queue and puts a message into it.
    ///
    /// The receipt says later whether it was sent. The message is sent also if the receipt is
    /// dropped; that it failed then only shows in [`stats`](Self::stats).
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future has put nothing into the queue.
    pub async fn enqueue(&self, message: Bytes) -> Receipt {
        let batch = self.0.send(message).await;
        Receipt(Claim::new(Arc::clone(&self.0.mailbox), batch))
    }

    /// Sends many messages and waits until the outcome of each is known. The outcomes are in the
    /// order of the messages: each is what [`send`](Transport::send) would have returned, whatever
    /// became of the others.
    ///
    /// As many messages as the limits of the [`FramedOptions`] allow go into the queue at once; if
    /// there are more, they follow in portions of this size when there is room. Messages of other
    /// callers may come between two portions.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use influx_framing::DelimiterCodec;
    /// # use influx_transport::Error;
    /// # use influx_transport::framed::FramedSender;
    /// # use influx_transport::tcp::TcpConnector;
    /// # async fn report(
    /// #     sender: FramedSender<TcpConnector, DelimiterCodec>,
    /// #     lines: Vec<Bytes>,
    /// # ) -> Result<(), Error> {
    /// for outcome in sender.send_all(lines).await {
    ///     outcome?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// A dropped future sends the messages that were in the queue nevertheless, and none of those
    /// that follow.
    pub async fn send_all(
        &self,
        messages: impl IntoIterator<Item = Bytes>,
    ) -> Vec<Result<(), Error>> {
        self.0.send_all(messages).await
    }

    /// The peer.
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.shared.endpoint
    }

    /// What happened so far.
    pub fn stats(&self) -> Stats {
        self.0.stats()
    }

    /// Follows whether a connection is open.
    pub fn state(&self) -> StateWatch {
        self.0.shared.state.watch()
    }
}

impl<C, K> Transport for FramedSender<C, K>
where
    C: Connect,
    K: for<'a> Encoder<&'a [u8]> + Clone + Send + Sync + 'static,
{
    type Request = Bytes;
    type Response = ();

    /// Opens the connection unless it is open. It is usable from then on.
    ///
    /// # Cancel safety
    ///
    /// Safe. The connection may be opened nevertheless.
    async fn connect(&self) -> Result<(), Error> {
        self.0.connect().await
    }

    /// Sends one message: done when the system took all of it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) and
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if the codec refuses the message;
    /// otherwise no connection took all of it, so the peer saw no whole message, unless
    /// [`Error::delivery`] says that it may have: an encrypted stream does not tell how much of
    /// what it took went out.
    ///
    /// # Cancel safety
    ///
    /// A dropped future has put nothing into the queue, or the message is sent nevertheless.
    async fn send(&self, message: Bytes) -> Result<(), Error> {
        self.enqueue(message).await.await
    }

    /// Sends what waits and closes the connection: tells the peer that no more will come, and waits
    /// for at most a second until the peer closes its side. The next message opens another one.
    ///
    /// # Cancel safety
    ///
    /// Safe. The connection is closed nevertheless.
    async fn disconnect(&self) -> Result<(), Error> {
        self.0.disconnect().await
    }
}

/// All clones share the connection.
impl<C, K> Clone for FramedSender<C, K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C, K> fmt::Debug for FramedSender<C, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FramedSender")
            .field("endpoint", &self.0.shared.endpoint)
            .finish_non_exhaustive()
    }
}

/// Tells when a message of a [`FramedSender`] was sent, or why not.
///
/// # Errors
///
/// As [`FramedSender::send`](Transport::send).
#[must_use = "only the receipt says whether the message was sent"]
pub struct Receipt(Claim<Arc<Mailbox<()>>, ()>);

impl Future for Receipt {
    type Output = Result<(), Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx)
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").finish_non_exhaustive()
    }
}
