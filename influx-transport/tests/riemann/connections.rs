//! Connections that break and come back, are shared, and are opened and closed once.

use std::collections::HashSet;
use std::sync::Arc;

use influx_transport::framed::{ConnectionState, FramedTransport};
use influx_transport::tcp::TcpConnector;
use influx_transport::test_util::{Direction, FaultProxy, ProxyEvent, Script, ScriptedServer};
use influx_transport::{Connect, Delivery, SocketOptions, Transport};
use socket2::SockRef;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::client::{Client, Error};
use crate::message::{Event, Msg, codec};
use crate::support::{
    client, event, no, ok, read_events, refusal, refused_event, riemann, run, run_paused, scripted,
    transport_error, wire,
};

#[test]
fn a_client_comes_back_by_itself() {
    run(async {
        let (server, address) = riemann().await;
        let proxy = FaultProxy::start(address).await.unwrap();
        let client = client(proxy.local_addr());
        client.events(vec![event("before")]).await.unwrap();
        let mut state = client.transport().state();
        proxy.reset_all();
        state.wait_for(ConnectionState::Disconnected).await;
        client.events(vec![event("after a reset")]).await.unwrap();

        proxy.refuse().await;
        proxy.reset_all();
        state.wait_for(ConnectionState::Disconnected).await;
        let error = transport_error(client.events(vec![event("while it is down")]).await);
        assert!(error.is_connect(), "{error:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        proxy.pass().await.unwrap();
        client.events(vec![event("after an outage")]).await.unwrap();
        assert_eq!((server.counts().events, client.transport().stats().connects), (3, 3));
    });
}

#[test]
fn a_server_that_closed_an_idle_connection_costs_no_event() {
    run(async {
        let request = wire(&Msg { events: vec![event("a")], ..Msg::default() });
        let script = || Script::new().read(request.len()).send(ok());
        let server = ScriptedServer::start([script(), script(), script()]).await.unwrap();
        let client = client(server.local_addr());
        let mut state = client.transport().state();
        for _ in 0..3 {
            client.events(vec![event("a")]).await.unwrap();
            state.wait_for(ConnectionState::Disconnected).await;
        }
        assert_eq!(server.finish().await.unwrap(), vec![request; 3]);
    });
}

/// Many tasks send events and ask for their own, over one client.
async fn many_tasks_share_a_client() {
    let (server, address) = riemann().await;
    let client = Arc::new(client(address));
    let mut tasks = JoinSet::new();
    for task in 0..16 {
        let client = Arc::clone(&client);
        tasks.spawn(async move {
            let mut mine = Vec::new();
            for number in 0..20 {
                mine.push(Event { time: Some(number), ..event(format!("task {task}")) });
                client.events(mine[mine.len() - 1..].to_vec()).await.unwrap();
                let found = client.query(&format!("service = \"task {task}\"")).await.unwrap();
                assert_eq!(found, mine);
            }
        });
    }
    tasks.join_all().await;
    assert_eq!((server.counts().events, client.transport().stats().connects), (320, 1));
}

#[test]
fn tasks_on_one_thread_share_a_client() {
    run(many_tasks_share_a_client());
}

#[test]
fn tasks_on_four_threads_share_a_client() {
    let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(many_tasks_share_a_client());
}

/// Sends event `number`, of which the server refuses every third, and checks that the answer is the
/// one to this event.
async fn send_numbered<T>(client: &Client<T>, number: usize)
where
    T: Transport<Request = bytes::Bytes, Response = bytes::Bytes>,
{
    let service = format!("event {number}");
    if number.is_multiple_of(3) {
        let refused = client.events(vec![refused_event(&service)]).await;
        assert_eq!(refusal(refused), format!("the metric of {service} is NaN"));
    } else {
        client.events(vec![event(service)]).await.unwrap();
    }
}

#[test]
fn ten_thousand_events_of_many_callers_are_pipelined_and_answered_in_order() {
    run(async {
        let (server, address) = riemann().await;
        let client = Arc::new(client(address));
        let mut callers = JoinSet::new();
        for caller in 0..100 {
            let client = Arc::clone(&client);
            callers.spawn(async move {
                for number in 0..100 {
                    send_numbered(&client, caller * 100 + number).await;
                }
            });
        }
        callers.join_all().await;
        let (stats, counts) = (client.transport().stats(), server.counts());
        assert_eq!((stats.connects, stats.sent, stats.received), (1, 10_000, 10_000));
        assert_eq!((counts.messages, counts.refused, counts.events), (10_000, 3334, 6666));
        let stored = client.query("true").await.unwrap();
        let services: HashSet<_> = stored.into_iter().filter_map(|event| event.service).collect();
        assert_eq!(services.len(), 6666, "no event came twice");
    });
}

#[test]
fn five_hundred_requests_at_once_are_answered_yes_and_no_in_order() {
    run(async {
        let (_server, address) = riemann().await;
        let client = Arc::new(client(address));
        let mut callers = JoinSet::new();
        for number in 0..500 {
            let client = Arc::clone(&client);
            callers.spawn(async move { send_numbered(&client, number).await });
        }
        callers.join_all().await;
        assert_eq!(client.transport().stats().connects, 1);
    });
}

#[test]
fn no_request_waits_for_the_answer_to_another() {
    run_paused(async {
        // The peer reads all requests before it answers the first.
        let answers = (0..100).map(|number| no(&format!("answer {number}")));
        let script = read_events(100).send(answers.collect::<Vec<_>>().concat()).read_to_end();
        let client = Arc::new(scripted([script]));
        let mut callers = JoinSet::new();
        for _ in 0..100 {
            let client = Arc::clone(&client);
            callers.spawn(async move { refusal(client.events(vec![event("a")]).await) });
        }
        let found: HashSet<_> = callers.join_all().await.into_iter().collect();
        assert_eq!(found, (0..100).map(|number| format!("answer {number}")).collect());
    });
}

#[test]
fn twenty_thousand_events_fit_into_one_message_and_one_answer() {
    run(async {
        let (server, address) = riemann().await;
        let client = client(address);
        let numbered = |number: i64| Event {
            time: Some(1_700_000_000 + number),
            metric_sint64: Some(number),
            host: Some("web".to_owned()),
            ..event("requests/s")
        };
        let events: Vec<Event> = (0..20_000).map(numbered).collect();
        let size = wire(&Msg { events: events.clone(), ..Msg::default() }).len();
        assert!(size > 500_000, "{size} bytes");
        client.events(events.clone()).await.unwrap();
        assert_eq!(server.counts().messages, 1);
        assert_eq!(client.query("true").await.unwrap(), events);
    });
}

#[test]
fn one_socket_is_opened_however_often_a_client_connects() {
    run(async {
        let (_server, address) = riemann().await;
        let proxy = FaultProxy::start(address).await.unwrap();
        let client = client(proxy.local_addr());
        let transport = client.transport();
        let both = tokio::join!(transport.connect(), transport.connect());
        both.0.and(both.1).unwrap();
        transport.connect().await.unwrap();
        client.events(vec![event("a")]).await.unwrap();
        assert_eq!(proxy.accepted(), 1);

        transport.disconnect().await.unwrap();
        transport.disconnect().await.unwrap();
        proxy.wait_for(ProxyEvent::Closed(1)).await;
        // A closed client is not a dead one.
        client.events(vec![event("a")]).await.unwrap();
        drop(client);
        proxy.wait_for(ProxyEvent::Closed(2)).await;
        assert_eq!((proxy.accepted(), proxy.forwarded(Direction::ToClient)), (2, 12));
    });
}

#[test]
fn sockets_do_not_delay_and_notice_a_peer_that_vanished() {
    run(async {
        let (_server, address) = riemann().await;
        let stream = TcpConnector::from(address).connect().await.unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.tcp_nodelay().unwrap());
        assert!(socket.keepalive().unwrap());

        let mut options = SocketOptions::default();
        options.nodelay = false;
        options.keepalive = None;
        let connector = TcpConnector::with_options(address, options.into());
        let stream = connector.connect().await.unwrap();
        let socket = SockRef::from(&stream);
        assert!(!socket.tcp_nodelay().unwrap());
        assert!(!socket.keepalive().unwrap());
    });
}

#[test]
fn a_peer_that_cannot_exist_is_refused_before_anything_is_tried() {
    for (host, port, expected) in
        [("", 5555, "the host is empty"), ("localhost", 0, "port 0 cannot be connected to")]
    {
        assert_eq!(TcpConnector::new(host, port).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_host_name_is_looked_up() {
    run(async {
        let (_server, address) = riemann().await;
        let connector = TcpConnector::new("localhost", address.port()).unwrap();
        let client = Client::new(FramedTransport::new(connector, codec()));
        let sent: Result<(), Error> = client.events(vec![event("a")]).await;
        sent.unwrap();
    });
}
