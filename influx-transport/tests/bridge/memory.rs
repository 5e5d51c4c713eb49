//! The memory of all peers together.

use std::env;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use influx_framing::Frame;
use influx_transport::Connect;
use influx_transport::bridge::Departure;
use influx_transport::memory::memory_pair;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::support::{Audited, RawPeer, delimited, options, run_paused};

const PEERS: usize = 1000;

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
    alone("memory::incomplete_frames_of_all_peers_together_keep_to_the_budget", || {
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
        options.send_timeout = Duration::from_secs(3600);
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

/// The memory for large messages is given back as soon as the last peer took them, not with the
/// next message.
#[test]
fn a_large_message_takes_no_memory_after_its_delivery() {
    alone("memory::a_large_message_takes_no_memory_after_its_delivery", || {
        // The system gets memory of that size back at once from any allocator.
        const HUGE: usize = 40 << 20;
        for (to_one, size, messages) in [
            (false, HUGE, 1),
            (true, HUGE, 1),
            (false, 3 << 20, 1),
            (false, 3 << 20, 3),
            (true, 3 << 20, 1),
            (false, 65_537, 20),
        ] {
            run_paused(async {
                let mut options = options();
                options.max_queued_bytes = HUGE;
                options.max_buffered_bytes = 4 * HUGE;
                let mut codec = delimited();
                codec.max_len = size;
                let (connector, listener) = memory_pair();
                let server = Audited::server(listener, codec, options);
                let mut peers = JoinSet::new();
                let mut ids = Vec::new();
                for _ in 0..3 {
                    let mut stream = connector.connect().await.unwrap();
                    ids.push(server.joined().await.0);
                    peers.spawn(async move {
                        let mut buffer = vec![0; 8 * 1024];
                        while stream.read(&mut buffer).await.unwrap() > 0 {}
                    });
                }
                let before = resident();
                for _ in 0..messages {
                    if to_one {
                        server.send_to(ids[0], vec![b'x'; size]).await.unwrap();
                    } else {
                        server.send(vec![b'x'; size]).await.unwrap();
                    }
                }
                server.until(|server| server.stats().sent.queued == 0).await;
                // One block of the log and the buffers for input.
                let buffered = server.stats().buffered_bytes;
                assert!(buffered <= 65_536 + 3 * 8 * 1024, "{size}: {buffered} bytes");
                let taken = resident().saturating_sub(before);
                assert!(taken < HUGE / 4, "{size}: {taken} bytes");
                server.close(Duration::from_secs(1)).await;
            });
        }
    });
}
