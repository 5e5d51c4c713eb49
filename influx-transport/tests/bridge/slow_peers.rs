//! Peers that take their messages too slowly, or not at all.

use std::time::Duration;

use bytes::Bytes;
use influx_framing::DelimiterCodec;
use influx_transport::bridge::{BridgeError, BridgeOptions, Departure, PeerId, SlowPeer};
use tokio::io::DuplexStream;
use tokio::time::{Instant, timeout};

use crate::support::{Audited, RawPeer, in_memory, options, run_paused};

/// A message of 10,000 bytes with its delimiter.
fn large(number: u8) -> Bytes {
    vec![number; 9_999].into()
}

fn wire(number: u8) -> Vec<u8> {
    [&large(number)[..], b"\x17"].concat()
}

fn limits(slow_peer: SlowPeer, messages: usize, bytes: usize) -> BridgeOptions {
    let mut options = options();
    options.slow_peer = slow_peer;
    options.max_queued_messages = messages;
    options.max_queued_bytes = bytes;
    options
}

type Server = Audited<DelimiterCodec>;

/// A server in memory and two peers. A connection holds 64 KiB, and as many are being written.
async fn server(options: BridgeOptions) -> (Server, [(PeerId, RawPeer<DuplexStream>); 2]) {
    let (server, connector) = in_memory(options);
    let peers = [server.join(&connector).await, server.join(&connector).await];
    (server, peers)
}

/// Sends until the queue of a peer that reads nothing is full, while another one reads. Six
/// messages fill the connection, one is being written, five wait: returns 12.
async fn fill(server: &Server, reader: &mut RawPeer<DuplexStream>) -> u8 {
    for number in 0..12 {
        assert_eq!(server.send(large(number)).await, Ok(2));
        reader.hear(wire(number)).await;
    }
    assert_eq!(server.stats().sent.dropped_slow, 0);
    12
}

/// Limits by count and by size, each of which five waiting messages reach.
const FIVE_WAITING: [(usize, usize); 2] = [(5, 1 << 20), (1000, 50_000)];

#[test]
fn a_slow_peer_is_disconnected_and_nobody_else_is_touched() {
    run_paused(async {
        for (messages, bytes) in FIVE_WAITING {
            let limits = limits(SlowPeer::Disconnect, messages, bytes);
            let (server, [(slow, slow_peer), (_, mut reader)]) = server(limits).await;
            let next = fill(&server, &mut reader).await;
            assert_eq!(server.send(large(next)).await, Ok(1));
            reader.hear(wire(next)).await;
            let (left, departure) = server.left().await;
            assert!(left == slow && matches!(departure, Departure::Slow), "{departure}");
            assert_eq!(server.send_to(slow, large(0)).await, Err(BridgeError::Gone(slow)));
            assert_eq!(server.send(large(19)).await, Ok(1));
            reader.hear(wire(19)).await;
            server.until_delivered(6 + 14).await;
            let sent = server.stats().sent;
            assert_eq!((sent.accepted, sent.dropped_slow, sent.dropped_left), (26, 5, 1));
            drop(slow_peer);
        }
    });
}

#[test]
fn the_oldest_messages_for_a_slow_peer_are_dropped() {
    run_paused(async {
        for (messages, bytes) in FIVE_WAITING {
            let limits = limits(SlowPeer::DropOldest, messages, bytes);
            let (server, [(slow, mut slow_peer), (_, mut reader)]) = server(limits).await;
            let next = fill(&server, &mut reader).await;
            assert_eq!(server.send(large(next)).await, Ok(2));
            server.send_to(slow, large(next + 1)).await.unwrap();
            reader.hear(wire(next)).await;
            for number in (0..=6).chain(9..=13) {
                slow_peer.hear(wire(number)).await;
            }
            server.until_delivered(12 + 13).await;
            let stats = server.peer_stats();
            assert_eq!(stats[0].sent.dropped_slow, 2);
            assert_eq!(stats[1].sent.dropped_slow, 0);
        }
    });
}

#[test]
fn senders_wait_for_a_slow_peer() {
    run_paused(async {
        for (messages, bytes) in FIVE_WAITING {
            let limits = limits(SlowPeer::Wait, messages, bytes);
            let (server, [(slow, mut slow_peer), (_, mut reader)]) = server(limits).await;
            let next = fill(&server, &mut reader).await;
            let a_moment = Duration::from_secs(1);
            assert!(timeout(a_moment, server.send(large(next))).await.is_err());
            assert!(timeout(a_moment, server.send_to(slow, large(next))).await.is_err());
            let (sent, ()) = tokio::join!(server.send(large(next)), async {
                slow_peer.hear(wire(0)).await;
                slow_peer.hear(wire(1)).await;
            });
            assert_eq!(sent, Ok(2));
            reader.hear(wire(next)).await;
            for number in 2..=next {
                slow_peer.hear(wire(number)).await;
            }
            server.until_delivered(26).await;
        }
    });
}

#[test]
fn a_peer_that_takes_nothing_holds_senders_up_until_its_timeout() {
    run_paused(async {
        let (server, [(slow, _slow_peer), (_, mut reader)]) =
            server(limits(SlowPeer::Wait, 5, 1 << 20)).await;
        let start = Instant::now();
        let next = fill(&server, &mut reader).await;
        assert_eq!(server.send(large(next)).await, Ok(1));
        assert_eq!(start.elapsed(), options().send_timeout);
        let (left, departure) = server.left().await;
        assert!(left == slow && matches!(departure, Departure::SendTimeout), "{departure}");
    });
}

#[test]
fn one_message_may_be_larger_than_the_queue() {
    run_paused(async {
        for policy in [SlowPeer::Disconnect, SlowPeer::DropOldest, SlowPeer::Wait] {
            let (server, peers) = server(limits(policy, 5, 100)).await;
            assert_eq!(server.send(large(1)).await, Ok(2));
            for (_, mut peer) in peers {
                peer.hear(wire(1)).await;
            }
            server.until_delivered(2).await;
        }
    });
}
