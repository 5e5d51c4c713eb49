//! Every limit, and what happens beyond it.

use std::time::Duration;

use bytes::Bytes;
use influx_framing::{DelimiterCodec, Envelope, EnvelopeCodec, Frame, FrameError, OversizePolicy};
use influx_transport::bridge::{Bridge, BridgeError, BridgeOptions, Departure};
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::tls::{
    TlsAuthorities, TlsConnector, TlsIdentity, TlsListener, TlsOptions, TlsServerOptions,
};
use influx_transport::{Endpoint, Listen, Phase};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::support::{Audited, delimited, in_memory, options, raw_peer, run, run_paused};

#[test]
fn a_message_that_is_too_long_is_reported_once_and_skipped() {
    run(async {
        let mut codec = DelimiterCodec::new(0x17);
        (codec.max_len, codec.oversize) = (4, OversizePolicy::Skip);
        let server = Audited::tcp(codec, options()).await;
        let (id, mut peer) = server.peer().await;
        for text in ["123", "1234", "12345", &"x".repeat(100_000), "1"] {
            peer.say(format!("{text}\x17")).await;
            let expected = match text.len() {
                ..=4 => Frame::Complete(Bytes::from(text.to_owned())),
                seen => Frame::Oversize { head: Bytes::new(), seen: seen as u64 },
            };
            assert_eq!(server.message().await, (id, expected));
        }
        let oversize = FrameError::TooLarge { what: "frame", limit: 4 };
        assert_eq!(server.send("12345").await, Err(BridgeError::Frame(oversize)));
        assert_eq!(server.send("1234").await, Ok(1));
        peer.hear("1234\x17").await;
        server.until_delivered(1).await;
    });
}

#[test]
fn bytes_that_break_the_framing_are_told_with_their_peer_and_counted() {
    run(async {
        let mut options = options();
        options.half_closed_timeout = Duration::ZERO;
        let server = Audited::tcp(EnvelopeCodec::new(Envelope::Slip), options).await;
        let (id, mut peer) = server.peer().await;
        // SLIP has no such escape.
        peer.say(b"\xc0a\xc0\xc0\xdb\x01\xc0\xc0b\xc0").await;
        for expected in [
            Frame::Complete("a".into()),
            Frame::Malformed { bytes: Bytes::from_static(b"\xdb\x01") },
            Frame::Complete("b".into()),
        ] {
            assert_eq!(server.message().await, (id, expected));
        }
        peer.finish().await;
        server.left().await;
        let stats = server.stats();
        assert_eq!((stats.received, stats.received_bytes, stats.lost_bytes), (3, 10, 0));
    });
}

#[test]
fn further_peers_wait_until_one_leaves() {
    run_paused(async {
        let mut options = options();
        options.max_peers = 2;
        let (server, connector) = in_memory(options);
        let (first, mut first_peer) = server.join(&connector).await;
        let (_, _second_peer) = server.join(&connector).await;
        let mut third_peer = raw_peer(&connector).await;
        third_peer.say("third\x17").await;
        sleep(Duration::from_secs(60)).await;
        assert_eq!(server.stats().peers, 2);
        first_peer.say("first\x17").await;
        assert_eq!(server.message().await, (first, Frame::Complete("first".into())));
        server.disconnect(first).unwrap();
        assert_eq!(server.left().await.0, first);
        let (third, _) = server.joined().await;
        assert_eq!(server.message().await, (third, Frame::Complete("third".into())));
    });
}

#[test]
fn further_peers_replace_those_that_have_closed_their_sending_side() {
    run_paused(async {
        let mut options = options();
        options.max_peers = 2;
        let (server, connector) = in_memory(options);
        let (_, _silent) = server.join(&connector).await;
        let start = Instant::now();
        for _ in 0..10 {
            let (id, mut peer) = server.join(&connector).await;
            peer.say("bye\x17").await;
            assert_eq!(server.message().await.0, id);
            // It may come before the one that is replaced has said all.
            let _further = raw_peer(&connector).await;
            peer.finish().await;
            let (left, departure) = server.left().await;
            assert!(left == id && matches!(departure, Departure::Closed), "{departure}");
            let (further, _) = server.joined().await;
            server.disconnect(further).unwrap();
            server.left().await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    });
}

#[test]
fn a_peer_that_still_takes_something_is_replaced_when_it_has_all() {
    run_paused(async {
        let mut options = options();
        options.max_peers = 1;
        let (server, connector) = in_memory(options);
        let (id, mut peer) = server.join(&connector).await;
        for _ in 0..100 {
            server.send(vec![b'x'; 9_999]).await.unwrap();
        }
        peer.finish().await;
        let _further = raw_peer(&connector).await;
        sleep(Duration::from_secs(1)).await;
        assert_eq!(server.stats().joined, 1);
        assert_eq!(peer.rest().await.len(), 1_000_000);
        assert_eq!(server.left().await.0, id);
        server.joined().await;
        assert_eq!(server.stats().sent.delivered, 100);
    });
}

/// Whether a peer can send everything while the program receives nothing.
async fn check_back_pressure(options: BridgeOptions, message: &str, count: usize) {
    let (server, connector) = in_memory(options);
    let (_, mut peer) = server.join(&connector).await;
    let wire = message.repeat(count);
    let mut say = std::pin::pin!(peer.say(&wire));
    let a_moment = Duration::from_secs(1);
    assert!(tokio::time::timeout(a_moment, say.as_mut()).await.is_err(), "it took everything");
    let received = server.stats().received;
    assert!(received < 200, "{received} were read ahead");
    let all = async {
        for _ in 0..count {
            server.message().await;
        }
    };
    tokio::join!(say, all);
}

#[test]
fn a_program_that_does_not_receive_slows_its_peers_down() {
    run_paused(async {
        let mut events = options();
        events.max_received_events = 100;
        check_back_pressure(events, "x\x17", 1 << 17).await;
        let mut bytes = options();
        bytes.max_received_bytes = 100_000;
        check_back_pressure(bytes, &("x".repeat(999) + "\x17"), 1000).await;
    });
}

#[test]
fn a_program_that_only_sends_need_not_receive() {
    run_paused(async {
        let mut options = options();
        (options.discard_events, options.max_received_events) = (true, 1);
        let (server, connector) = in_memory(options);
        for _ in 0..10 {
            let mut peer = raw_peer(&connector).await;
            peer.say("unheard\x17".repeat(10_000)).await;
            server.until(|server| server.stats().peers == 1).await;
            assert_eq!(server.send("news").await, Ok(1));
            peer.hear("news\x17").await;
            server.disconnect(server.peer_stats()[0].peer).unwrap();
            server.until(|server| server.stats().peers == 0).await;
        }
        let stats = server.stats();
        assert_eq!((stats.joined, stats.received), (10, 100_000));
        assert!(server.close(Duration::ZERO).await.is_empty());
        assert!(server.recv().await.is_none());
    });
}

#[test]
fn a_server_says_where_it_listens_and_why_it_cannot() {
    run(async {
        let server = Audited::tcp(delimited(), options()).await;
        let port = server.endpoint().port();
        assert_eq!(server.endpoint().to_string(), format!("127.0.0.1:{port}"));
        assert_ne!(port, 0);
        let taken = ([127, 0, 0, 1], port).into();
        let error = Bridge::bind(taken, delimited(), options()).await.unwrap_err();
        assert_eq!(error.phase(), Phase::Bind);
    });
}

/// Reports whether the accepted sockets are probed.
struct Inspected(TcpListener);

impl Listen for Inspected {
    type Stream = TcpStream;

    async fn accept(&self) -> (TcpStream, Endpoint) {
        let (stream, endpoint) = self.0.accept().await;
        assert!(socket2::SockRef::from(&stream).keepalive().unwrap());
        (stream, endpoint)
    }

    fn endpoint(&self) -> &Endpoint {
        self.0.endpoint()
    }
}

#[test]
fn sockets_are_probed_for_peers_that_have_vanished() {
    run(async {
        let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let server = Audited::server(Inspected(listener), delimited(), options());
        server.peer().await;
    });
}

#[test]
fn peers_may_have_to_prove_who_they_are() {
    run(async {
        let issued = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (ours, theirs) = (issued(), issued());
        let identity = |of: &rcgen::CertifiedKey<rcgen::KeyPair>| {
            TlsIdentity::from_pem(of.cert.pem(), of.signing_key.serialize_pem()).unwrap()
        };
        let mut tls = TlsServerOptions::new(identity(&ours));
        tls.client_authorities = Some(TlsAuthorities::from_pem(theirs.cert.pem()).unwrap());
        let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let port = listener.local_addr().port();
        let listener = TlsListener::new(listener, tls).unwrap();
        let server = Audited::server(listener, delimited(), options());

        let mut trusting = TlsOptions::default();
        trusting.authorities = Some(TlsAuthorities::from_pem(ours.cert.pem()).unwrap());
        let mut known = trusting.clone();
        known.identity = Some(identity(&theirs));
        let client = |tls| {
            let tcp = TcpConnector::new("localhost", port).unwrap();
            Audited::client(TlsConnector::with_options(tcp, tls).unwrap(), delimited(), options())
        };
        let stranger = client(trusting);
        stranger.send("from a stranger").await.unwrap();
        let friend = client(known);
        friend.send("from a friend").await.unwrap();
        let (id, _) = server.joined().await;
        let message = server.message().await;
        assert_eq!(message, (id, Frame::Complete("from a friend".into())));
        server.send("to a friend").await.unwrap();
        friend.joined().await;
        assert_eq!(friend.message().await.1, Frame::Complete("to a friend".into()));
        // One message more than a block shows that a stream may take a part of what is written.
        let large = Bytes::from(vec![b'x'; 1 << 20]);
        server.send(large.clone()).await.unwrap();
        assert_eq!(friend.message().await.1, Frame::Complete(large));
        server.until_delivered(2).await;
        assert_eq!(server.stats().joined, 1);
    });
}
