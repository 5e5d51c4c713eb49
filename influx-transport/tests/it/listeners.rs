//! Accepting connections and receiving datagrams.

use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use influx_transport::memory::memory_pair;
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::udp::{UdpListener, UdpListenerOptions, UdpOptions, UdpTransport};
use influx_transport::{Connect, Listen, Phase, SocketOptions, Transport};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::frames::{Echo, exchange};
use crate::support::{run, run_paused};

/// Two connections to a listener carry bytes both ways, and their ends.
pub(crate) async fn check<C: Connect, L: Listen>(connector: &C, listener: &L) {
    for _ in 0..2 {
        let (client, (mut server, _)) = tokio::join!(connector.connect(), listener.accept());
        let mut client = client.unwrap();
        client.write_all(b"ping").await.unwrap();
        client.shutdown().await.unwrap();
        let mut received = String::new();
        server.read_to_string(&mut received).await.unwrap();
        assert_eq!(received, "ping");
        server.write_all(b"pong").await.unwrap();
        server.shutdown().await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "pong");
    }
}

#[test]
fn tcp_connections_of_both_families_are_accepted() {
    run(async {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let listener = TcpListener::bind(address.parse().unwrap()).await.unwrap();
            check(&TcpConnector::from(listener.local_addr()), &listener).await;
            assert_eq!(listener.endpoint(), &listener.local_addr().into());
            assert_eq!(listener.stats().failures, 0);
        }
    });
}

#[test]
fn the_options_reach_the_accepted_socket() {
    run(async {
        let mut options = SocketOptions::default();
        options.nodelay = false;
        options.keepalive = Some(Duration::from_secs(77));
        let address = "127.0.0.1:0".parse().unwrap();
        let listener = TcpListener::bind_with(address, options).await.unwrap();
        let connector = TcpConnector::from(listener.local_addr());
        let (_client, (server, _)) = tokio::join!(connector.connect(), listener.accept());
        let socket = SockRef::from(&server);
        assert!(!socket.tcp_nodelay().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_secs(77));
    });
}

#[test]
fn an_address_in_use_cannot_be_bound() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let error = TcpListener::bind(listener.local_addr()).await.unwrap_err();
        assert_eq!(error.phase(), Phase::Bind);
        let listener = UdpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let error = UdpListener::bind(listener.local_addr()).unwrap_err();
        assert_eq!(error.phase(), Phase::Bind);
    });
}

#[test]
fn connections_in_memory_need_no_network_and_are_refused_without_a_listener() {
    run_paused(async {
        let (connector, listener) = memory_pair();
        check(&connector, &listener).await;
        let transport = exchange(connector.clone());
        let echo = Echo::start(listener);
        assert_eq!(transport.send("1".into()).await.unwrap(), "1");
        drop(echo);
        tokio::task::yield_now().await;
        assert!(connector.connect().await.unwrap_err().is_connect());
    });
}

#[cfg(unix)]
#[test]
fn a_unix_listener_leaves_the_file_of_its_successor_alone() {
    use influx_transport::unix::{UnixConnector, UnixListener};

    run(async {
        let name = format!("influx-transport-{}-successor.sock", std::process::id());
        let path = std::env::temp_dir().join(name);
        let old = UnixListener::bind(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let new = UnixListener::bind(&path).unwrap();
        drop(old);
        UnixConnector::new(&path).connect().await.unwrap();
        drop(new);
        assert!(!path.exists());
    });
}

#[cfg(unix)]
#[test]
fn unix_sockets_carry_frames_and_http() {
    use influx_transport::http::HttpTransport;
    use influx_transport::unix::{UnixConnector, UnixListener};

    run(async {
        let name = format!("influx-transport-{}.sock", std::process::id());
        let path = std::env::temp_dir().join(name);
        let connector = UnixConnector::new(&path);
        let error = connector.connect().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("could not connect to {}: not found", path.display())
        );

        let listener = UnixListener::bind(&path).unwrap();
        assert_eq!(UnixListener::bind(&path).unwrap_err().phase(), Phase::Bind);
        assert!(path.exists(), "a failed bind must not remove the file of the first");
        check(&connector, &listener).await;

        let transport = HttpTransport::new(connector.clone());
        let server = async {
            let (mut stream, _) = listener.accept().await;
            let mut head = vec![0; 1024];
            let size = stream.read(&mut head).await.unwrap();
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
            String::from_utf8_lossy(&head[..size]).to_lowercase()
        };
        let request = http::Request::get("/").body(Bytes::new()).unwrap();
        let (response, head) = tokio::join!(transport.send(request), server);
        assert_eq!(response.unwrap().status(), 204);
        assert!(head.contains("host: localhost\r\n"), "{head}");

        drop(listener);
        assert!(!path.exists());
        assert!(connector.connect().await.is_err());
    });
}

#[test]
fn datagrams_of_both_families_are_received() {
    run(async {
        for (address, host) in [("127.0.0.1:0", "127.0.0.1"), ("[::1]:0", "::1")] {
            let mut listener = UdpListener::bind(address.parse().unwrap()).unwrap();
            let transport = UdpTransport::new(host, listener.local_addr().port()).unwrap();
            for size in [0, 1, 1400] {
                let datagram = Bytes::from(vec![b'x'; size]);
                transport.send(datagram.clone()).await.unwrap();
                let (received, peer) = listener.recv().await;
                assert_eq!((received, peer.ip().to_string()), (datagram, host.to_owned()));
            }
        }
    });
}

#[test]
fn an_unspecified_ipv6_address_receives_datagrams_of_both_families() {
    run(async {
        let any = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
        let mut listener = UdpListener::bind(any).unwrap();
        for host in ["127.0.0.1", "::1"] {
            let transport = UdpTransport::new(host, listener.local_addr().port()).unwrap();
            transport.send("x".into()).await.unwrap();
            assert_eq!(listener.recv().await.1.ip().to_string(), host);
        }
    });
}

#[test]
fn datagrams_that_come_together_are_handed_out_one_by_one() {
    run(async {
        for (address, host) in
            [("127.0.0.1:0", "127.0.0.1"), ("[::1]:0", "::1"), ("[::]:0", "127.0.0.1")]
        {
            let mut options = UdpListenerOptions::default();
            options.max_datagram = 300;
            let mut listener = UdpListener::bind_with(address.parse().unwrap(), options).unwrap();
            let port = listener.local_addr().port();
            let senders = [(); 2].map(|()| UdpTransport::new(host, port).unwrap());
            let mut expected = Vec::new();
            for (sizes, sender) in [
                (&[200; 70][..], 0),
                (&[7, 7, 7, 3, 0, 0, 5], 1),
                (&[301, 301, 300, 300, 299, 301, 1], 0),
                (&[1, 1, 1], 1),
            ] {
                let datagrams: Vec<_> =
                    (0..).zip(sizes).map(|(n, &size)| Bytes::from(vec![n; size])).collect();
                let outcomes = senders[sender].send_all(datagrams.clone()).await;
                assert!(outcomes.iter().all(Result::is_ok));
                expected.extend(datagrams.into_iter().map(|datagram| (datagram, sender)));
            }
            expected.retain(|(datagram, _)| datagram.len() <= 300);
            let mut peers = [None; 2];
            for (datagram, sender) in expected {
                let (received, peer) = listener.recv().await;
                assert_eq!(received, datagram, "to {address}");
                assert_eq!(*peers[sender].get_or_insert(peer), peer);
                assert_eq!(peer.ip().to_string(), host);
            }
            assert_ne!(peers[0], peers[1]);
            assert_eq!((listener.stats().too_large, listener.stats().failures), (3, 0));
        }
    });
}

#[test]
fn a_datagram_above_the_limit_is_dropped_and_counted() {
    run(async {
        for limit in [0, 5, 2048, 65_507, usize::MAX] {
            let (mut options, mut all) = (UdpListenerOptions::default(), UdpOptions::default());
            (options.max_datagram, all.max_datagram) = (limit, usize::MAX);
            let mut listener =
                UdpListener::bind_with("127.0.0.1:0".parse().unwrap(), options).unwrap();
            let transport = UdpTransport::with_options(listener.local_addr(), all);
            let limit = limit.min(65_507);
            let mut too_large = 0;
            for size in [limit, limit + 1, 65_507, limit] {
                let size = size.min(65_507);
                transport.send(vec![b'x'; size].into()).await.unwrap();
                if size == limit {
                    assert_eq!(listener.recv().await.0.len(), limit);
                } else {
                    too_large += 1;
                }
            }
            assert_eq!(listener.stats().too_large, too_large, "limit {limit}");
        }
    });
}
