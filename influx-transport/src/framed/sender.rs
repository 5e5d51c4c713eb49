//! One-way messages over one connection.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use influx_framing::Encoder;

use super::handle::{Handle, handle};
use super::mailbox::claim::Claim;
use super::mailbox::{Command, Mailbox};
use super::options::FramedOptions;
use super::role::OneWay;
use crate::{Connect, Error, Transport};

/// Sends messages without answers to one peer over one connection.
///
/// **A message is sent when the system took all of its bytes on one connection.** The peer may
/// still not have read it. If the peer closes or resets the connection, bytes that the system had
/// not delivered are lost; [`unconfirmed`](super::FramedStats::unconfirmed) counts the messages that
/// this may concern. Only an answer from the peer proves more: use
/// [`FramedTransport`](super::FramedTransport) if the peer sends answers.
///
/// Messages go out in order, all waiting ones in one write. If a connection ends before the system
/// took all of a message, the message goes over the next connection from its beginning. On the old
/// connection the peer sees the end of the stream inside a frame.
///
/// Input from the peer is discarded. A connection that ended within a second counts as a failed
/// attempt, see [the module](super#connections). Dropping the last clone of the sender drops the
/// waiting messages: [`disconnect`](Transport::disconnect) before that sends them.
///
/// A program with one sending task that handles the end of the connection itself sends small
/// messages two to three times as fast with a [`FrameWriter`](super::FrameWriter).
///
/// ```
/// use bytes::Bytes;
/// use influx_framing::DelimiterCodec;
/// use influx_transport::framed::FramedSender;
/// use influx_transport::memory::memory_pair;
/// use influx_transport::{Listen, Transport};
/// use tokio::io::AsyncReadExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // A program would take a `TcpConnector`.
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
/// # Ok(())
/// # }
/// ```
pub struct FramedSender<C, K>(Arc<Handle<C, OneWay<K>, ()>>);

impl<C, K> FramedSender<C, K>
where
    C: Connect,
    K: for<'a> Encoder<&'a [u8]> + Clone + Send + Sync + 'static,
{
    /// Sends frames of this codec over this connector's streams, with the default options.
    pub fn new(connector: C, codec: K) -> Self {
        Self::with_options(connector, codec, FramedOptions::default())
    }

    /// Sends frames of this codec over this connector's streams.
    pub fn with_options(connector: C, codec: K, options: FramedOptions) -> Self {
        Self(Arc::new(Handle::new(connector, options, |shared| OneWay::new(codec, shared))))
    }

    /// Waits for room in the queue and puts a message into it.
    ///
    /// The returned [`Enqueued`] tells later whether the message was sent. If it is dropped, the
    /// message is still sent, and a failure shows in [`stats`](Self::stats) only.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future has put nothing into the queue.
    pub async fn enqueue(&self, message: Bytes) -> Enqueued {
        let batch = self.0.send(message).await;
        Enqueued(Claim::new(Arc::clone(&self.0.mailbox), batch))
    }

    /// Sends messages and returns the outcome of each, in their order, as [`send`](Transport::send)
    /// would have returned it.
    ///
    /// The queue takes as many messages at once as the [`FramedOptions`] allow; the others follow
    /// in portions of that size. Messages of other callers may come between two portions.
    ///
    /// # Cancel safety
    ///
    /// A dropped future still sends the messages that are in the queue, and no others.
    pub async fn send_all(
        &self,
        messages: impl IntoIterator<Item = Bytes>,
    ) -> Vec<Result<(), Error>> {
        self.0.send_all(messages).await
    }
}

impl<C, K> Transport for FramedSender<C, K>
where
    C: Connect,
    K: for<'a> Encoder<&'a [u8]> + Clone + Send + Sync + 'static,
{
    type Request = Bytes;
    type Response = ();

    /// Opens the connection unless it is open.
    ///
    /// # Cancel safety
    ///
    /// Safe. The connection may be opened nevertheless.
    async fn connect(&self) -> Result<(), Error> {
        self.0.ask(Command::Connect).await
    }

    /// Sends one message: done when the system took all of it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) or
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if the codec refuses the message.
    /// Otherwise no connection took all of it. [`Error::delivery`] is
    /// [`MaybeSent`](crate::Delivery::MaybeSent) if an encrypted stream took all of it and did not
    /// tell how much went out.
    ///
    /// # Cancel safety
    ///
    /// A dropped future has put nothing into the queue, or the message is still sent.
    async fn send(&self, message: Bytes) -> Result<(), Error> {
        self.enqueue(message).await.await
    }

    /// Sends all waiting messages, closes the sending side and waits up to a second for the peer to
    /// close its own. The next message opens a new connection.
    ///
    /// # Cancel safety
    ///
    /// Safe. The connection is closed nevertheless.
    async fn disconnect(&self) -> Result<(), Error> {
        self.0.ask(Command::Disconnect).await
    }
}

handle!(FramedSender);

/// Resolves when a message of a [`FramedSender`] was sent, or could not be sent.
///
/// # Errors
///
/// As [`FramedSender::send`](Transport::send).
#[must_use = "without it, the outcome of the message is unknown"]
pub struct Enqueued(Claim<Arc<Mailbox<()>>, ()>);

impl Future for Enqueued {
    type Output = Result<(), Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx)
    }
}

impl fmt::Debug for Enqueued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enqueued").finish_non_exhaustive()
    }
}
