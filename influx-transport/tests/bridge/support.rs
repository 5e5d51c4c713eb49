//! Shared by all tests.

use std::fmt::Debug;
use std::future::Future;
use std::ops::{Deref, Range};
use std::sync::Arc;
use std::time::Duration;

use influx_framing::{Decoder, DelimiterCodec, JsonCodec, Message, OversizePolicy};
use influx_transport::bridge::{Bridge, BridgeEvent, BridgeOptions, Departure, PeerId};
use influx_transport::memory::{MemoryConnector, memory_pair};
use influx_transport::tcp::TcpConnector;
use influx_transport::{Connect, Endpoint, Error, Listen};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;
use tokio::runtime::Builder;

use crate::leaks::run_on;

/// Runs a test over real sockets, for 20 s at most. It must leave nothing behind.
pub(crate) fn run<F: Future>(test: F) -> F::Output {
    let guarded = async { tokio::time::timeout(Duration::from_secs(20), test).await };
    run_on(Builder::new_current_thread().enable_all(), guarded).expect("the test takes too long")
}

/// Runs a test over connections in memory, for 30 days at most: time stands still and moves on only
/// when all wait. It must leave nothing behind.
pub(crate) fn run_paused<F: Future>(test: F) -> F::Output {
    let days = Duration::from_secs(30 * 86_400);
    let guarded = async { tokio::time::timeout(days, test).await };
    run_on(Builder::new_current_thread().enable_time().start_paused(true), guarded)
        .expect("the test takes too long")
}

pub(crate) type Json = JsonCodec<Value, DelimiterCodec>;

/// The default of datalogd: JSON that ends with 0x17, of at most 1 MiB.
pub(crate) fn json() -> Json {
    JsonCodec::new(delimited())
}

pub(crate) fn delimited() -> DelimiterCodec {
    let mut codec = DelimiterCodec::new(0x17);
    codec.oversize = OversizePolicy::Skip;
    codec
}

/// These numbers as they go over the wire.
pub(crate) fn numbers(range: Range<u32>) -> String {
    range.fold(String::new(), |wire, number| wire + &number.to_string() + "\x17")
}

/// Options without jitter: every pause is as long as it can be.
pub(crate) fn options() -> BridgeOptions {
    let mut options = BridgeOptions::default();
    options.random = || 1.0;
    options
}

/// A bridge whose books are checked at the end of the test.
pub(crate) struct Audited<K: Decoder<Item: Send + 'static> + Clone + Send + 'static>(Bridge<K>);

impl<K> Audited<K>
where
    K: Decoder<Item: Debug + Send + 'static> + Clone + Send + 'static,
{
    pub(crate) fn server(listener: impl Listen, codec: K, options: BridgeOptions) -> Self {
        Self(Bridge::server(listener, codec, options))
    }

    pub(crate) fn client(connector: impl Connect, codec: K, options: BridgeOptions) -> Self {
        Self(Bridge::client(connector, codec, options))
    }

    /// A server on a free port of the loopback interface.
    pub(crate) async fn tcp(codec: K, options: BridgeOptions) -> Self {
        Self(Bridge::bind(([127, 0, 0, 1], 0).into(), codec, options).await.unwrap())
    }

    /// A connection to a server, which has noticed it.
    pub(crate) async fn peer(&self) -> (PeerId, RawPeer<TcpStream>) {
        let endpoint = self.endpoint();
        let connector = TcpConnector::new(endpoint.host(), endpoint.port()).unwrap();
        let stream = connector.connect().await.unwrap();
        (self.joined().await.0, RawPeer(stream))
    }

    /// The next event, which must be that a peer joins.
    pub(crate) async fn joined(&self) -> (PeerId, Endpoint) {
        match self.recv().await {
            Some((peer, BridgeEvent::Joined(endpoint))) => (peer, endpoint),
            other => panic!("{other:?} is not that a peer joins"),
        }
    }

    /// The next event, which must be that a peer leaves.
    pub(crate) async fn left(&self) -> (PeerId, Departure) {
        match self.recv().await {
            Some((peer, BridgeEvent::Left { departure, .. })) => (peer, departure),
            other => panic!("{other:?} is not that a peer leaves"),
        }
    }

    /// The next event, which must be a message.
    pub(crate) async fn message(&self) -> (PeerId, K::Item) {
        match self.recv().await {
            Some((peer, BridgeEvent::Message(message))) => (peer, message),
            other => panic!("{other:?} is not a message"),
        }
    }

    /// Lets the tasks run until this is true.
    pub(crate) async fn until(&self, condition: impl Fn(&Bridge<K>) -> bool) {
        while !condition(&self.0) {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn until_delivered(&self, messages: u64) {
        self.until(|bridge| bridge.stats().sent.delivered == messages).await;
    }
}

/// A server of bytes in memory.
pub(crate) fn in_memory(options: BridgeOptions) -> (Audited<DelimiterCodec>, MemoryConnector) {
    let (connector, listener) = memory_pair();
    (Audited::server(listener, delimited(), options), connector)
}

impl Audited<DelimiterCodec> {
    /// A connection to a server in memory, which has noticed it.
    pub(crate) async fn join(
        &self,
        connector: &MemoryConnector,
    ) -> (PeerId, RawPeer<DuplexStream>) {
        let peer = raw_peer(connector).await;
        (self.joined().await.0, peer)
    }
}

/// A connection to a server in memory.
pub(crate) async fn raw_peer(connector: &MemoryConnector) -> RawPeer<DuplexStream> {
    RawPeer(connector.connect().await.unwrap())
}

impl Audited<Json> {
    /// The next event, which must be a sound message.
    pub(crate) async fn value(&self) -> (PeerId, Value) {
        match self.message().await {
            (peer, Message::Value(value)) => (peer, value),
            other => panic!("{other:?} is not a sound message"),
        }
    }
}

impl<K: Decoder<Item: Send + 'static> + Clone + Send + 'static> Deref for Audited<K> {
    type Target = Bridge<K>;

    fn deref(&self) -> &Bridge<K> {
        &self.0
    }
}

impl<K: Decoder<Item: Send + 'static> + Clone + Send + 'static> Drop for Audited<K> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let stats = self.stats();
        assert_eq!(stats.sent.accepted, stats.sent.accounted(), "{stats:?}");
        for peer in self.peer_stats() {
            assert_eq!(peer.sent.accepted, peer.sent.accounted(), "{peer:?}");
        }
    }
}

/// A peer that is bytes and nothing else.
pub(crate) struct RawPeer<S>(pub(crate) S);

impl<S: AsyncRead + AsyncWrite + Unpin> RawPeer<S> {
    pub(crate) async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Reads as many bytes as are expected.
    pub(crate) async fn hear(&mut self, expected: impl AsRef<[u8]>) {
        let expected = expected.as_ref();
        let mut heard = vec![0; expected.len()];
        self.0.read_exact(&mut heard).await.unwrap();
        assert!(heard == expected, "{} != {}", heard.escape_ascii(), expected.escape_ascii());
    }

    /// Closes the sending side.
    pub(crate) async fn finish(&mut self) {
        self.0.shutdown().await.unwrap();
    }

    /// Reads to the end.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).await.unwrap();
        rest
    }
}

/// A connector that the test keeps a hand on.
pub(crate) struct Shared<C>(pub(crate) Arc<C>);

impl<C: Connect> Connect for Shared<C> {
    type Stream = C::Stream;

    async fn connect(&self) -> Result<C::Stream, Error> {
        self.0.connect().await
    }

    fn endpoint(&self) -> &Endpoint {
        self.0.endpoint()
    }
}
