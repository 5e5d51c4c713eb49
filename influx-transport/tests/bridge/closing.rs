//! How a bridge ends.

use std::time::Duration;

use bytes::Bytes;
use influx_framing::Frame;
use influx_transport::Connect;
use influx_transport::bridge::{BridgeError, Departure};
use influx_transport::memory::{MemoryConnector, memory_pair};
use influx_transport::tcp::TcpConnector;
use serde_json::json;
use tokio::time::Instant;

use crate::support::{Audited, RawPeer, delimited, json, numbers, options, run, run_paused};

const LIMIT: Duration = Duration::from_secs(5);

#[test]
fn closing_delivers_what_is_queued_and_ends_the_connections_in_order() {
    run(async {
        let server = Audited::tcp(json(), options()).await;
        let (id, mut peer) = server.peer().await;
        for number in 0..1000 {
            server.send(json!(number)).await.unwrap();
        }
        // The peer's own messages do not make it lose those for it.
        peer.say("unread\x17").await;
        let (undelivered, heard) = tokio::join!(server.close(LIMIT), peer.rest());
        assert!(heard == numbers(0..1000).as_bytes());
        assert!(undelivered.is_empty());
        assert_eq!(server.send(json!(1)).await, Err(BridgeError::Closed));
        assert_eq!(server.send_to(id, json!(1)).await, Err(BridgeError::Closed));
        let (left, departure) = server.left().await;
        assert!(left == id && matches!(departure, Departure::Closing), "{departure}");
        assert!(server.recv().await.is_none());
        assert!(server.recv().await.is_none());
        let sent = server.stats().sent;
        assert_eq!((sent.accepted, sent.delivered), (1000, 1000));
        let address = server.endpoint();
        let connector = TcpConnector::new(address.host(), address.port()).unwrap();
        assert!(connector.connect().await.is_err(), "it still listens");
    });
}

#[test]
fn closing_returns_what_could_not_be_delivered() {
    run_paused(async {
        let (connector, listener) = memory_pair();
        let server = Audited::server(listener, delimited(), options());
        let mut peers = Vec::new();
        for _ in 0..2 {
            let stream = connector.connect().await.unwrap();
            peers.push((server.joined().await.0, RawPeer(stream)));
        }
        let message = |number: u8| Bytes::from(vec![number; 9_999]);
        for number in 0..12 {
            server.send(message(number)).await.unwrap();
        }
        server.send_to(peers[1].0, Bytes::from("for the second")).await.unwrap();
        let start = Instant::now();
        let reader = async {
            let mut expected: Vec<Bytes> = (0..12).map(message).collect();
            expected.push("for the second".into());
            for message in expected {
                peers[1].1.hear([&message[..], b"\x17"].concat()).await;
            }
            assert!(peers[1].1.rest().await.is_empty());
        };
        let (undelivered, ()) = tokio::join!(server.close(LIMIT), reader);
        assert_eq!(start.elapsed(), LIMIT);
        assert_eq!(undelivered.len(), 1);
        assert_eq!(undelivered[0].peer, peers[0].0);
        // The connection holds six of them.
        let expected = (6..12).map(|number| [&message(number)[..], b"\x17"].concat());
        assert!(undelivered[0].messages.iter().map(|message| message.to_vec()).eq(expected));
        assert!(server.close(LIMIT).await.is_empty(), "once is enough");
        let sent = server.stats().sent;
        assert_eq!((sent.delivered, sent.dropped_left), (12 + 1 + 6, 6));
    });
}

#[test]
fn a_client_without_a_connection_returns_what_waits() {
    run_paused(async {
        let (connector, listener) = memory_pair();
        drop(listener);
        let client = Audited::client(connector, delimited(), options());
        for message in ["1", "2", "3"] {
            assert_eq!(client.send(message).await, Ok(1));
        }
        let undelivered = client.close(LIMIT).await;
        assert_eq!(undelivered[0].messages, ["1\x17", "2\x17", "3\x17"]);
        assert!(client.recv().await.is_none());
        assert_eq!(client.stats().sent.dropped_left, 3);
    });
}

#[test]
fn an_idle_client_without_a_connection_closes_at_once() {
    run_paused(async {
        let (connector, listener) = memory_pair();
        drop(listener);
        let client = Audited::client(connector, delimited(), options());
        tokio::task::yield_now().await;
        let start = Instant::now();
        assert!(client.close(LIMIT).await.is_empty());
        assert_eq!(start.elapsed(), Duration::ZERO);
    });
}

async fn is_closed(connector: &MemoryConnector) -> bool {
    connector.connect().await.is_err()
}

#[test]
fn dropping_a_bridge_ends_its_tasks_and_connections() {
    run_paused(async {
        let (connector, listener) = memory_pair();
        let server = Audited::server(listener, json(), options());
        let client = Audited::client(connector.clone(), json(), options());
        client.joined().await;
        let mut peer = RawPeer(connector.connect().await.unwrap());
        server.joined().await;
        drop(server);
        assert!(peer.rest().await.is_empty());
        assert!(is_closed(&connector).await);
        let (_, departure) = client.left().await;
        assert!(matches!(departure, Departure::Closed), "{departure}");
        let metrics = tokio::runtime::Handle::current().metrics();
        drop(client);
        while metrics.num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn senders_that_wait_learn_of_the_end() {
    run_paused(async {
        let (connector, _listener) = memory_pair();
        let mut options = options();
        options.slow_peer = influx_transport::bridge::SlowPeer::Wait;
        options.max_queued_messages = 1;
        let client = Audited::client(connector, delimited(), options);
        client.joined().await;
        let send = async { while client.send(vec![b'x'; 50_000]).await.is_ok() {} };
        let close = async {
            tokio::time::sleep(LIMIT).await;
            client.close(LIMIT).await
        };
        let ((), undelivered) = tokio::join!(send, close);
        assert_eq!(undelivered[0].messages.len(), 2);
    });
}

#[test]
fn what_was_read_before_the_end_is_received() {
    run_paused(async {
        let (connector, listener) = memory_pair();
        let mut options = options();
        options.max_received_events = 1;
        let server = Audited::server(listener, delimited(), options);
        let mut peer = RawPeer(connector.connect().await.unwrap());
        // The first 64 of them wait in the program's queue, the next in the peer's hands.
        server.joined().await;
        peer.say(numbers(0..100)).await;
        server.until(|server| server.stats().received == 100).await;
        server.close(LIMIT).await;
        for number in 0..100 {
            let (_, message) = server.message().await;
            assert_eq!(message, Frame::Complete(number.to_string().into()));
        }
        server.left().await;
        assert!(server.recv().await.is_none());
    });
}
