//! Datagrams of 200 bytes. Reading them back, in the same thread, does not count.

use std::net;

use cpu_time::ThreadTime;
use influx_transport::Transport;
use influx_transport::udp::UdpTransport;
use quinn_udp::{Transmit, UdpSocketState};
use tokio::net::UdpSocket;

use super::{Job, Received, runtime};
use crate::harness::Kind::{Limit, Ours, Peer};
use crate::harness::{Case, Contender, Kind, Pass, Scale, Work, Workload};

pub(super) fn workloads() -> impl Iterator<Item = Workload> {
    [Workload { name: "transport/udp".to_owned(), build: Box::new(case) }].into_iter()
}

fn case(scale: Scale) -> Case {
    let job = Job::new(scale, 200, 1);
    job.case(vec![
        contender(&job, Limit, "quinn-udp, 64 in one piece", async |job, mut receiver| {
            let socket = net::UdpSocket::bind(("127.0.0.1", 0)).unwrap();
            let state = UdpSocketState::new((&socket).into()).unwrap();
            socket.set_nonblocking(false).unwrap();
            let transmit = Transmit {
                destination: receiver.address(),
                ecn: None,
                contents: &job.messages.concat(),
                segment_size: Some(job.messages[0].len()),
                src_ip: None,
            };
            for _ in 0..job.count / BATCH {
                state.try_send((&socket).into(), &transmit).unwrap();
                receiver.sent(BATCH);
            }
            receiver
        }),
        contender(&job, Limit, "std send, blocking", async |job, mut receiver| {
            let socket = net::UdpSocket::bind(("127.0.0.1", 0)).unwrap();
            socket.connect(receiver.address()).unwrap();
            for message in job.messages() {
                socket.send(message).unwrap();
                receiver.sent(1);
            }
            receiver
        }),
        contender(&job, Peer, "tokio send, connected", async |job, mut receiver| {
            let socket = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
            socket.connect(receiver.address()).await.unwrap();
            for message in job.messages() {
                socket.send(message).await.unwrap();
                receiver.sent(1);
            }
            receiver
        }),
        contender(&job, Ours, "UdpTransport send", async |job, mut receiver| {
            let transport = UdpTransport::new("127.0.0.1", receiver.address().port()).unwrap();
            for message in job.messages() {
                transport.send(message.clone()).await.unwrap();
                receiver.sent(1);
            }
            receiver
        }),
        contender(&job, Ours, "UdpTransport send_all, udp-batch", async |job, mut receiver| {
            let transport = UdpTransport::new("127.0.0.1", receiver.address().port()).unwrap();
            let mut messages = job.messages().cloned();
            for _ in 0..job.count / BATCH {
                let outcomes = transport.send_all(messages.by_ref().take(BATCH)).await;
                assert!(outcomes.iter().all(Result::is_ok));
                receiver.sent(outcomes.len());
            }
            receiver
        }),
    ])
}

/// Datagrams that fit into any system's buffer. It is the number of the different messages, and
/// their count is a multiple of it.
const BATCH: usize = 64;

fn contender(
    job: &Job,
    kind: Kind,
    name: &'static str,
    send: impl AsyncFn(Job, Receiver) -> Receiver + 'static,
) -> Contender {
    let sending = Sending { job: job.clone(), send, seconds: 0.0 };
    Contender { kind, name, pass: Box::new(sending) }
}

/// Sends to a receiver, which watches the clock.
struct Sending<F> {
    job: Job,
    send: F,
    seconds: f64,
}

impl<F: AsyncFn(Job, Receiver) -> Receiver> Work for Sending<F> {
    fn run(&mut self, pass: Pass) {
        let receiver = Receiver::new(&self.job, pass);
        let receiver = runtime().block_on((self.send)(self.job.clone(), receiver));
        assert!(receiver.received.is_complete());
        self.seconds = receiver.seconds;
    }

    fn seconds_elsewhere(&self) -> Option<f64> {
        Some(self.seconds)
    }
}

/// Reads datagrams back when a batch of them was sent, while the clock stands still.
struct Receiver {
    socket: net::UdpSocket,
    waiting: usize,
    received: Received,
    clock: ThreadTime,
    seconds: f64,
}

impl Receiver {
    fn new(job: &Job, pass: Pass) -> Self {
        let socket = net::UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        let received = Received::new(job.clone(), pass);
        Self { socket, waiting: 0, received, clock: ThreadTime::now(), seconds: 0.0 }
    }

    fn address(&self) -> net::SocketAddr {
        self.socket.local_addr().unwrap()
    }

    fn sent(&mut self, datagrams: usize) {
        self.waiting += datagrams;
        if self.waiting < BATCH {
            return;
        }
        self.seconds += self.clock.elapsed().as_secs_f64();
        let mut buffer = [0; 2048];
        for _ in 0..std::mem::take(&mut self.waiting) {
            let len = self.socket.recv(&mut buffer).unwrap();
            self.received.take(&buffer[..len]);
        }
        self.clock = ThreadTime::now();
    }
}
