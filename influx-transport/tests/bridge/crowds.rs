//! A thousand peers, some of whom do not behave.

use std::collections::BTreeSet;
use std::env;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use influx_framing::Frame;
use influx_transport::{
    BridgeEvent, Connect, Departure, SocketOptions, TcpConnector, TcpListener, memory_pair,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

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
        let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.local_addr();
        let server = Audited::server(listener.socket_options(sockets), delimited(), options());

        let mut tiny = SocketOptions::default();
        tiny.receive_buffer = Some(4 * 1024);
        let (tiny, normal) =
            (TcpConnector::from(address).socket_options(tiny), TcpConnector::from(address));
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

/// How much memory this process takes up, in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// Runs a test in a process of its own, whose memory no other test takes up.
fn alone(name: &str, test: impl FnOnce()) {
    if env::var_os(ALONE).is_some() {
        return test();
    }
    let program = env::current_exe().unwrap();
    let arguments = ["--exact", name, "--nocapture"];
    let output = Command::new(program).args(arguments).env(ALONE, "1").output().unwrap();
    let [report, complaint] =
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success() && report.contains("1 passed"), "{report}{complaint}");
}

const ALONE: &str = "BRIDGE_TEST_RUNS_ALONE";

#[test]
fn incomplete_frames_of_all_peers_together_keep_to_the_budget() {
    alone("crowds::incomplete_frames_of_all_peers_together_keep_to_the_budget", || {
        run_paused(async {
            let (connector, listener) = memory_pair();
            let server = Audited::server(listener, delimited(), options());
            let before = resident();
            let almost = Arc::new(vec![b'x'; (1 << 20) - 1]);
            let mut peers = JoinSet::new();
            for _ in 0..PEERS {
                let mut stream = connector.connect().await.unwrap();
                server.joined().await;
                let almost = Arc::clone(&almost);
                peers.spawn(async move {
                    drop(stream.write_all(&almost).await);
                    stream
                });
            }
            let start = Instant::now();
            sleep(options().frame_timeout / 2).await;
            let stats = server.stats();
            let budget = options().max_buffered_bytes;
            assert!((budget / 2..=budget).contains(&stats.buffered_bytes), "{stats:?}");
            // The test's connections hold 64 KiB each.
            let taken = resident().saturating_sub(before);
            assert!(taken < 3 * budget, "{taken} bytes");

            // Those who do not ask for so much are served as ever.
            let mut modest = RawPeer(connector.connect().await.unwrap());
            let (id, _) = server.joined().await;
            modest.say("small\x17").await;
            assert_eq!(server.message().await, (id, Frame::Complete("small".into())));
            server.send("answer").await.unwrap();
            modest.hear("answer\x17").await;

            for _ in 0..PEERS {
                let (_, departure) = server.left().await;
                assert!(matches!(departure, Departure::FrameTimeout), "{departure}");
            }
            assert_eq!(start.elapsed(), options().frame_timeout);
            assert!(server.stats().buffered_bytes < 1 << 20, "{:?}", server.stats());
        });
    });
}

#[test]
fn large_frames_for_which_there_is_no_memory_become_complete_one_after_the_other() {
    run_paused(async {
        let (connector, listener) = memory_pair();
        let mut options = options();
        options.max_buffered_bytes = 2 << 20;
        let server = Audited::server(listener, delimited(), options);
        let mut wire = vec![b'x'; 200_000];
        wire.push(0x17);
        let wire = Arc::new(wire);
        let mut streams = Vec::new();
        for _ in 0..100 {
            streams.push(connector.connect().await.unwrap());
            server.joined().await;
        }
        let mut peers = JoinSet::new();
        for mut stream in streams {
            let wire = Arc::clone(&wire);
            peers.spawn(async move {
                stream.write_all(&wire).await.unwrap();
                stream
            });
        }
        for _ in 0..100 {
            let (_, message) = server.message().await;
            assert_eq!(message.into_complete().unwrap().len(), 200_000);
            let stats = server.stats();
            assert!(stats.buffered_bytes <= 2 << 20, "{stats:?}");
        }
    });
}

#[test]
fn without_any_memory_the_oldest_incomplete_frame_is_given_up() {
    run_paused(async {
        let (connector, listener) = memory_pair();
        let mut options = options();
        options.max_buffered_bytes = 1 << 20;
        options.write_timeout = Duration::from_secs(3600);
        let server = Audited::server(listener, delimited(), options);
        let mut stalled = Vec::new();
        for _ in 0..8 {
            stalled.push(connector.connect().await.unwrap());
            let (id, _) = server.joined().await;
            // One is written, half of the other stays.
            server.send_to(id, vec![b'x'; 100_000]).await.unwrap();
        }
        let mut greedy = connector.connect().await.unwrap();
        let (id, _) = server.joined().await;
        greedy.write_all(&vec![b'x'; 1 << 20]).await.unwrap_err();
        let (left, departure) = server.left().await;
        assert!(left == id && matches!(departure, Departure::Overloaded), "{departure}");
        let last = server.peer_stats().last().unwrap().peer;
        for _ in 0..10 {
            if server.send_to(last, vec![b'x'; 100_000]).await.is_err() {
                let (left, departure) = server.left().await;
                assert!(left == last && matches!(departure, Departure::Slow), "{departure}");
                return;
            }
        }
        panic!("messages to one peer exceed the memory");
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
                    BridgeEvent::Joined(_) | BridgeEvent::Left(Departure::Closed) => {}
                    BridgeEvent::Message(message) => break message,
                    BridgeEvent::Left(departure) => panic!("{departure}"),
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
