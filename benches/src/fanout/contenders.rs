//! The senders.

use std::future::pending;
use std::sync::Mutex;

use bytes::{BufMut, Bytes, BytesMut};
use influx_framing::DelimiterCodec;
use influx_transport::bridge::{Bridge, BridgeOptions, SlowPeer};
use influx_transport::{Endpoint, Listen};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::{BLOCK, DELIMITER, Fanout};

/// The messages, or blocks, that may wait for a peer.
const QUEUE: usize = 1024;

/// Only the writes: every peer gets the same bytes, in large pieces.
pub(super) struct Blocks {
    queues: Vec<mpsc::Sender<Bytes>>,
    block: BytesMut,
}

impl Fanout for Blocks {
    async fn start(streams: Vec<TcpStream>) -> Self {
        let queues = streams.into_iter().map(|stream| write_each(stream, QUEUE * 200 / BLOCK));
        Self { queues: queues.collect(), block: BytesMut::with_capacity(BLOCK) }
    }

    async fn send(&mut self, message: &Bytes) {
        self.block.put_slice(message);
        self.block.put_u8(DELIMITER);
        if self.block.len() + message.len() >= BLOCK {
            self.flush().await;
        }
    }

    async fn flush(&mut self) {
        let block = self.block.split().freeze();
        for queue in &self.queues {
            queue.send(block.clone()).await.unwrap();
        }
        self.block.reserve(BLOCK);
    }
}

/// The first version of most programs: every message is a write.
pub(super) struct EachMessage(Vec<mpsc::Sender<Bytes>>);

impl Fanout for EachMessage {
    async fn start(streams: Vec<TcpStream>) -> Self {
        Self(streams.into_iter().map(|stream| write_each(stream, QUEUE)).collect())
    }

    async fn send(&mut self, message: &Bytes) {
        let mut frame = BytesMut::with_capacity(message.len() + 1);
        frame.put_slice(message);
        frame.put_u8(DELIMITER);
        send_to_all(&self.0, &frame.freeze()).await;
    }
}

/// The version of programs that were measured: all that waits is one write.
pub(super) struct Coalesced(Vec<mpsc::Sender<Bytes>>);

impl Fanout for Coalesced {
    async fn start(streams: Vec<TcpStream>) -> Self {
        let queue = |mut stream: TcpStream| {
            let (sender, mut queue) = mpsc::channel::<Bytes>(QUEUE);
            tokio::spawn(async move {
                let mut messages = Vec::with_capacity(BLOCK / 200);
                let mut block = BytesMut::with_capacity(BLOCK);
                while queue.recv_many(&mut messages, BLOCK / 200).await > 0 {
                    for message in messages.drain(..) {
                        block.put_slice(&message);
                        block.put_u8(DELIMITER);
                    }
                    stream.write_all(&block).await.unwrap();
                    block.clear();
                }
            });
            sender
        };
        Self(streams.into_iter().map(queue).collect())
    }

    async fn send(&mut self, message: &Bytes) {
        send_to_all(&self.0, message).await;
    }
}

/// Ours.
pub(super) struct OurBridge(Bridge<DelimiterCodec>);

impl Fanout for OurBridge {
    async fn start(streams: Vec<TcpStream>) -> Self {
        let count = streams.len();
        let mut options = BridgeOptions::default();
        options.slow_peer = SlowPeer::Wait;
        options.max_queued_messages = QUEUE;
        let listener = Accepted { streams: Mutex::new(streams), endpoint: endpoint() };
        let bridge = Bridge::server(listener, DelimiterCodec::new(DELIMITER), options);
        while bridge.stats().peers < count {
            tokio::task::yield_now().await;
        }
        Self(bridge)
    }

    async fn send(&mut self, message: &Bytes) {
        self.0.send(message).await.unwrap();
    }
}

/// A listener whose peers are there already.
struct Accepted {
    streams: Mutex<Vec<TcpStream>>,
    endpoint: Endpoint,
}

impl Listen for Accepted {
    type Stream = TcpStream;

    async fn accept(&self) -> (TcpStream, Endpoint) {
        let stream = self.streams.lock().unwrap().pop();
        match stream {
            Some(stream) => (stream, self.endpoint.clone()),
            None => pending().await,
        }
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

fn endpoint() -> Endpoint {
    Endpoint::new("localhost", 1).unwrap()
}

/// A queue whose entries are written one by one.
fn write_each(mut stream: TcpStream, capacity: usize) -> mpsc::Sender<Bytes> {
    let (sender, mut queue) = mpsc::channel::<Bytes>(capacity);
    tokio::spawn(async move {
        while let Some(bytes) = queue.recv().await {
            stream.write_all(&bytes).await.unwrap();
        }
    });
    sender
}

async fn send_to_all(queues: &[mpsc::Sender<Bytes>], message: &Bytes) {
    for queue in queues {
        // Waiting costs more than looking whether there is room.
        if let Err(mpsc::error::TrySendError::Full(message)) = queue.try_send(message.clone()) {
            queue.send(message).await.unwrap();
        }
    }
}
