//! Requests with answers over one connection.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use influx_framing::{Decoder, Encoder, Frame};

use super::claim::Claim;
use super::exchange::Exchange;
use super::handle::Handle;
use super::{FramedOptions, StateWatch, Stats};
use crate::{Connect, Endpoint, Error, Transport};

/// Sends requests to one peer over one connection, and gets an answer to each: one frame out, one
/// frame back, in the same order.
///
/// Many callers share the connection, and none waits for another's answer: requests go out as they
/// come, as many as are waiting in one write. The codec says what a frame is; each connection has
/// a fresh clone of it. [`EofCodec`](influx_framing::EofCodec) does not work here, since its
/// connections carry one message.
///
/// # Whose answer it is
///
/// The n-th answer on a connection belongs to the n-th request. A request that was sent keeps its
/// place when its caller gives up or runs into
/// [`response_timeout`](FramedOptions::response_timeout), and its answer is thrown away when it
/// comes. If the oldest request has no answer after twice that time, the connection is given up
/// with all requests on it. So it is if the peer closes it, sends what is no frame, a frame
/// above the codec's limit, or an answer that nobody asked for. Under another
/// [`OversizePolicy`](influx_framing::OversizePolicy) than `Error`, an answer above the limit
/// fails its own request only.
///
/// # Connections
///
/// A connection is opened when a request needs one. A request of which no byte was sent when a
/// connection ended goes over the next one. A connection that ended in use, and attempts that
/// failed, are followed by a pause as [`Backoff`](crate::Backoff) says; a connection that ended
/// without an answer counts as a failed attempt. Such an attempt fails the requests that wait,
/// unless [`retry_for`](FramedOptions::retry_for) lets them wait longer.
///
/// Every step of a call has a time limit: such a pause, the connector's attempt, the time that the
/// peer takes nothing, and the time that it does not answer. Callers wait for room in the queue as
/// long as others are at these steps.
///
/// A task on the current tokio runtime, started by the first request, owns the connection. It ends
/// when the transport and its clones are dropped.
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
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// // In earnest it is a `TcpConnector`.
/// let (connector, listener) = memory_pair();
/// # tokio::spawn(async move {
/// #     let (mut stream, _) = listener.accept().await;
/// #     stream.read_exact(&mut [0; 8]).await?;
/// #     stream.write_all(b"\0\0\0\x04pong").await
/// # });
/// let transport = FramedTransport::new(connector, LengthCodec::new(Prefix::U32_BE));
/// assert_eq!(transport.send(Bytes::from("ping")).await?, "pong");
/// # Ok::<(), influx_transport::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FramedTransport<C, K>(Arc<Handle<C, Exchange<K>, Bytes>>);

impl<C, K> FramedTransport<C, K>
where
    C: Connect,
    K: Decoder<Item = Frame> + for<'a> Encoder<&'a [u8]> + Clone + Send + Sync + 'static,
{
    /// Speaks over this connector's streams in frames of this codec, with the default options.
    pub fn new(connector: C, codec: K) -> Self {
        Self::with_options(connector, codec, FramedOptions::default())
    }

    /// Speaks over this connector's streams in frames of this codec, with these options.
    pub fn with_options(connector: C, codec: K, options: FramedOptions) -> Self {
        Self(Arc::new(Handle::new(connector, options, |shared| Exchange::new(codec, shared))))
    }

    /// Sends many requests and waits for all answers, which are in the order of the requests: each
    /// is what [`send`](Transport::send) would have returned, whatever became of the others.
    ///
    /// 64 small requests take about two thirds of the time that 64 callers of `send` would take. As
    /// many requests as the limits of the [`FramedOptions`] allow go into the queue at once; if there
    /// are more, they follow in portions of this size when there is room. Requests of other
    /// callers may come between two portions.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # use influx_framing::LengthCodec;
    /// # use influx_transport::Error;
    /// # use influx_transport::framed::FramedTransport;
    /// # use influx_transport::tcp::TcpConnector;
    /// # async fn ask(
    /// #     transport: FramedTransport<TcpConnector, LengthCodec>,
    /// # ) -> Result<(), Error> {
    /// let requests = (1..=3).map(|id| Bytes::from(format!("status of {id}")));
    /// for answer in transport.send_all(requests).await {
    ///     println!("{:?}", answer?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// A dropped future may have sent some of the requests, and sends no more of them than were in
    /// the queue. Their answers are thrown away when they come; no other request is affected.
    pub async fn send_all(
        &self,
        requests: impl IntoIterator<Item = Bytes>,
    ) -> Vec<Result<Bytes, Error>> {
        self.0.send_all(requests).await
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

impl<C, K> Transport for FramedTransport<C, K>
where
    C: Connect,
    K: Decoder<Item = Frame> + for<'a> Encoder<&'a [u8]> + Clone + Send + Sync + 'static,
{
    type Request = Bytes;
    type Response = Bytes;

    /// Opens the connection unless it is open. It is usable from then on.
    ///
    /// # Cancel safety
    ///
    /// Safe. The connection may be opened nevertheless.
    async fn connect(&self) -> Result<(), Error> {
        self.0.connect().await
    }

    /// Sends one frame and waits for the frame that answers it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) and
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if the codec refuses the request;
    /// otherwise [`Error::delivery`] says whether the peer may have seen it.
    ///
    /// # Cancel safety
    ///
    /// A dropped future may have sent the request. Its answer is thrown away when it comes; no
    /// other request is affected.
    async fn send(&self, request: Bytes) -> Result<Bytes, Error> {
        let batch = self.0.send(request).await;
        let mut claim = Claim::new(&*self.0.mailbox, batch);
        poll_fn(|cx| claim.poll(cx)).await
    }

    /// Sends what waits, waits for all answers and closes the connection. The next request opens
    /// another one.
    ///
    /// # Cancel safety
    ///
    /// Safe. The connection is closed nevertheless.
    async fn disconnect(&self) -> Result<(), Error> {
        self.0.disconnect().await
    }
}

/// All clones share the connection.
impl<C, K> Clone for FramedTransport<C, K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C, K> fmt::Debug for FramedTransport<C, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FramedTransport")
            .field("endpoint", &self.0.shared.endpoint)
            .finish_non_exhaustive()
    }
}
