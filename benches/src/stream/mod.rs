//! Messages over sockets on the loopback interface.
//!
//! Both ends of a connection share one thread: its CPU time is the whole cost, and no wake-up
//! crosses threads, which would drown the rest.

mod exchange;
mod http;
mod one_way;
mod tls;
mod udp;

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

use crate::harness::{Case, Contender, Kind, Pass, Scale, Workload, with_timer};

pub(crate) fn workloads() -> impl Iterator<Item = Workload> {
    one_way::workloads()
        .chain(exchange::workloads())
        .chain(tls::workloads())
        .chain(udp::workloads())
        .chain(http::workloads())
}

/// Ends a one-way message. No message contains it.
const DELIMITER: u8 = 0x17;

/// The messages to send.
#[derive(Clone)]
struct Job {
    /// Message `n` is the one at `n` modulo their number.
    messages: Arc<[Bytes]>,
    count: usize,
    /// The number of requests under way at once.
    depth: usize,
}

impl Job {
    fn new(scale: Scale, len: usize, depth: usize) -> Self {
        let count = match scale {
            Scale::Full => 128_000,
            Scale::Small => 1_280,
        };
        let digits = len - 8;
        let message = |number| Bytes::from(format!("{{\"id\": {number:digits$}}}"));
        Self { messages: (10..74).map(message).collect(), count, depth }
    }

    fn message(&self, number: usize) -> &Bytes {
        &self.messages[number % self.messages.len()]
    }

    /// All messages, in order.
    fn messages(&self) -> impl Iterator<Item = &Bytes> {
        self.messages.iter().cycle().take(self.count)
    }

    fn bytes(&self) -> usize {
        self.messages().map(Bytes::len).sum()
    }

    /// The bytes that a stream of one-way messages has.
    fn wire_len(&self) -> usize {
        self.bytes() + self.count
    }

    /// A case whose contenders do this job.
    fn case(&self, contenders: Vec<Contender>) -> Case {
        Case { bytes: self.bytes(), points: self.count, contenders }
    }

    /// A peer without time limits, then the same with a pending timer.
    fn peer(
        &self,
        name: &'static str,
        work: impl AsyncFn(Self, Pass) + Clone + 'static,
    ) -> [Contender; 2] {
        let timed = self.contender(Kind::TimedPeer, name, work.clone());
        [self.contender(Kind::Peer, name, work), timed]
    }

    /// A contender that does the job on a runtime of this thread.
    fn contender(
        &self,
        kind: Kind,
        name: &'static str,
        work: impl AsyncFn(Self, Pass) + 'static,
    ) -> Contender {
        let job = self.clone();
        let pass = move |pass| runtime().block_on(with_timer(kind, work(job.clone(), pass)));
        Contender { kind, name, pass: Box::new(pass) }
    }
}

/// Counts the messages that arrive; in a checked pass it also compares them.
struct Received {
    job: Job,
    pass: Pass,
    count: usize,
}

impl Received {
    fn new(job: Job, pass: Pass) -> Self {
        Self { job, pass, count: 0 }
    }

    fn take(&mut self, message: &[u8]) {
        if self.pass == Pass::Checked {
            assert_eq!(message, self.job.message(self.count), "message {}", self.count);
        }
        assert_eq!(black_box(message).len(), self.job.messages[0].len());
        self.count += 1;
    }

    fn is_complete(&self) -> bool {
        self.count == self.job.count
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// The two ends of one connection.
async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap());
    let (client, server) = tokio::join!(client, listener.accept());
    let (client, (server, _)) = (client.unwrap(), server.unwrap());
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    (client, server)
}
