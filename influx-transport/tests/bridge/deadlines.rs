//! How long peers may take.

use std::time::Duration;

use influx_framing::Frame;
use influx_transport::bridge::{BridgeEvent, Departure};
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep};

use crate::support::{in_memory, options, run_paused};

#[test]
fn a_frame_must_be_complete_in_time() {
    run_paused(async {
        let limit = options().frame_timeout;
        // A frame that is being skipped is one too.
        for beginning in ["x".to_owned(), "x".repeat(2 << 20), "whole\x17".to_owned()] {
            let (server, connector) = in_memory(options());
            let (_, mut peer) = server.join(&connector).await;
            let start = Instant::now();
            let dripped = async {
                peer.say(&beginning).await;
                while peer.0.write_all(b"x").await.is_ok() {
                    sleep(limit / 8).await;
                }
            };
            let departed = async {
                loop {
                    match server.recv().await {
                        Some((_, BridgeEvent::Message(_))) => {}
                        Some((_, BridgeEvent::Left { departure, .. })) => {
                            return (departure, start.elapsed());
                        }
                        other => panic!("{other:?}"),
                    }
                }
            };
            let ((), (departure, after)) = tokio::join!(dripped, departed);
            assert!(matches!(departure, Departure::FrameTimeout), "{departure}");
            assert_eq!(after, limit);
        }
    });
}

#[test]
fn many_small_frames_may_take_as_long_as_they_like() {
    run_paused(async {
        let (server, connector) = in_memory(options());
        let (_, mut peer) = server.join(&connector).await;
        peer.say("0").await;
        for _ in 0..100 {
            sleep(options().frame_timeout / 2).await;
            peer.say("\x170").await;
            server.message().await;
        }
    });
}

#[test]
fn a_frame_may_take_longer_if_the_program_is_the_reason() {
    run_paused(async {
        let mut options = options();
        options.max_received_events = 1;
        let (server, connector) = in_memory(options);
        let (_, mut peer) = server.join(&connector).await;
        // The second batch waits for the program.
        peer.say("x\x17".repeat(65) + "begun, ").await;
        sleep(Duration::from_secs(3600)).await;
        for _ in 0..65 {
            server.message().await;
        }
        peer.say("done\x17").await;
        assert_eq!(server.message().await.1, Frame::Complete("begun, done".into()));
    });
}

#[test]
fn a_silent_peer_may_stay_unless_told_otherwise() {
    run_paused(async {
        let idle = Duration::from_secs(10);
        for limit in [None, Some(idle)] {
            let mut options = options();
            options.idle_timeout = limit;
            let (server, connector) = in_memory(options);
            let (_, mut peer) = server.join(&connector).await;
            for _ in 0..3 {
                sleep(idle * 2 / 3).await;
                peer.say("1\x17").await;
                server.message().await;
                sleep(idle * 2 / 3).await;
                server.send("2").await.unwrap();
                peer.hear("2\x17").await;
            }
            let start = Instant::now();
            let left = tokio::time::timeout(Duration::from_secs(86_400), server.left()).await;
            match limit {
                None => assert!(left.is_err()),
                Some(limit) => {
                    let (_, departure) = left.unwrap();
                    assert!(matches!(departure, Departure::IdleTimeout), "{departure}");
                    assert_eq!(start.elapsed(), limit);
                }
            }
            server.until_delivered(3).await;
        }
    });
}

#[test]
fn a_half_closed_peer_may_listen_as_long_as_it_is_told_something() {
    run_paused(async {
        let (server, connector) = in_memory(options());
        let (_, mut peer) = server.join(&connector).await;
        peer.finish().await;
        for _ in 0..10 {
            sleep(options().half_closed_timeout * 2 / 3).await;
            server.send("1").await.unwrap();
            peer.hear("1\x17").await;
        }
        let start = Instant::now();
        let (_, departure) = server.left().await;
        assert!(matches!(departure, Departure::Closed), "{departure}");
        assert_eq!(start.elapsed(), options().half_closed_timeout);
    });
}
