//! The receivers.

use std::net::{self, SocketAddr};
use std::thread;

use bytes::Bytes;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, watch};

use super::{BLOCK, DELIMITER};

/// Many peers, in one thread.
pub(super) struct Peers {
    /// The bytes to read in all, from the beginning.
    until: watch::Sender<usize>,
    received: mpsc::Receiver<Received>,
}

/// The messages of one peer in one pass.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Received {
    pub(super) bytes: usize,
    messages: usize,
    sum: usize,
}

impl Peers {
    /// They are connected when this returns.
    pub(super) fn connect(server: SocketAddr, count: usize) -> Self {
        let connect = |_| {
            let stream = net::TcpStream::connect(server).unwrap();
            stream.set_nonblocking(true).unwrap();
            stream
        };
        let streams: Vec<_> = (0..count).map(connect).collect();
        let until = watch::Sender::new(0);
        let (sender, received) = mpsc::channel(count);
        let expected = until.subscribe();
        thread::spawn(move || {
            Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
                let mut peers = tokio::task::JoinSet::new();
                for stream in streams {
                    let stream = TcpStream::from_std(stream).unwrap();
                    peers.spawn(read(stream, expected.clone(), sender.clone()));
                }
                peers.join_all().await;
            });
        });
        Self { until, received }
    }

    /// Has all peers read `bytes` more bytes.
    pub(super) fn read(&self, bytes: usize) {
        self.until.send_modify(|until| *until += bytes);
    }

    /// The messages of the next peer that has all.
    pub(super) async fn received(&mut self) -> Received {
        self.received.recv().await.unwrap()
    }
}

impl Received {
    /// The messages that a peer must receive.
    pub(super) fn of(messages: impl Iterator<Item = Bytes>) -> Self {
        let mut received = Self::default();
        for message in messages {
            received.take(&message);
            received.take(&[DELIMITER]);
        }
        received
    }

    /// The same messages with nothing between them.
    pub(super) fn without_delimiters(&self) -> Self {
        let delimiters = self.messages * usize::from(DELIMITER);
        Self { bytes: self.bytes - self.messages, messages: 0, sum: self.sum - delimiters }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        self.messages += memchr::memchr_iter(DELIMITER, bytes).count();
        self.sum += bytes.iter().map(|byte| usize::from(*byte)).sum::<usize>();
    }
}

/// Reads until the bench ends.
async fn read(
    mut stream: TcpStream,
    mut until: watch::Receiver<usize>,
    done: mpsc::Sender<Received>,
) {
    let mut buffer = vec![0; BLOCK];
    let mut total = 0;
    while until.changed().await.is_ok() {
        let end = *until.borrow_and_update();
        let mut received = Received::default();
        while total < end {
            let bytes = stream.read(&mut buffer).await.unwrap();
            assert!(bytes > 0, "the sender has closed the connection");
            received.take(&buffer[..bytes]);
            total += bytes;
        }
        done.send(received).await.unwrap();
    }
}
