//! A thousand peers, some of them faulty, and peers that come and go.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use influx_framing::Frame;
use influx_transport::bridge::{BridgeEvent, Departure};
use influx_transport::memory::memory_pair;
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::{Connect, SocketOptions};
use tokio::io::AsyncReadExt;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::support::{Audited, RawPeer, delimited, options, run, run_paused};

const PEERS: usize = 1000;
const STALLED: usize = 10;
const ROUNDS: usize = 20;
const MESSAGES_A_ROUND: usize = 500;

/// A round's messages, and the bytes that a peer receives of them.
fn round(round: usize) -> (Vec<String>, Vec<u8>) {
    let first = round * MESSAGES_A_ROUND;
    let messages: Vec<_> =
        (first..first + MESSAGES_A_ROUND).map(|number| format!("{number:0>39}")).collect();
    let wire = messages.iter().flat_map(|message| [message.as_bytes(), b"\x17"].concat()).collect();
    (messages, wire)
}

#[test]
fn peers_that_read_nothing_cost_the_others_no_message() {
    // Each peer has two sockets here.
    rlimit::increase_nofile_limit(3 * PEERS as u64).unwrap();
    run(async {
        let mut sockets = SocketOptions::default();
        sockets.send_buffer = Some(16 * 1024);
        let address = ([127, 0, 0, 1], 0).into();
        let listener = TcpListener::bind_with(address, sockets).await.unwrap();
        let address = listener.local_addr();
        let server = Audited::server(listener, delimited(), options());

        let mut tiny = SocketOptions::default();
        tiny.receive_buffer = Some(4 * 1024);
        let (tiny, normal) =
            (TcpConnector::with_options(address, tiny.into()), TcpConnector::from(address));
        let (mut stalled, mut stalled_ids) = (Vec::new(), BTreeSet::new());
        let rounds: Arc<Vec<_>> = Arc::new((0..ROUNDS).map(round).collect());
        let finished = Arc::new(Semaphore::new(0));
        let mut readers = JoinSet::new();
        for number in 0..PEERS {
            let stalls = number % (PEERS / STALLED) == 0;
            let mut stream = if stalls { &tiny } else { &normal }.connect().await.unwrap();
            let (id, _) = server.joined().await;
            if stalls {
                stalled_ids.insert(id);
                stalled.push(stream);
                continue;
            }
            let (rounds, finished) = (Arc::clone(&rounds), Arc::clone(&finished));
            readers.spawn(async move {
                let mut received = vec![0; rounds[0].1.len()];
                for (_, expected) in &*rounds {
                    stream.read_exact(&mut received).await.unwrap();
                    assert!(received == *expected);
                    finished.add_permits(1);
                }
                stream
            });
        }

        for (messages, _) in &*rounds {
            for message in messages {
                server.send(message).await.unwrap();
            }
            let all = u32::try_from(PEERS - STALLED).unwrap();
            finished.acquire_many(all).await.unwrap().forget();
            let stats = server.stats();
            assert!(stats.buffered_bytes < 16 << 20, "{stats:?}");
        }
        for _ in 0..STALLED {
            let (left, departure) = server.left().await;
            assert!(matches!(departure, Departure::Slow), "{departure}");
            assert!(stalled_ids.remove(&left));
        }
        let _streams = readers.join_all().await;
        assert_eq!(server.stats().peers, PEERS - STALLED);
    });
}

#[test]
fn peers_that_come_and_go_leave_nothing_behind() {
    run_paused(async {
        let (connector, listener) = memory_pair();
        let mut options = options();
        options.max_peers = 16;
        let server = Audited::server(listener, delimited(), options);
        let tasks = tokio::runtime::Handle::current().metrics();
        for number in 0..2000 {
            let mut peer = RawPeer(connector.connect().await.unwrap());
            peer.say(format!("{number}\x17")).await;
            let message = loop {
                match server.recv().await.unwrap().1 {
                    BridgeEvent::Joined(_)
                    | BridgeEvent::Left { departure: Departure::Closed, .. } => {}
                    BridgeEvent::Message(message) => break message,
                    BridgeEvent::Left { departure, .. } => panic!("{departure}"),
                }
            };
            assert_eq!(message, Frame::Complete(number.to_string().into()));
            assert!(server.stats().peers <= 16);
            assert!(tasks.num_alive_tasks() <= 17);
        }
        let limit = Duration::from_secs(5);
        assert!(server.close(limit).await.is_empty());
        let stats = server.stats();
        assert_eq!((stats.peers, stats.joined, stats.received), (0, 2000, 2000));
        assert_eq!(tasks.num_alive_tasks(), 0);
    });
}
