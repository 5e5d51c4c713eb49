//! How a host is found, and found again.

use std::collections::VecDeque;
use std::error::Error as _;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use influx_transport::tcp::{TcpConnector, TcpListener, TcpOptions};
use influx_transport::udp::{UdpListener, UdpOptions, UdpTransport};
use influx_transport::{
    BoxResolver, Connect, Delivery, Endpoint, Error, ErrorKind, Phase, Resolve, Transport,
};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::support::{closed, run, run_paused, silent};

/// Answers once with each of these. It fails when they are used up.
struct Answers(Mutex<VecDeque<Vec<SocketAddr>>>);

impl Answers {
    fn new<const N: usize>(answers: [&[SocketAddr]; N]) -> Self {
        Self(Mutex::new(answers.map(<[_]>::to_vec).into()))
    }
}

impl Resolve for Answers {
    async fn resolve(&self, host: &str, _port: u16) -> io::Result<Vec<SocketAddr>> {
        assert_eq!(host, "db.example.org");
        let next = self.0.lock().unwrap().pop_front();
        next.ok_or_else(|| io::Error::other("unknown host"))
    }
}

/// Never answers.
struct Silence;

impl Resolve for Silence {
    async fn resolve(&self, _host: &str, _port: u16) -> io::Result<Vec<SocketAddr>> {
        pending().await
    }
}

fn tcp_options(resolver: impl Resolve) -> TcpOptions {
    let mut options = TcpOptions::default();
    options.resolver = BoxResolver::new(resolver);
    options
}

fn connector_with(options: TcpOptions) -> TcpConnector {
    TcpConnector::with_options(Endpoint::new("db.example.org", 8086).unwrap(), options)
}

fn connector(resolver: impl Resolve) -> TcpConnector {
    connector_with(tcp_options(resolver))
}

fn udp(resolver: impl Resolve) -> UdpTransport {
    let mut options = UdpOptions::default();
    options.resolver = BoxResolver::new(resolver);
    UdpTransport::with_options(Endpoint::new("db.example.org", 4444).unwrap(), options)
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr();
    (listener, address)
}

fn check(error: &Error, kind: ErrorKind, phase: Phase) {
    assert_eq!((error.kind(), error.phase()), (kind, phase), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(error.is_connect());
}

#[test]
fn a_lookup_has_its_own_time_limit() {
    run_paused(async {
        let second = Duration::from_secs(1);
        let (mut default, mut short) = (tcp_options(Silence), tcp_options(Silence));
        default.connect_timeout = 60 * second;
        short.resolve_timeout = second;
        for (options, limit) in [(default, 5 * second), (short, second)] {
            let start = Instant::now();
            let error = connector_with(options).connect().await.unwrap_err();
            check(&error, ErrorKind::Timeout(limit), Phase::Resolve);
            assert_eq!(start.elapsed(), limit);
        }
        let error = udp(Silence).send("x".into()).await.unwrap_err();
        check(&error, ErrorKind::Timeout(5 * second), Phase::Resolve);
    });
}

#[test]
fn a_lookup_that_fails_or_finds_nothing_delivers_nothing() {
    run(async {
        let error = connector(Answers::new([])).connect().await.unwrap_err();
        check(&error, ErrorKind::Io, Phase::Resolve);
        assert_eq!(error.to_string(), "could not find the address of db.example.org:8086");
        assert_eq!(error.source().unwrap().to_string(), "unknown host");
        let error = connector(Answers::new([&[]])).connect().await.unwrap_err();
        check(&error, ErrorKind::Io, Phase::Connect);
    });
}

#[test]
fn of_many_datagrams_only_the_first_looks_the_host_up_in_vain() {
    run(async {
        // It finds nothing and fails if it is asked again.
        let answers = Answers::new([&[]]);
        let outcomes = udp(answers).send_all(vec!["x".into(); 3]).await;
        assert_eq!(outcomes.len(), 3);
        for outcome in outcomes {
            check(&outcome.unwrap_err(), ErrorKind::Io, Phase::Connect);
        }
    });
}

#[test]
fn the_first_address_that_answers_wins() {
    run(async {
        let (_listener, live) = listen().await;
        let refused = closed().await;
        let (_full, silent) = silent().await;
        for addresses in [
            &[refused, live][..],
            &[silent, live],
            &[silent, refused, live],
            &[refused, silent, live],
        ] {
            let stream = connector(Answers::new([addresses])).connect().await.unwrap();
            assert_eq!(stream.peer_addr().unwrap(), live, "{addresses:?}");
        }
        let error = connector(Answers::new([&[refused, refused]])).connect().await.unwrap_err();
        check(&error, ErrorKind::Io, Phase::Connect);
    });
}

#[test]
fn each_of_many_addresses_has_its_turn_within_the_time_limit() {
    run(async {
        let (_listener, live) = listen().await;
        let (_full, silent) = silent().await;
        let mut addresses = [silent; 16];
        addresses[15] = live;
        // With 250 ms for each, the last would have its turn after 3.75 s.
        let mut options = tcp_options(Answers::new([&addresses]));
        options.connect_timeout = Duration::from_secs(3);
        assert_eq!(connector_with(options).connect().await.unwrap().peer_addr().unwrap(), live);
    });
}

#[test]
fn a_silent_host_times_out_in_all_or_address_by_address() {
    run(async {
        let (_full, silent) = silent().await;
        let limit = Duration::from_millis(300);
        let [mut in_all, mut each] =
            [(); 2].map(|()| tcp_options(Answers::new([&[silent, silent]])));
        in_all.connect_timeout = limit;
        each.attempt_timeout = Some(limit);
        for options in [in_all, each] {
            let error = connector_with(options).connect().await.unwrap_err();
            check(&error, ErrorKind::Timeout(limit), Phase::Connect);
        }
    });
}

#[test]
fn a_host_that_moved_is_found_at_the_next_connect() {
    run(async {
        let ((_first, first), (_second, second)) = (listen().await, listen().await);
        let connector = connector(Answers::new([&[first], &[second]]));
        for expected in [first, second] {
            let stream: TcpStream = connector.connect().await.unwrap();
            assert_eq!(stream.peer_addr().unwrap(), expected);
        }
        check(&connector.connect().await.unwrap_err(), ErrorKind::Io, Phase::Resolve);

        let any = "127.0.0.1:0".parse().unwrap();
        let mut listeners = [UdpListener::bind(any).unwrap(), UdpListener::bind(any).unwrap()];
        let [first, second] = [listeners[0].local_addr(), listeners[1].local_addr()];
        let answers = Answers::new([&[first], &[second]]);
        let udp = udp(answers);
        for listener in &mut listeners {
            udp.send("x".into()).await.unwrap();
            assert_eq!(listener.recv().await.0, "x");
            udp.disconnect().await.unwrap();
        }

        // After a while, the host is looked up again without being asked to.
        let mut options = UdpOptions::default();
        options.resolver = BoxResolver::new(Answers::new([&[first], &[second]]));
        options.resolve_interval = Duration::ZERO;
        let udp =
            UdpTransport::with_options(Endpoint::new("db.example.org", 4444).unwrap(), options);
        for (listener, datagrams) in listeners.iter_mut().zip([16, 40]) {
            for _ in 0..datagrams {
                udp.send("x".into()).await.unwrap();
                assert_eq!(listener.recv().await.0, "x");
            }
        }
    });
}

/// An address that the host has no more is left, also while another one of its old addresses stays
/// and nothing refuses a datagram.
#[test]
fn datagrams_leave_an_address_that_the_host_has_no_more() {
    run(async {
        let any = "127.0.0.1:0".parse().unwrap();
        let mut listeners = [UdpListener::bind(any).unwrap(), UdpListener::bind(any).unwrap()];
        let [first, second] = [listeners[0].local_addr(), listeners[1].local_addr()];
        for answers in [
            [&[first][..], &[second]],
            [&[first, second], &[second]],
            [&[first, second], &[second, closed().await]],
        ] {
            let mut options = UdpOptions::default();
            options.resolver = BoxResolver::new(Answers::new(answers));
            options.resolve_interval = Duration::ZERO;
            let endpoint = Endpoint::new("db.example.org", 4444).unwrap();
            let udp = UdpTransport::with_options(endpoint, options);
            for (listener, datagrams) in listeners.iter_mut().zip([16, 40]) {
                for _ in 0..datagrams {
                    udp.send("x".into()).await.unwrap();
                    assert_eq!(listener.recv().await.0, "x");
                }
            }
        }
    });
}
