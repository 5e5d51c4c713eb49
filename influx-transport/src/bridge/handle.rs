//! The program's side of a bridge.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use influx_framing::{Decoder, Encoder};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::encoding::Encoding;
use super::hub::Refusal;
use super::outbox::Lifetime;
use super::shared::Shared;
use super::{
    BridgeError, BridgeEvent, BridgeOptions, BridgeStats, PeerId, PeerStats, Undelivered, client,
    server,
};
use crate::alarm::FOREVER;
use crate::tcp::TcpListener;
use crate::{Connect, Endpoint, Error, Listen};

/// Messages between this program and many peers, in the frames of one codec.
///
/// A **server** takes peers from any [`Listen`]; a **client** keeps a connection to its one peer
/// over any [`Connect`]. What is sent goes to all peers, or to one of them; what they send is
/// received together with the peers' comings and goings. The codec decides what a message is:
/// bytes, or typed messages such as those of `influx_framing::JsonCodec`. A frame that is no
/// message is received as the codec reports it, and harms nobody; choose
/// [`OversizePolicy::Skip`](influx_framing::OversizePolicy) if a frame that is too long shall not
/// end its connection either.
///
/// Everything is bounded: [`BridgeOptions`] has the limits. A message is encoded once, whatever the
/// number of peers, and waits until each of them has taken it. Small messages go out together in
/// few writes. A peer that is too slow, breaks the protocol or vanishes ends its own connection
/// only.
///
/// **A message that was delivered is one that the system took**: whether the peer has read it,
/// nobody tells.
///
/// - A server without peers drops what is sent, and says so: [`send`](Self::send) returns 0.
/// - A client keeps what is sent until it is connected, within the limits of a queue. A message of
///   which a connection took a part when it ended goes over the next one from its beginning; one
///   that it took wholly is not sent again.
///
/// ```
/// use bytes::Bytes;
/// use influx_framing::{DelimiterCodec, Frame};
/// use influx_transport::bridge::{Bridge, BridgeEvent, BridgeOptions};
/// use influx_transport::tcp::TcpConnector;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// // Listens on the loopback interface only: all others have to be named, as `0.0.0.0:45454`.
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
///         BridgeEvent::Left(departure) => println!("{peer} left: {departure}"),
///     }
/// }
/// let limit = std::time::Duration::from_secs(5);
/// assert!(server.close(limit).await.is_empty());
/// # drop(client);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Tasks
///
/// A bridge runs tasks on the runtime on which it was made. They end when it is dropped.
pub struct Bridge<K: Decoder> {
    shared: Arc<Shared<K::Item>>,
    endpoint: Endpoint,
    encoding: Mutex<Encoding<K>>,
    task: AbortHandle,
}

impl<K> Bridge<K>
where
    K: Decoder<Item: Send + 'static> + Clone + Send + 'static,
{
    /// Listens on this TCP address, where port 0 stands for any free one. Peers on other machines
    /// reach it only if the address is that of an interface, or `0.0.0.0` or `[::]` for all of
    /// them: mind that nothing is encrypted, and that no peer has to say who it is.
    ///
    /// # Errors
    ///
    /// [`Phase::Bind`](crate::Phase::Bind): the address is not free, or not ours.
    pub async fn bind(
        address: SocketAddr,
        codec: K,
        options: BridgeOptions,
    ) -> Result<Self, Error> {
        Ok(Self::server(TcpListener::bind(address).await?, codec, options))
    }

    /// Serves all peers that come to this listener.
    ///
    /// # Panics
    ///
    /// If it is called outside of a tokio runtime.
    pub fn server(listener: impl Listen, codec: K, options: BridgeOptions) -> Self {
        let endpoint = listener.endpoint().clone();
        let shared = Arc::new(Shared::new(options));
        let serve = server::serve(listener, codec.clone(), Arc::clone(&shared));
        Self::new(shared, endpoint, codec, tokio::spawn(serve).abort_handle())
    }

    /// Connects to one peer, and connects again whenever the connection ends or none comes about:
    /// for ever, with pauses in between that grow while the peer is not there, or closes each
    /// connection at once.
    ///
    /// # Panics
    ///
    /// If it is called outside of a tokio runtime.
    pub fn client(connector: impl Connect, codec: K, options: BridgeOptions) -> Self {
        let endpoint = connector.endpoint().clone();
        let shared = Arc::new(Shared::new(options));
        shared.hub.join(client::SERVER, endpoint.clone(), Lifetime::Bridge);
        let keep = client::keep_connected(connector, codec.clone(), Arc::clone(&shared));
        Self::new(shared, endpoint, codec, tokio::spawn(keep).abort_handle())
    }

    /// Sends a message to all peers: puts it into their queues. Returns into how many; a client has
    /// one, also while it is not connected.
    ///
    /// It waits only under [`SlowPeer::Wait`](crate::bridge::SlowPeer::Wait), and now and then to let the
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

    /// Sends a message to one peer, behind all that was sent to it before.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and [`BridgeError::Gone`] if the peer has left, or was too slow
    /// for this message.
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

    /// Waits for the next event: what a peer sent, in its order, between its coming and its going.
    /// After [`close`](Self::close) it returns what is left, then `None`.
    ///
    /// While too much is left waiting, nothing is read from the peers, and those that leave keep
    /// their places: a program that only sends sets [`BridgeOptions::discard_events`].
    ///
    /// # Cancel safety
    ///
    /// Safe: no event is lost.
    pub async fn recv(&self) -> Option<(PeerId, BridgeEvent<K::Item>)> {
        self.shared.inbox.recv().await
    }

    /// Closes the connection to a peer at once, and drops what waits for it. A client opens another
    /// one, which carries what waited.
    ///
    /// # Errors
    ///
    /// [`BridgeError::Gone`] if it is not connected.
    pub fn disconnect(&self, peer: PeerId) -> Result<(), BridgeError> {
        self.shared.hub.disconnect(peer)
    }

    /// Accepts no more peers and messages, reads no more, and closes each connection in order when
    /// its queue is empty; all others after this time. Returns what could not be delivered.
    ///
    /// # Cancel safety
    ///
    /// The bridge is closed nevertheless; call it again to wait for that. What was not delivered is
    /// returned once.
    pub async fn close(&self, limit: Duration) -> Vec<Undelivered> {
        self.shared.begin_closing(Instant::now() + limit.min(FOREVER));
        self.shared.ended().await;
        self.shared.hub.take_undelivered()
    }

    /// Where a server listens, and to where a client connects.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// What happened so far.
    pub fn stats(&self) -> BridgeStats {
        self.shared.hub.stats()
    }

    /// What happened so far at each peer that has a queue, by its id.
    pub fn peer_stats(&self) -> Vec<PeerStats> {
        self.shared.hub.peer_stats()
    }

    fn new(shared: Arc<Shared<K::Item>>, endpoint: Endpoint, codec: K, task: AbortHandle) -> Self {
        let encoding = Encoding::new(codec, shared.hub.options.one_message_per_connection);
        Self { shared, endpoint, encoding: Mutex::new(encoding), task }
    }

    async fn enqueue<M, T>(
        &self,
        message: M,
        put: impl Fn(&[u8]) -> Result<T, Refusal>,
    ) -> Result<T, BridgeError>
    where
        K: Encoder<M>,
    {
        // A program that does nothing but send must leave the thread to the peers now and then.
        tokio::task::consume_budget().await;
        let frame = {
            let mut encoding = self.encoding.lock().unwrap_or_else(PoisonError::into_inner);
            let frame = encoding.encode(message).map_err(BridgeError::Frame)?;
            match put(frame) {
                Ok(done) => return Ok(done),
                Err(Refusal::Error(error)) => return Err(error),
                Err(Refusal::Full) => frame.to_vec(),
            }
        };
        self.shared.hub.when_room(|| put(&frame)).await
    }
}

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
