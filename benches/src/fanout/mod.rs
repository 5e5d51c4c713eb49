//! One program sends every message to many peers, over sockets on the loopback interface.
//!
//! The peers read in a thread of their own: only the CPU time of the sending thread counts.

mod contenders;
mod datalogd;
mod peers;

use bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

use self::contenders::{Blocks, Coalesced, EachMessage, OurBridge};
use self::peers::{Peers, Received};
use crate::harness::Kind::{Limit, Peer, TimedOurs, TimedPeer};
use crate::harness::{Case, Contender, Kind, Scale, Workload, with_timer};

pub(crate) fn workloads() -> impl Iterator<Item = Workload> {
    let workload = |name, peers, build: fn(Scale, usize) -> Case| Workload {
        name,
        build: Box::new(move |scale| build(scale, peers)),
    };
    [10, 100].into_iter().flat_map(move |peers| {
        let name = format!("transport/fanout/{peers}");
        let datalogd = workload(format!("{name}/datalogd"), peers, beside_datalogd);
        [workload(name, peers, case), datalogd]
    })
}

fn case(scale: Scale, peers: usize) -> Case {
    let job = Job { messages: scale.points() * 10 / peers, peers };
    job.case(vec![
        job.contender::<Blocks>(Limit, "whole blocks to each"),
        job.contender::<EachMessage>(Peer, "channel per peer, write per message"),
        job.contender::<EachMessage>(TimedPeer, "channel per peer, write per message"),
        job.contender::<Coalesced>(Peer, "channel per peer, recv_many, one write"),
        job.contender::<Coalesced>(TimedPeer, "channel per peer, recv_many, one write"),
        job.contender::<OurBridge>(TimedOurs, "Bridge"),
    ])
}

/// Apart from the others, since a tenth of their messages keeps it busy for long enough.
fn beside_datalogd(scale: Scale, peers: usize) -> Case {
    let job = Job { messages: scale.points() / peers, peers };
    let bridge = job.contender::<OurBridge>(Kind::Ours, "Bridge");
    job.case(datalogd::contender(job).into_iter().chain([bridge]).collect())
}

/// The length of a message with its delimiter.
const FRAME: usize = 200;

const DELIMITER: u8 = 0x17;

/// The bytes of one write.
const BLOCK: usize = 64 * 1024;

/// A contender: sends each message to all peers.
trait Fanout: Sized {
    async fn start(streams: Vec<TcpStream>) -> Self;

    async fn send(&mut self, message: &Bytes);

    /// Sends the messages that were kept back.
    async fn flush(&mut self) {}
}

#[derive(Clone, Copy)]
struct Job {
    messages: usize,
    peers: usize,
}

impl Job {
    fn case(self, contenders: Vec<Contender>) -> Case {
        let deliveries = self.messages * self.peers;
        Case { bytes: deliveries * FRAME, points: deliveries, contenders }
    }

    fn contender<F: Fanout + 'static>(self, kind: Kind, name: &'static str) -> Contender {
        let all = messages(self.messages);
        let expected = Received::of(all.clone());
        // The connections stay open from one pass to the next.
        let mut session = None;
        let pass = move |_| {
            let Session { runtime, fanout, peers } =
                session.get_or_insert_with(|| Session::<F>::open(self.peers));
            let expected = expected.clone();
            runtime.block_on(with_timer(kind, async {
                peers.read(expected.bytes);
                for message in all.clone() {
                    fanout.send(&message).await;
                }
                fanout.flush().await;
                for _ in 0..self.peers {
                    assert_eq!(peers.received().await, expected);
                }
            }));
        };
        Contender { kind, name, pass: Box::new(pass) }
    }
}

/// `count` messages, without their delimiter.
fn messages(count: usize) -> impl Iterator<Item = Bytes> + Clone {
    // Each has another sum of bytes, so that the sum tells whether all have arrived.
    let message = |number| Bytes::from(format!("{number:0>width$}", width = FRAME - 1));
    let messages: Vec<Bytes> = (0..1000).map(message).collect();
    messages.into_iter().cycle().take(count)
}

/// The connections of one contender.
struct Session<F> {
    runtime: Runtime,
    fanout: F,
    peers: Peers,
}

impl<F: Fanout> Session<F> {
    fn open(peers: usize) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (fanout, peers) = runtime.block_on(async {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let connected = Peers::connect(listener.local_addr().unwrap(), peers);
            let mut streams = Vec::new();
            for _ in 0..peers {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                streams.push(stream);
            }
            (F::start(streams).await, connected)
        });
        Self { runtime, fanout, peers }
    }
}
