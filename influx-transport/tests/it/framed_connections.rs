//! When connections come and go.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use influx_transport::framed::{ConnectionState, FramedTransport};
use influx_transport::memory::{MemoryConnector, memory_pair};
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::test_util::{
    Direction, FaultProxy, Gate, ProxyEvent, Script, ScriptedConnector, ScriptedServer,
};
use influx_transport::{Connect, Delivery, Endpoint, Error, Transport};
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep};

use crate::frames::{Echo, Shared, codec, exchange, ms, options, scripted, wire};
use crate::support::{run, run_paused};

async fn proxied_echo() -> (Echo, FaultProxy) {
    let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let proxy = FaultProxy::start(listener.local_addr()).await.unwrap();
    (Echo::start(listener), proxy)
}

#[test]
fn a_request_reset_at_any_byte_is_reported_and_the_next_goes_over_a_new_connection() {
    run(async {
        let (_echo, proxy) = proxied_echo().await;
        let request = "a request";
        for (direction, at) in [Direction::ToServer, Direction::ToClient]
            .into_iter()
            .flat_map(|direction| (0..wire(request).len() as u64).map(move |at| (direction, at)))
        {
            proxy.reset_after(direction, at);
            let mut options = options();
            options.random = || 0.0;
            let connector = TcpConnector::from(proxy.local_addr());
            let transport = FramedTransport::with_options(connector, codec(), options);
            let error = transport.send(request.into()).await.unwrap_err();
            assert!(error.is_closed(), "{direction:?} {at}: {error:?}");
            assert_ne!(error.delivery(), Delivery::Answered, "{direction:?} {at}");
            if at > 0 {
                assert_eq!(error.delivery(), Delivery::MaybeSent, "{direction:?} {at}");
            }
            proxy.pass().await.unwrap();
            assert_eq!(transport.send("next".into()).await.unwrap(), "next");
            let stats = transport.stats();
            assert_eq!((stats.connects, stats.failed, stats.received), (2, 1, 1));
        }
    });
}

#[test]
fn a_refused_connection_is_reported_at_once_and_to_all_who_wait() {
    run(async {
        let (_echo, proxy) = proxied_echo().await;
        proxy.refuse().await;
        let transport = exchange(TcpConnector::from(proxy.local_addr()));
        let (first, second) = tokio::join!(transport.send("1".into()), transport.send("2".into()));
        for error in [first.unwrap_err(), second.unwrap_err()] {
            assert!(error.is_connect(), "{error:?}");
            assert_eq!(error.delivery(), Delivery::NotSent);
            let expected =
                format!("could not connect to {}: connection refused", proxy.local_addr());
            assert_eq!(error.to_string(), expected);
        }
        assert_eq!(transport.stats().connect_failures, 1);
        assert!(transport.connect().await.unwrap_err().is_connect());
        proxy.pass().await.unwrap();
        transport.connect().await.unwrap();
        assert_eq!(transport.state().current(), ConnectionState::Connected);
        assert_eq!(transport.send("3".into()).await.unwrap(), "3");
        assert_eq!(transport.stats().connects, 1);
    });
}

/// Notes when it is asked to connect, in milliseconds.
struct Log<C> {
    connector: C,
    start: Instant,
    times: Mutex<Vec<u128>>,
}

impl<C> Log<C> {
    fn new(connector: C) -> Arc<Self> {
        Arc::new(Self { connector, start: Instant::now(), times: Mutex::default() })
    }

    fn times(&self) -> Vec<u128> {
        self.times.lock().unwrap().clone()
    }
}

impl<C: Connect> Connect for Log<C> {
    type Stream = C::Stream;

    async fn connect(&self) -> Result<C::Stream, Error> {
        self.times.lock().unwrap().push(self.start.elapsed().as_millis());
        self.connector.connect().await
    }

    fn endpoint(&self) -> &Endpoint {
        self.connector.endpoint()
    }
}

fn refusing() -> MemoryConnector {
    memory_pair().0
}

#[test]
fn pauses_between_failed_attempts_grow_up_to_their_cap() {
    run_paused(async {
        let log = Log::new(refusing());
        let mut options = options();
        options.retry_for = Duration::from_secs(20);
        let transport = FramedTransport::with_options(Shared(Arc::clone(&log)), codec(), options);
        let error = transport.send("1".into()).await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        // 100 ms, 200 ms, ... up to 5 s, all with the largest random number.
        assert_eq!(log.times(), [0, 100, 300, 700, 1500, 3100, 6300, 11300, 16300, 21300]);
        let stats = transport.stats();
        assert_eq!((stats.connect_failures, stats.connects, stats.failed), (10, 0, 1));
    });
}

#[test]
fn pauses_are_the_random_share_that_the_source_says() {
    run_paused(async {
        let log = Log::new(refusing());
        let mut options = options();
        options.retry_for = Duration::from_secs(1);
        options.random = || 0.5;
        let transport = FramedTransport::with_options(Shared(Arc::clone(&log)), codec(), options);
        transport.send("1".into()).await.unwrap_err();
        assert_eq!(log.times(), [0, 50, 150, 350, 750, 1550]);
    });
}

#[test]
fn a_peer_that_accepts_and_closes_at_once_is_asked_after_growing_pauses() {
    run_paused(async {
        let closes = std::iter::repeat_n(Script::new(), 4);
        let works = Script::new().read(5).send(wire("one"));
        let log = Log::new(ScriptedConnector::new(closes.chain([works])));
        let transport = exchange(Shared(Arc::clone(&log)));
        for _ in 0..4 {
            let error = transport.send("1".into()).await.unwrap_err();
            assert!(error.is_closed(), "{error:?}");
        }
        assert_eq!(transport.send("1".into()).await.unwrap(), "one");
        // Only the answer ends the row of failures.
        transport.send("2".into()).await.unwrap_err();
        assert_eq!(log.times(), [0, 100, 300, 700, 1500, 1500]);
        transport.send("2".into()).await.unwrap_err();
        assert_eq!(log.times()[6..], [1600]);
    });
}

#[test]
fn a_connection_that_ended_in_use_is_followed_by_a_pause_and_an_unused_one_is_not() {
    run_paused(async {
        let in_use = Script::new().read(5).send(wire("one")).read(5);
        let unused = Script::new().read(5).send(wire("three"));
        let last = Script::new().read(5).send(wire("four")).read_to_end();
        let log = Log::new(ScriptedConnector::new([in_use, unused, last]));
        let transport = exchange(Shared(Arc::clone(&log)));
        assert_eq!(transport.send("1".into()).await.unwrap(), "one");
        assert!(transport.send("2".into()).await.unwrap_err().is_closed());
        assert_eq!(transport.send("3".into()).await.unwrap(), "three");
        transport.state().wait_for(ConnectionState::Disconnected).await;
        assert_eq!(transport.send("4".into()).await.unwrap(), "four");
        assert_eq!(log.times(), [0, 100, 100]);
    });
}

#[test]
fn a_connection_that_the_peer_closed_while_idle_is_replaced_without_loss() {
    run(async {
        let gate = Gate::new();
        let first = Script::new().read(5).send(wire("one")).pass(&gate);
        let second = Script::new().read(5).send(wire("two"));
        let server = ScriptedServer::start([first, second]).await.unwrap();
        let transport = exchange(TcpConnector::from(server.local_addr()));
        assert_eq!(transport.send("1".into()).await.unwrap(), "one");
        gate.open();
        transport.state().wait_for(ConnectionState::Disconnected).await;
        assert_eq!(transport.send("2".into()).await.unwrap(), "two");
        let stats = transport.stats();
        assert_eq!((stats.connects, stats.failed), (2, 0));
    });
}

#[test]
fn a_request_that_was_not_sent_goes_over_the_next_connection() {
    run_paused(async {
        // The stream holds 100 bytes, and the peer reads one request of two.
        let first = Script::new().read(5).send(wire("one")).pause(ms(1)).read(100);
        let second = Script::new().read(14).send(wire("kept")).read_to_end();
        let connector = Arc::new(ScriptedConnector::new([first, second]).capacity(100));
        let transport = exchange(Shared(Arc::clone(&connector)));
        assert_eq!(transport.send("1".into()).await.unwrap(), "one");
        let (large, kept) =
            tokio::join!(transport.send(vec![0; 900].into()), transport.send("0123456789".into()),);
        assert_eq!(large.unwrap_err().delivery(), Delivery::MaybeSent);
        assert_eq!(kept.unwrap(), "kept");
        assert_eq!(connector.received()[1], wire("0123456789"));
    });
}

#[test]
fn the_state_and_the_numbers_tell_what_happens() {
    run_paused(async {
        let gate = Gate::new();
        let script = Script::new().read(5).pass(&gate).send(wire("one"));
        let (_peer, transport) = scripted([script]);
        let mut state = transport.state();
        assert_eq!(state.current(), ConnectionState::Disconnected);
        let watch = async {
            state.wait_for(ConnectionState::Connected).await;
            sleep(ms(1)).await;
            let found = transport.stats();
            assert_eq!((found.connects, found.in_flight, found.sent), (1, 1, 1));
            assert_eq!(found.received, 0);
            gate.open();
        };
        let (answer, ()) = tokio::join!(transport.send("1".into()), watch);
        assert_eq!(answer.unwrap(), "one");
        state.wait_for(ConnectionState::Disconnected).await;
        let found = transport.stats();
        assert_eq!((found.disconnects, found.in_flight, found.received), (1, 0, 1));
        let again = async {
            state.wait_for(ConnectionState::BackingOff).await;
        };
        transport.send("2".into()).await.unwrap_err();
        let (refused, ()) = tokio::join!(transport.send("3".into()), again);
        assert!(refused.unwrap_err().is_connect());
        assert_eq!(transport.stats().connect_failures, 2);
    });
}

#[test]
fn a_watch_tells_of_each_change_and_of_the_end() {
    run_paused(async {
        let (_peer, transport) = scripted([Script::new().read(5).send(wire("one"))]);
        let mut watch = transport.state();
        let log = tokio::spawn(async move {
            let mut states = Vec::new();
            while let Some(state) = watch.changed().await {
                states.push(state);
            }
            states
        });
        assert_eq!(transport.send("1".into()).await.unwrap(), "one");
        sleep(ms(1)).await;
        transport.send("2".into()).await.unwrap_err();
        transport.send("3".into()).await.unwrap_err();
        drop(transport);
        let states = log.await.unwrap();
        for expected in [ConnectionState::Connected, ConnectionState::BackingOff] {
            assert!(states.contains(&expected), "{states:?}");
        }
        assert_eq!(states.last(), Some(&ConnectionState::Disconnected), "{states:?}");
    });
}

#[test]
fn disconnecting_waits_for_the_answers_and_closes_in_order() {
    run(async {
        let gate = Gate::new();
        let first = Script::new().read(5).pass(&gate).send(wire("one")).read_to_end();
        let second = Script::new().read(5).send(wire("two")).read_to_end();
        let server = ScriptedServer::start([first, second]).await.unwrap();
        let transport = exchange(TcpConnector::from(server.local_addr()));
        let disconnect = async {
            transport.state().wait_for(ConnectionState::Connected).await;
            gate.open();
            transport.disconnect().await
        };
        let (answer, disconnected) = tokio::join!(transport.send("1".into()), disconnect);
        assert_eq!(answer.unwrap(), "one");
        disconnected.unwrap();
        assert_eq!(transport.state().current(), ConnectionState::Disconnected);
        transport.disconnect().await.unwrap();
        assert_eq!(transport.send("2".into()).await.unwrap(), "two");
        transport.disconnect().await.unwrap();
        // A script fails if it was not closed in order.
        assert_eq!(server.finish().await.unwrap(), [wire("1"), wire("2")]);
    });
}

#[test]
fn dropping_transports_closes_all_their_connections() {
    run(async {
        let (_echo, proxy) = proxied_echo().await;
        for _ in 0..20 {
            let transport = exchange(TcpConnector::from(proxy.local_addr()));
            assert_eq!(transport.send("1".into()).await.unwrap(), "1");
            proxy.stall(Direction::ToClient);
            let request = transport.send("unanswered".into());
            assert!(tokio::time::timeout(ms(1), request).await.is_err());
            drop(transport);
            proxy.pass().await.unwrap();
        }
        proxy.wait_for(ProxyEvent::Closed(20)).await;
        assert_eq!(proxy.accepted(), 20);
        let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
        // The proxy's, the echo server's and its connections', which end with those.
        assert!(tasks <= 22, "{tasks} tasks");
    });
}

#[test]
fn a_transport_outlives_the_runtime_on_which_its_connection_ran() {
    let servers = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (_echo, proxy) = servers.block_on(proxied_echo());
    let transport = exchange(TcpConnector::from(proxy.local_addr()));
    for _ in 0..2 {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        assert_eq!(runtime.block_on(transport.send("1".into())).unwrap(), "1");
    }
    assert_eq!(proxy.accepted(), 2);
}

#[test]
fn a_peer_that_never_accepts_does_not_keep_a_dropped_caller() {
    struct Hanging(Endpoint);

    impl Connect for Hanging {
        type Stream = tokio::io::DuplexStream;

        async fn connect(&self) -> Result<Self::Stream, Error> {
            pending().await
        }

        fn endpoint(&self) -> &Endpoint {
            &self.0
        }
    }

    run_paused(async {
        let transport = exchange(Hanging(Endpoint::new("localhost", 1).unwrap()));
        let request = transport.send("1".into());
        assert!(tokio::time::timeout(ms(10), request).await.is_err());
        assert_eq!(transport.state().current(), ConnectionState::Connecting);
    });
}
