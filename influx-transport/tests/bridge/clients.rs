//! A bridge that connects to its only peer.

use std::sync::Arc;
use std::time::Duration;

use influx_transport::bridge::{BridgeEvent, BridgeOptions, Departure, SlowPeer};
use influx_transport::memory::{MemoryConnector, memory_pair};
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::test_util::{Gate, Script, ScriptedConnector};
use influx_transport::{Connect, Endpoint, Error, Listen};
use serde_json::json;
use tokio::time::Instant;

use crate::support::{
    Audited, RawPeer, Shared, delimited, json, numbers, options, run, run_paused,
};

#[test]
fn client_and_server_understand_each_other() {
    run(async {
        let mut at_once = options();
        at_once.half_closed_timeout = Duration::ZERO;
        let server = Audited::tcp(json(), at_once).await;
        let endpoint = server.endpoint();
        let connector = TcpConnector::new(endpoint.host(), endpoint.port()).unwrap();
        let client = Audited::client(connector, json(), options());
        assert_eq!(client.send(json!({"from": "client"})).await, Ok(1));
        let (id, _) = server.joined().await;
        assert_eq!(server.value().await, (id, json!({"from": "client"})));
        server.send(json!({"from": "server"})).await.unwrap();
        let (peer, endpoint) = client.joined().await;
        assert_eq!(&endpoint, client.endpoint());
        assert_eq!(client.value().await, (peer, json!({"from": "server"})));
        assert!(client.close(Duration::from_secs(5)).await.is_empty());
        let (left, departure) = server.left().await;
        assert!(left == id && matches!(departure, Departure::Closed), "{departure}");
    });
}

#[test]
fn what_is_sent_before_the_server_is_there_arrives_in_order() {
    run(async {
        let reserved = TcpListener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = reserved.local_addr();
        drop(reserved);
        let client = Audited::client(TcpConnector::from(address), json(), options());
        for number in 0..100 {
            assert_eq!(client.send(json!(number)).await, Ok(1));
        }
        client.until(|client| client.stats().connect_failures > 0).await;
        let listener = TcpListener::bind(address).await.unwrap();
        let mut server = RawPeer(listener.accept().await.0);
        server.hear(numbers(0..100)).await;
        client.until_delivered(100).await;
    });
}

#[test]
fn a_server_that_closes_at_once_is_left_alone_longer_and_longer() {
    run_paused(async {
        let scripts = std::iter::repeat_n(Script::new(), 8);
        let connector = Arc::new(ScriptedConnector::new(scripts));
        let client = Audited::client(Shared(Arc::clone(&connector)), json(), options());
        let start = Instant::now();
        let mut pauses = Vec::new();
        for _ in 0..8 {
            client.joined().await;
            pauses.push(start.elapsed().as_millis());
            let (_, departure) = client.left().await;
            assert!(matches!(departure, Departure::Closed), "{departure}");
        }
        assert_eq!(pauses, [0, 100, 300, 700, 1500, 3100, 6300, 11_300]);
    });
}

#[test]
fn a_server_that_has_worked_is_soon_tried_again() {
    run_paused(async {
        let talks = || Script::new().send("1\x17");
        let lasts = || Script::new().pause(Duration::from_secs(2));
        let scripts = [Script::new(), Script::new(), talks(), lasts(), Script::new()];
        let client = Audited::client(ScriptedConnector::new(scripts), json(), options());
        let start = Instant::now();
        let mut joined = Vec::new();
        while joined.len() < 5 {
            if let Some((_, BridgeEvent::Joined(_))) = client.recv().await {
                joined.push(start.elapsed().as_millis());
            }
        }
        assert_eq!(joined, [0, 100, 300, 400, 2500]);
    });
}

/// Sends messages before the server listens, and returns what arrives when it does.
async fn overflow(options: BridgeOptions, messages: u32) -> String {
    let (connector, listener) = memory_pair();
    let gate = Gate::new();
    let client = Audited::client(Late(connector, gate.clone()), delimited(), options);
    for number in 0..messages {
        assert_eq!(client.send(number.to_string()).await, Ok(1));
    }
    gate.open();
    let (_, rest) = tokio::join!(client.close(Duration::from_secs(5)), async {
        RawPeer(listener.accept().await.0).rest().await
    });
    assert_eq!(client.stats().sent.dropped_slow, u64::from(messages) - rest.len() as u64 / 2);
    String::from_utf8(rest).unwrap()
}

/// Connects when it is let through.
struct Late(MemoryConnector, Gate);

impl Connect for Late {
    type Stream = <MemoryConnector as Connect>::Stream;

    async fn connect(&self) -> Result<Self::Stream, Error> {
        self.1.pass().await;
        self.0.connect().await
    }

    fn endpoint(&self) -> &Endpoint {
        self.0.endpoint()
    }
}

#[test]
fn a_queue_that_overflows_before_the_connection_loses_the_oldest() {
    run_paused(async {
        for policy in [SlowPeer::Disconnect, SlowPeer::DropOldest] {
            let mut options = options();
            (options.slow_peer, options.max_queued_messages) = (policy, 3);
            assert_eq!(overflow(options, 6).await, "3\x174\x175\x17", "{policy:?}");
        }
    });
}
