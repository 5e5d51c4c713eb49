//! Requests with answers over one connection.

use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use influx_framing::{Decoder, Encoder, Frame};

use super::exchange::Exchange;
use super::handle::{Handle, handle};
use super::mailbox::Command;
use super::mailbox::claim::Claim;
use super::options::FramedOptions;
use crate::{Connect, Error, Transport};

/// Sends requests to one peer over one connection and gets an answer to each: one frame out, one
/// frame back, in the same order.
///
/// Many callers share the connection. They do not wait for each other: requests go out as they
/// come, all waiting ones in one write. Each connection has a fresh clone of the codec.
/// [`EofCodec`](influx_framing::EofCodec) does not work here, because it carries one message per
/// connection.
///
/// # Matching answers to requests
///
/// The n-th answer on a connection belongs to the n-th request. A request that was sent keeps its
/// place when its caller gives up or after [`response_timeout`](FramedOptions::response_timeout);
/// its answer is discarded when it comes.
///
/// The connection is given up, with all requests on it, if the oldest request has no answer after
/// twice that time, and if the peer closes it, sends something that is not a frame, a frame above
/// the codec's limit, or an answer without a request. With an
/// [`OversizePolicy`](influx_framing::OversizePolicy) other than `Error`, an answer above the limit
/// fails its own request only.
///
/// A connection that ended without an answer counts as a failed attempt, see [the
/// module](super#connections).
///
/// Every step of a call has a time limit: the pause, the connector's attempt, the write and the
/// answer. A caller waits for room in the queue while other callers are at these steps.
///
/// ```
/// use bytes::Bytes;
/// use influx_framing::{LengthCodec, Prefix};
/// use influx_transport::Transport;
/// use influx_transport::framed::FramedTransport;
/// use influx_transport::memory::memory_pair;
/// # use influx_transport::Listen;
/// # use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // A program would take a `TcpConnector`.
/// let (connector, listener) = memory_pair();
/// # tokio::spawn(async move {
/// #     let (mut stream, _) = listener.accept().await;
/// #     stream.read_exact(&mut [0; 8]).await?;
/// #     stream.write_all(b"\0\0\0\x04pong").await
/// # });
/// let transport = FramedTransport::new(connector, LengthCodec::new(Prefix::U32_BE));
/// assert_eq!(transport.send(Bytes::from("ping")).await?, "pong");
/// # Ok(())
/// # }
/// ```
pub struct FramedTransport<C, K>(Arc<Handle<C, Exchange<K>, Bytes>>);

impl<C, K> FramedTransport<C, K>
where
    C: Connect,
    K: Decoder<Item = Frame> + for<'a> Encoder<&'a [u8]> + Clone + Send + Sync + 'static,
{
    /// Exchanges frames of this codec over this connector's streams, with the default options.
    pub fn new(connector: C, codec: K) -> Self {
        Self::with_options(connector, codec, FramedOptions::default())
    }

    /// Exchanges frames of this codec over this connector's streams.
    pub fn with_options(connector: C, codec: K, options: FramedOptions) -> Self {
        Self(Arc::new(Handle::new(connector, options, |shared| Exchange::new(codec, shared))))
    }

    /// Sends requests and returns the answer to each, in their order, as [`send`](Transport::send)
    /// would have returned it.
    ///
    /// 64 small requests take about two thirds of the time of 64 callers of `send`. The queue takes
    /// as many requests at once as the [`FramedOptions`] allow; the others follow in portions of
    /// that size. Requests of other callers may come between two portions.
    ///
    /// # Cancel safety
    ///
    /// A dropped future may have sent some of the requests, and sends at most those that are in the
    /// queue. Their answers are discarded; other requests are not affected.
    pub async fn send_all(
        &self,
        requests: impl IntoIterator<Item = Bytes>,
    ) -> Vec<Result<Bytes, Error>> {
        self.0.send_all(requests).await
    }
}

impl<C, K> Transport for FramedTransport<C, K>
where
    C: Connect,
    K: Decoder<Item = Frame> + for<'a> Encoder<&'a [u8]> + Clone + Send + Sync + 'static,
{
    type Request = Bytes;
    type Response = Bytes;

    /// Opens the connection unless it is open.
    ///
    /// # Cancel safety
    ///
    /// Safe. The connection may be opened nevertheless.
    async fn connect(&self) -> Result<(), Error> {
        self.0.ask(Command::Connect).await
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) or
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if the codec refuses the request.
    /// Otherwise [`Error::delivery`] says whether the peer may have seen it.
    ///
    /// # Cancel safety
    ///
    /// A dropped future may have sent the request. Its answer is discarded; other requests are not
    /// affected.
    async fn send(&self, request: Bytes) -> Result<Bytes, Error> {
        let batch = self.0.send(request).await;
        let mut claim = Claim::new(&*self.0.mailbox, batch);
        poll_fn(|cx| claim.poll(cx)).await
    }

    /// Sends all waiting requests, waits for all answers and closes the connection. The next
    /// request opens a new one.
    ///
    /// # Cancel safety
    ///
    /// Safe. The connection is closed nevertheless.
    async fn disconnect(&self) -> Result<(), Error> {
        self.0.ask(Command::Disconnect).await
    }
}

handle!(FramedTransport);
