//! Datagrams of 200 bytes, read back by the same thread.

use std::net;

use influx_transport::{Transport, UdpTransport};
use tokio::net::UdpSocket;

use super::{Job, Received};
use crate::harness::Kind::{Limit, Ours, Peer};
use crate::harness::{Case, Pass, Scale, Workload};

pub(super) fn workloads() -> impl Iterator<Item = Workload> {
    [Workload { name: "transport/udp".to_owned(), build: Box::new(case) }].into_iter()
}

fn case(scale: Scale) -> Case {
    let job = Job::new(scale, 200, 1);
    job.case(vec![
        job.contender(Limit, "std send, blocking", async |job, pass| {
            let mut receiver = Receiver::new(&job, pass);
            let socket = net::UdpSocket::bind(("127.0.0.1", 0)).unwrap();
            socket.connect(receiver.address()).unwrap();
            for message in job.messages() {
                socket.send(message).unwrap();
                receiver.sent();
            }
        }),
        job.contender(Peer, "tokio send, connected", async |job, pass| {
            let mut receiver = Receiver::new(&job, pass);
            let socket = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
            socket.connect(receiver.address()).await.unwrap();
            for message in job.messages() {
                socket.send(message).await.unwrap();
                receiver.sent();
            }
        }),
        job.contender(Ours, "UdpTransport", async |job, pass| {
            let mut receiver = Receiver::new(&job, pass);
            let transport = UdpTransport::new("127.0.0.1", receiver.address().port()).unwrap();
            for message in job.messages() {
                transport.send(message.clone()).await.unwrap();
                receiver.sent();
            }
        }),
    ])
}

/// So many datagrams fit into any system's buffer.
const BATCH: usize = 32;

/// Reads datagrams back when a batch of them was sent.
struct Receiver {
    socket: net::UdpSocket,
    waiting: usize,
    received: Received,
}

impl Receiver {
    fn new(job: &Job, pass: Pass) -> Self {
        let socket = net::UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        Self { socket, waiting: 0, received: Received::new(job.clone(), pass) }
    }

    fn address(&self) -> net::SocketAddr {
        self.socket.local_addr().unwrap()
    }

    fn sent(&mut self) {
        self.waiting += 1;
        if self.waiting < BATCH {
            return;
        }
        let mut buffer = [0; 2048];
        for _ in 0..std::mem::take(&mut self.waiting) {
            let len = self.socket.recv(&mut buffer).unwrap();
            self.received.take(&buffer[..len]);
        }
    }
}
