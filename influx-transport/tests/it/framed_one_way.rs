//! Messages without answers.

use std::collections::HashSet;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use influx_framing::{Decoder, FrameError, LengthCodec};
use influx_transport::framed::{ConnectionState, FramedOptions, FramedSender};
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::test_util::{
    Direction, FaultProxy, Gate, ProxyEvent, Script, ScriptedConnector, ScriptedServer,
};
use influx_transport::{Connect, Delivery, Endpoint, Error, ErrorKind, Listen, Transport};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use crate::frames::{Random, Shared, codec, ms, options, wire};
use crate::support::{run, run_paused};

fn sender<C: Connect>(connector: C, options: FramedOptions) -> FramedSender<C, LengthCodec> {
    FramedSender::with_options(connector, codec(), options)
}

/// Collects messages until the connections that carry them end.
struct Collector {
    messages: Arc<Mutex<Vec<Bytes>>>,
    task: JoinHandle<()>,
}

impl Collector {
    fn start(listener: TcpListener) -> Self {
        let messages = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&messages);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (mut stream, _) = listener.accept().await;
                let all = Arc::clone(&all);
                connections.spawn(async move {
                    let (mut codec, mut input) = (codec(), BytesMut::new());
                    while let Ok(1..) = stream.read_buf(&mut input).await {
                        while let Some(frame) = codec.decode(&mut input).unwrap() {
                            all.lock().unwrap().push(frame.into_complete().unwrap());
                        }
                    }
                    let end = codec.decode_eof(&mut input);
                    assert!(matches!(end, Ok(None) | Err(FrameError::Truncated { .. })), "{end:?}");
                });
            }
        });
        Self { messages, task }
    }

    fn messages(&self) -> Vec<Bytes> {
        self.messages.lock().unwrap().clone()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn proxied_collector() -> (Collector, FaultProxy) {
    let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let proxy = FaultProxy::start(listener.local_addr()).await.unwrap();
    (Collector::start(listener), proxy)
}

fn message(number: u64) -> Bytes {
    Bytes::from(format!("message {number} {}", "x".repeat(usize::try_from(number % 97).unwrap())))
}

#[test]
fn ten_thousand_messages_all_arrive_once_and_in_order() {
    run(async {
        let (collector, proxy) = proxied_collector().await;
        let sender = sender(TcpConnector::from(proxy.local_addr()), options());
        for number in 0..10_000 {
            // The message is sent without a caller that waits for it.
            drop(sender.enqueue(message(number)).await);
        }
        sender.disconnect().await.unwrap();
        proxy.wait_for(ProxyEvent::Closed(1)).await;
        assert!(collector.messages() == (0..10_000).map(message).collect::<Vec<_>>());
        let stats = sender.stats();
        assert_eq!((stats.sent, stats.failed, stats.in_flight), (10_000, 0, 0));
        assert_eq!((stats.connects, stats.unconfirmed), (1, 0));
    });
}

/// Sends 10,000 messages while each connection is reset after some 20,000 bytes.
///
/// Every message must have been taken by the system or reported, none may arrive twice, cut off or
/// after it was reported, and what is missing must have been at risk.
async fn send_with_resets(seed: u64, options: FramedOptions) -> u64 {
    let (collector, proxy) = proxied_collector().await;
    let sender = sender(TcpConnector::from(proxy.local_addr()), options);
    let mut random = Random(seed);
    let mut receipts = Vec::new();
    for number in 0..10_000 {
        if number % 100 == 0 {
            proxy.reset_after(Direction::ToServer, 10_000 + random.below(20_000));
        }
        receipts.push(sender.enqueue(message(number)).await);
        // Else all would be in the system's hands before the first reset.
        tokio::task::yield_now().await;
    }
    let mut reported = HashSet::new();
    for (number, receipt) in (0..).zip(receipts) {
        if let Err(error) = receipt.await {
            assert_eq!(error.delivery(), Delivery::NotSent, "seed {seed}: {error:?}");
            reported.insert(message(number));
        }
    }
    proxy.pass().await.unwrap();
    sender.disconnect().await.unwrap();
    proxy.wait_for(ProxyEvent::Closed(proxy.accepted())).await;

    let delivered = collector.messages();
    let distinct: HashSet<_> = delivered.iter().cloned().collect();
    assert_eq!(delivered.len(), distinct.len(), "seed {seed}: a message came twice");
    let all: HashSet<_> = (0..10_000).map(message).collect();
    assert!(distinct.is_subset(&all), "seed {seed}: a message was cut off");
    assert!(distinct.is_disjoint(&reported), "seed {seed}: a message came that was reported");
    let stats = sender.stats();
    assert_eq!((stats.sent + stats.failed, stats.in_flight), (10_000, 0), "{stats:?}");
    assert_eq!(stats.failed, reported.len() as u64, "{stats:?}");
    let missing = stats.sent - delivered.len() as u64;
    assert!(missing <= stats.unconfirmed, "{missing} are missing: {stats:?}");
    // How much of it all the system takes before it learns of a reset is up to the system.
    assert!(stats.disconnects > 1, "{stats:?}");
    stats.failed
}

fn short_pauses() -> FramedOptions {
    let mut options = FramedOptions::default();
    options.backoff = influx_transport::Backoff::new(ms(1), ms(5));
    options
}

#[test]
fn messages_that_were_not_sent_when_a_connection_was_reset_go_over_the_next() {
    for seed in 1..=3 {
        run(async move {
            let mut options = short_pauses();
            options.retry_for = std::time::Duration::from_secs(20);
            assert_eq!(send_with_resets(seed, options).await, 0);
        });
    }
}

#[test]
fn messages_that_may_not_wait_for_the_next_connection_are_reported() {
    for seed in 1..=3 {
        run(async move {
            assert!(send_with_resets(seed, short_pauses()).await > 0);
        });
    }
}

#[test]
fn a_message_cut_off_by_the_end_of_its_connection_is_sent_again_from_its_beginning() {
    run_paused(async {
        let large = Bytes::from(vec![b'x'; 1000]);
        // The stream holds 64 bytes more than the peer reads.
        for read in [1, 4, 5, 900, 939] {
            let first = Script::new().read(read);
            let second = Script::new().read_to_end();
            let connector = ScriptedConnector::new([first, second]).capacity(64);
            let connector = Arc::new(connector);
            let mut options = options();
            options.retry_for = ms(1000);
            let sender = sender(Shared(Arc::clone(&connector)), options);
            sender.send(large.clone()).await.unwrap();
            sender.disconnect().await.unwrap();
            let expected = [&1000_u32.to_be_bytes()[..], &large].concat();
            assert_eq!(connector.received()[1], expected, "cut after {read} bytes");
        }
    });
}

#[test]
fn a_peer_that_closed_the_connection_is_noticed_before_the_next_message() {
    run(async {
        let gate = Gate::new();
        let first = Script::new().read(5).pass(&gate);
        let server = ScriptedServer::start([first, Script::new().read(5)]).await.unwrap();
        let mut options = options();
        options.retry_for = ms(10_000);
        let sender = sender(TcpConnector::from(server.local_addr()), options);
        sender.send("1".into()).await.unwrap();
        gate.open();
        sender.state().wait_for(ConnectionState::Disconnected).await;
        sender.send("2".into()).await.unwrap();
        assert_eq!(server.finish().await.unwrap(), [wire("1"), wire("2")]);
        assert_eq!(sender.stats().unconfirmed, 1);
    });
}

#[test]
fn what_the_peer_says_is_thrown_away() {
    run(async {
        let chatty = Script::new().read(5).send(vec![b'x'; 1 << 20]).read_to_end();
        let server = ScriptedServer::start([chatty]).await.unwrap();
        let sender = sender(TcpConnector::from(server.local_addr()), options());
        sender.send("1".into()).await.unwrap();
        sender.send("2".into()).await.unwrap();
        sender.disconnect().await.unwrap();
        assert_eq!(server.finish().await.unwrap(), [[wire("1"), wire("2")].concat()]);
    });
}

#[test]
fn a_peer_that_talks_without_end_holds_up_no_message() {
    run(async {
        let received = Arc::new(Mutex::new(Vec::new()));
        let sender = sender(Talker(Arc::clone(&received)), options());
        for _ in 0..100 {
            sender.send("1".into()).await.unwrap();
        }
        assert_eq!(received.lock().unwrap().len(), 500);
    });
}

/// Connects to a peer whose next word is always there already.
#[derive(Clone)]
struct Talker(Arc<Mutex<Vec<u8>>>);

impl Connect for Talker {
    type Stream = Self;

    async fn connect(&self) -> Result<Self, Error> {
        Ok(self.clone())
    }

    fn endpoint(&self) -> &Endpoint {
        static ENDPOINT: OnceLock<Endpoint> = OnceLock::new();
        ENDPOINT.get_or_init(|| Endpoint::new("talker", 1).unwrap())
    }
}

impl AsyncRead for Talker {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        buffer.put_slice(b"bla");
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Talker {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.lock().unwrap().extend_from_slice(data);
        Poll::Ready(Ok(data.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn a_peer_that_takes_nothing_is_given_up_and_the_message_goes_to_the_next() {
    run_paused(async {
        let mut options = options();
        options.retry_for = options.send_timeout * 2;
        let scripts = [Script::new().stall(), Script::new().read_to_end()];
        let connector = Arc::new(ScriptedConnector::new(scripts).capacity(64));
        let sender = sender(Shared(Arc::clone(&connector)), options);
        sender.send(vec![b'x'; 1000].into()).await.unwrap();
        sender.disconnect().await.unwrap();
        assert_eq!(connector.received()[1].len(), 1004);
    });
}

#[test]
fn the_queue_has_room_for_so_many_messages_and_bytes() {
    run_paused(async {
        let stalled = || ScriptedConnector::new([Script::new().stall()]).capacity(1);
        // 64 KiB and what exceeds them in the last message are being written: 66 messages.
        for (messages, bytes, size, expected) in [(4, 1 << 20, 1, 8), (100, 3500, 1000, 66 + 3)] {
            let mut options = options();
            (options.max_in_flight, options.max_queued_bytes) = (messages, bytes);
            let sender = sender(stalled(), options);
            let mut accepted = 0;
            let message = || Bytes::from(vec![b'x'; size]);
            while let Ok(receipt) = timeout(ms(10), sender.enqueue(message())).await {
                drop(receipt);
                accepted += 1;
            }
            assert_eq!(accepted, expected, "{messages} messages, {bytes} bytes");
        }
        // A message that is larger than the queue may be alone in it.
        let mut options = options();
        options.max_queued_bytes = 10;
        let connector = ScriptedConnector::new([Script::new().read_to_end()]);
        sender(connector, options).send(vec![b'x'; 100].into()).await.unwrap();
    });
}

#[test]
fn a_message_that_the_codec_refuses_is_reported() {
    run_paused(async {
        let connector = ScriptedConnector::new([Script::new().read_to_end()]);
        let sender = sender(connector, options());
        let error = sender.send(vec![0; 1025].into()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge { what: "frame", limit: 1024 });
        sender.send("1".into()).await.unwrap();
    });
}
