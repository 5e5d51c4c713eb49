//! The program's side of a bridge.

use std::fmt;
use std::mem::take;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use influx_framing::{Decoder, Encoder};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::event::{BridgeError, BridgeEvent, PeerId, Undelivered};
use super::hub::Refusal;
use super::options::BridgeOptions;
use super::shared::Shared;
use super::stats::{BridgeStats, PeerStats};
#[cfg(feature = "stream")]
use super::stream::BridgeEvents;
use super::{client, server};
use crate::alarm::FOREVER;
use crate::lock::Lock;
use crate::tcp::TcpListener;
use crate::{Connect, Endpoint, Error, Listen};

/// Messages between this program and many peers, in the frames of one codec.
///
/// A **server** takes peers from any [`Listen`]; a **client** keeps a connection to its one peer
/// over any [`Connect`]. Messages go to all peers or to one of them. Messages from peers are
/// received together with the events that a peer joined or left. The codec decides what a message
/// is: bytes, or a type as with `influx_framing::JsonCodec`. A frame that is not a valid message is
/// received as the codec reports it, and the stream goes on; with
/// [`OversizePolicy::Skip`](influx_framing::OversizePolicy) that includes frames above the limit.
///
/// [`BridgeOptions`] bounds everything. A message is encoded once for any number of peers and waits
/// until each of them has taken it; small messages go out together in few writes. A peer that is
/// too slow, violates the protocol or vanishes loses only its own connection.
///
/// **A message is delivered when the system took all of its bytes.** The peer may not have read it.
///
/// - A server without peers drops messages; [`send`](Self::send) returns 0 then.
/// - A client keeps messages until it is connected, within the limits of a queue. If a connection
///   ends inside a message, the message goes over the next one from its beginning; a message that
///   was written completely is not sent again.
///
/// ```
/// use bytes::Bytes;
/// use influx_framing::{DelimiterCodec, Frame};
/// use influx_transport::bridge::{Bridge, BridgeEvent, BridgeOptions};
/// use influx_transport::tcp::TcpConnector;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // The loopback interface; `0.0.0.0:45454` would listen on all interfaces.
/// let address = "127.0.0.1:0".parse()?;
/// let codec = DelimiterCodec::new(0x17);
/// let server = Bridge::bind(address, codec.clone(), BridgeOptions::default()).await?;
///
/// let peer = server.endpoint();
/// let connector = TcpConnector::new(peer.host(), peer.port())?;
/// let client = Bridge::client(connector, codec, BridgeOptions::default());
/// client.send("hello").await?;
///
/// while let Some((peer, event)) = server.recv().await {
///     match event {
///         BridgeEvent::Joined(endpoint) => println!("{peer} is {endpoint}"),
///         BridgeEvent::Message(message) => {
///             assert_eq!(message, Frame::Complete(Bytes::from("hello")));
///             assert_eq!(server.send("hello, all").await?, 1);
///             break;
///         }
///         BridgeEvent::Left { departure, .. } => println!("{peer} left: {departure}"),
///     }
/// }
/// let limit = std::time::Duration::from_secs(5);
/// assert!(server.close(limit).await.is_empty());
/// # drop(client);
/// # Ok(())
/// # }
/// ```
///
/// A bridge runs tasks on the runtime on which it was made. They end when it is dropped.
pub struct Bridge<K: Decoder> {
    shared: Arc<Shared<K::Item>>,
    endpoint: Endpoint,
    /// The codec, and the buffer for the message that is being encoded.
    encoder: Lock<(K, BytesMut)>,
    task: AbortHandle,
}

impl<K> Bridge<K>
where
    K: Decoder<Item: Send + 'static> + Clone + Send + 'static,
{
    /// Listens on this TCP address, where port 0 stands for any free port. The connections are
    /// neither encrypted nor authenticated. Peers on other machines can connect only if the address
    /// is that of a network interface, or `0.0.0.0` or `[::]` for all interfaces.
    ///
    /// # Errors
    ///
    /// [`Phase::Bind`](crate::Phase::Bind) if the address is in use or not of this machine.
    pub async fn bind(
        address: SocketAddr,
        codec: K,
        options: BridgeOptions,
    ) -> Result<Self, Error> {
        Ok(Self::server(TcpListener::bind(address).await?, codec, options))
    }

    /// Serves all peers that connect to this listener.
    ///
    /// # Panics
    ///
    /// If it is called outside of a tokio runtime.
    pub fn server(listener: impl Listen, codec: K, options: BridgeOptions) -> Self {
        let endpoint = listener.endpoint().clone();
        let shared = Shared::new(options);
        let serve = server::serve(listener, codec.clone(), Arc::clone(&shared));
        Self::new(shared, endpoint, codec, tokio::spawn(serve).abort_handle())
    }

    /// Connects to one peer, and again whenever the connection ends or an attempt fails, for ever.
    /// The pauses in between grow while the peer is not there or closes each connection at once.
    ///
    /// # Panics
    ///
    /// If it is called outside of a tokio runtime.
    pub fn client(connector: impl Connect, codec: K, options: BridgeOptions) -> Self {
        let endpoint = connector.endpoint().clone();
        let shared = Shared::new(options);
        shared.hub.join(client::SERVER, endpoint.clone(), false);
        let keep = client::keep_connected(connector, codec.clone(), Arc::clone(&shared));
        Self::new(shared, endpoint, codec, tokio::spawn(keep).abort_handle())
    }

    /// Puts a message into the queues of all peers, and returns their number. A client has one
    /// queue, also while it is not connected.
    ///
    /// It waits only under [`SlowPeer::Wait`](super::SlowPeer::Wait), and now and then to let the
    /// peers' tasks run.
    ///
    /// # Errors
    ///
    /// [`BridgeError::Frame`] if the codec refuses the message, [`BridgeError::Closed`] after
    /// [`close`](Self::close).
    ///
    /// # Cancel safety
    ///
    /// A dropped future has put the message into no queue.
    pub async fn send<M>(&self, message: M) -> Result<usize, BridgeError>
    where
        K: Encoder<M>,
    {
        self.enqueue(message, |frame| self.shared.hub.send(frame)).await
    }

    /// Puts a message into the queue of one peer, behind all earlier messages for it.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and [`BridgeError::Gone`] if the peer has left, or its queue was
    /// full and it is disconnected.
    ///
    /// # Cancel safety
    ///
    /// A dropped future has put the message into no queue.
    pub async fn send_to<M>(&self, peer: PeerId, message: M) -> Result<(), BridgeError>
    where
        K: Encoder<M>,
    {
        self.enqueue(message, |frame| self.shared.hub.send_to(peer, frame)).await
    }

    /// Waits for the next event. The messages of a peer come in order, between its
    /// [`Joined`](BridgeEvent::Joined) and its [`Left`](BridgeEvent::Left). After
    /// [`close`](Self::close) it returns the remaining events, then `None`.
    ///
    /// While too many events wait, nothing is read from the peers, and on a server a peer that leaves
    /// still counts for [`BridgeOptions::max_peers`]. A program that only sends sets [`BridgeOptions::discard_events`].
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future loses no event.
    pub async fn recv(&self) -> Option<(PeerId, BridgeEvent<K::Item>)> {
        self.shared.inbox.recv().await
    }

    /// The events as a stream, which ends after [`close`](Self::close). Each event reaches one
    /// receiver, be it this stream, another one or [`recv`](Self::recv).
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped stream, or a dropped future of one, loses no event.
    #[cfg(feature = "stream")]
    pub fn events(&self) -> BridgeEvents<'_, K::Item> {
        BridgeEvents::new(&self.shared.inbox)
    }

    /// Closes the connection to a peer at once and drops its queue. A client keeps the queue for its
    /// next connection.
    ///
    /// # Errors
    ///
    /// [`BridgeError::Gone`] if the peer is not connected.
    pub fn disconnect(&self, peer: PeerId) -> Result<(), BridgeError> {
        self.shared.hub.state.lock().disconnect(peer)
    }

    /// Accepts no more peers and messages, reads no more, and closes each connection in order when
    /// its queue is empty. After `limit` it closes the others too. Returns the messages that were
    /// not delivered.
    ///
    /// # Cancel safety
    ///
    /// The bridge is closed nevertheless; call it again to wait for that. The undelivered messages
    /// are returned once.
    pub async fn close(&self, limit: Duration) -> Vec<Undelivered> {
        self.shared.begin_closing(Instant::now() + limit.min(FOREVER));
        self.shared.ended().await;
        take(&mut self.shared.hub.state.lock().undelivered)
    }

    /// The address on which a server listens, or to which a client connects.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The counters of all peers so far.
    pub fn stats(&self) -> BridgeStats {
        self.shared.hub.state.lock().stats()
    }

    /// The counters of each peer that has a queue, ordered by id.
    pub fn peer_stats(&self) -> Vec<PeerStats> {
        self.shared.hub.state.lock().peer_stats()
    }

    fn new(shared: Arc<Shared<K::Item>>, endpoint: Endpoint, codec: K, task: AbortHandle) -> Self {
        Self { shared, endpoint, encoder: Lock::new((codec, BytesMut::new())), task }
    }

    async fn enqueue<M, T>(
        &self,
        message: M,
        put: impl Fn(&mut BytesMut) -> Result<T, Refusal>,
    ) -> Result<T, BridgeError>
    where
        K: Encoder<M>,
    {
        // A program that does nothing but send must leave the thread to the peers now and then.
        tokio::task::consume_budget().await;
        let mut waiting = {
            let mut encoder = self.encoder.lock();
            let (codec, frame) = &mut *encoder;
            frame.clear();
            let written = if self.shared.hub.options.one_message_per_connection {
                // Each message is the first of its connection.
                codec.clone().encode(message, frame)
            } else {
                codec.encode(message, frame)
            };
            let outcome = match written {
                Ok(()) => put(frame),
                Err(error) => Err(Refusal::Error(BridgeError::Frame(error))),
            };
            let is_full = matches!(outcome, Err(Refusal::Full));
            let leaves = is_full || frame.capacity() > MAX_IDLE_CAPACITY;
            let frame = if leaves { take(frame) } else { BytesMut::new() };
            match outcome {
                Ok(done) => return Ok(done),
                Err(Refusal::Error(error)) => return Err(error),
                Err(Refusal::Full) => frame,
            }
        };
        self.shared.hub.when_room(|| put(&mut waiting)).await
    }
}

/// The largest buffer for encoding that is kept after its message.
const MAX_IDLE_CAPACITY: usize = 128 * 1024;

impl<K: Decoder> fmt::Debug for Bridge<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bridge").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl<K: Decoder> Drop for Bridge<K> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests {
    use influx_framing::DelimiterCodec;

    use super::*;

    #[test]
    fn threads_may_share_a_bridge() {
        fn check<T: Send + Sync + 'static>() {}
        check::<Bridge<DelimiterCodec>>();
    }
}
