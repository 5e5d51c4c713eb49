//! The fault proxy does what it is told.

use influx_transport::tcp::{TcpConnector, TcpListener, TcpOptions};
use influx_transport::test_util::{Direction, FaultProxy, ProxyEvent};
use influx_transport::{Connect, ErrorKind, Listen, Phase};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::frames::ms;
use crate::support::run;

/// A proxy and the listener behind it.
async fn start() -> (FaultProxy, TcpListener) {
    let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    (FaultProxy::start(listener.local_addr()).await.unwrap(), listener)
}

/// Both ends of a connection through the proxy.
async fn connect(proxy: &FaultProxy, listener: &TcpListener) -> (TcpStream, TcpStream) {
    let client = TcpStream::connect(proxy.local_addr()).await.unwrap();
    (client, listener.accept().await.0)
}

/// All that arrives, and whether it ended in order.
async fn read_all(stream: &mut TcpStream) -> (Vec<u8>, bool) {
    let mut received = Vec::new();
    let in_order = stream.read_to_end(&mut received).await.is_ok();
    (received, in_order)
}

#[test]
fn without_faults_bytes_and_ends_pass_and_are_counted() {
    run(async {
        let (proxy, listener) = start().await;
        let (mut client, mut server) = connect(&proxy, &listener).await;
        client.write_all(b"to the server").await.unwrap();
        client.shutdown().await.unwrap();
        assert_eq!(read_all(&mut server).await, (b"to the server".to_vec(), true));
        server.write_all(b"to the client").await.unwrap();
        drop(server);
        assert_eq!(read_all(&mut client).await, (b"to the client".to_vec(), true));
        proxy.wait_for(ProxyEvent::Closed(1)).await;
        assert_eq!((proxy.accepted(), proxy.closed()), (1, 1));
        let forwarded = [Direction::ToServer, Direction::ToClient].map(|d| proxy.forwarded(d));
        assert_eq!(forwarded, [13, 13]);
    });
}

#[test]
fn a_cut_comes_after_the_exact_byte() {
    run(async {
        for after in 0..=5 {
            let (proxy, listener) = start().await;
            proxy.fin_after(Direction::ToServer, after);
            let (mut client, mut server) = connect(&proxy, &listener).await;
            client.write_all(b"01234").await.unwrap();
            let expected = b"01234"[..usize::try_from(after).unwrap()].to_vec();
            assert_eq!(read_all(&mut server).await, (expected.clone(), true));
            // The other direction goes on.
            server.write_all(b"x").await.unwrap();
            assert_eq!(client.read_u8().await.unwrap(), b'x');

            let (proxy, listener) = start().await;
            proxy.reset_after(Direction::ToClient, after);
            let (mut client, mut server) = connect(&proxy, &listener).await;
            // The connection may be reset before anything is written.
            drop(server.write_all(b"01234").await);
            assert_eq!(read_all(&mut client).await, (expected, false));
            assert!(!read_all(&mut server).await.1);
            proxy.wait_for(ProxyEvent::Closed(1)).await;
        }
    });
}

#[test]
fn all_connections_are_reset_and_new_ones_pass() {
    run(async {
        let (proxy, listener) = start().await;
        let mut pairs = Vec::new();
        for _ in 0..3 {
            pairs.push(connect(&proxy, &listener).await);
        }
        proxy.reset_all();
        proxy.wait_for(ProxyEvent::Closed(3)).await;
        for (mut client, mut server) in pairs {
            assert!(!read_all(&mut client).await.1);
            assert!(!read_all(&mut server).await.1);
        }
        let (mut client, mut server) = connect(&proxy, &listener).await;
        client.write_all(b"x").await.unwrap();
        assert_eq!(server.read_u8().await.unwrap(), b'x');
    });
}

#[test]
fn a_refused_port_is_refused_and_comes_back() {
    run(async {
        let (proxy, listener) = start().await;
        let (mut client, mut server) = connect(&proxy, &listener).await;
        for _ in 0..3 {
            proxy.refuse().await;
            assert!(TcpStream::connect(proxy.local_addr()).await.is_err());
            client.write_all(b"x").await.unwrap();
            assert_eq!(server.read_u8().await.unwrap(), b'x');
            proxy.pass().await.unwrap();
            connect(&proxy, &listener).await;
        }
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_port_that_neither_accepts_nor_refuses_comes_back() {
    run(async {
        let (proxy, listener) = start().await;
        let (mut client, mut server) = connect(&proxy, &listener).await;
        let limit = ms(50);
        let connector = || {
            let mut options = TcpOptions::default();
            options.connect_timeout = limit;
            TcpConnector::with_options(proxy.local_addr(), options)
        };
        for _ in 0..2 {
            proxy.hang_accept().await.unwrap();
            let error = connector().connect().await.unwrap_err();
            assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout(limit), Phase::Connect));
            client.write_all(b"x").await.unwrap();
            assert_eq!(server.read_u8().await.unwrap(), b'x');
            proxy.pass().await.unwrap();
            connect(&proxy, &listener).await;
        }
        proxy.hang_accept().await.unwrap();
        proxy.refuse().await;
        assert_eq!(connector().connect().await.unwrap_err().kind(), ErrorKind::Io);
    });
}

#[test]
fn bytes_are_held_back_until_the_fault_ends() {
    run(async {
        let (proxy, listener) = start().await;
        let (mut client, mut server) = connect(&proxy, &listener).await;
        proxy.blackhole();
        client.write_all(b"c").await.unwrap();
        server.write_all(b"s").await.unwrap();
        // Nothing can show that nothing comes but waiting a little.
        assert!(timeout(ms(20), server.read_u8()).await.is_err());
        assert!(timeout(ms(20), client.read_u8()).await.is_err());
        proxy.pass().await.unwrap();
        assert_eq!(server.read_u8().await.unwrap(), b'c');
        assert_eq!(client.read_u8().await.unwrap(), b's');
    });
}

#[test]
fn bytes_are_changed_and_slowed_down_but_not_lost() {
    run(async {
        let (proxy, listener) = start().await;
        proxy.corrupt(Direction::ToServer, 3, 0x01);
        proxy.chunk(Direction::ToServer, 2);
        proxy.throttle(Direction::ToServer, 1000);
        let (mut client, mut server) = connect(&proxy, &listener).await;
        client.write_all(b"aaaaaaaaaa").await.unwrap();
        client.shutdown().await.unwrap();
        assert_eq!(read_all(&mut server).await, (b"aaa`aaaaaa".to_vec(), true));
        proxy.wait_for(ProxyEvent::Forwarded(Direction::ToServer, 10)).await;
    });
}
