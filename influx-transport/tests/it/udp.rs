//! Datagrams.

use std::io;
use std::net::Ipv6Addr;

use bytes::Bytes;
use influx_transport::udp::{UdpOptions, UdpTransport};
use influx_transport::{Delivery, ErrorKind, Phase, Transport};
use tokio::net::UdpSocket;

use crate::support::run;

/// Sends datagrams of these sizes, of which all but the last must arrive; that one is too large.
async fn check(listener: &UdpSocket, transport: &UdpTransport, sizes: &[usize], limit: usize) {
    let (&last, fitting) = sizes.split_last().unwrap();
    let mut buffer = vec![0; 70_000];
    for &size in fitting {
        transport.send(Bytes::from(vec![b'x'; size])).await.unwrap();
        assert_eq!(listener.recv(&mut buffer).await.unwrap(), size);
    }
    let error = transport.send(Bytes::from(vec![b'x'; last])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge { what: "datagram", limit });
    assert_eq!((error.phase(), error.delivery()), (Phase::Send, Delivery::NotSent));
    let peer = transport.endpoint();
    let expected = format!("the datagram for {peer} exceeds the limit of {limit} bytes");
    assert_eq!(error.to_string(), expected);
}

#[test]
fn the_size_is_checked_before_the_send() {
    run(async {
        let listener = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let peer = listener.local_addr().unwrap();
        let new = |max_datagram| {
            let mut options = UdpOptions::default();
            options.max_datagram = max_datagram;
            UdpTransport::with_options(peer, options)
        };
        let default = UdpTransport::new("127.0.0.1", peer.port()).unwrap();
        check(&listener, &default, &[0, 1, 1400, 1401], 1400).await;
        check(&listener, &new(2048), &[1401, 2048, 2049], 2048).await;
        // More than UDP can carry is refused here too.
        check(&listener, &new(usize::MAX), &[65_507, 65_508], 65_507).await;
    });
}

#[test]
fn the_socket_matches_the_family_of_the_peer() {
    run(async {
        let listener = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["::1", "[::1]"] {
            check(&listener, &UdpTransport::new(host, port).unwrap(), &[3, 1401], 1400).await;
        }
    });
}

#[test]
fn refusals_are_counted_and_not_errors() {
    run(async {
        let listener = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let transport = UdpTransport::new("127.0.0.1", address.port()).unwrap();
        for refused in 0..5 {
            transport.send(Bytes::from("x")).await.unwrap();
            assert_eq!(transport.stats().refused, refused, "the refusal of the one before");
        }
        // As soon as a listener exists, datagrams arrive.
        let listener = UdpSocket::bind(address).await.unwrap();
        check(&listener, &transport, &[2, 1401], 1400).await;
        assert_eq!(transport.stats().dropped, 0);
    });
}

#[test]
fn a_closed_socket_is_opened_again() {
    run(async {
        let listener = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let transport = UdpTransport::new("localhost", port).unwrap();
        transport.connect().await.unwrap();
        transport.disconnect().await.unwrap();
        transport.send(Bytes::from("x")).await.unwrap();
    });
}

/// Sends datagrams of these sizes at once. Those that fit must arrive one by one, the others fail.
/// Tells how many went out together.
async fn check_all(address: &str, sizes: &[usize]) -> u64 {
    let listener = UdpSocket::bind(address).await.unwrap();
    let peer = listener.local_addr().unwrap();
    let transport = UdpTransport::new(peer.ip().to_string(), peer.port()).unwrap();
    let datagrams: Vec<_> = (0..).zip(sizes).map(|(n, &size)| Bytes::from(vec![n; size])).collect();
    let outcomes = transport.send_all(datagrams.clone()).await;
    assert_eq!(outcomes.len(), sizes.len());
    let mut buffer = vec![0; 70_000];
    for (datagram, outcome) in datagrams.iter().zip(outcomes) {
        if datagram.len() > 1400 {
            assert_eq!(
                outcome.unwrap_err().kind(),
                ErrorKind::TooLarge { what: "datagram", limit: 1400 }
            );
            continue;
        }
        outcome.unwrap();
        let size = listener.recv(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..size], datagram);
    }
    let more = listener.try_recv(&mut buffer).unwrap_err();
    assert_eq!(more.kind(), io::ErrorKind::WouldBlock);
    assert_eq!((transport.stats().refused, transport.stats().dropped), (0, 0));
    transport.stats().batched
}

#[test]
fn many_datagrams_arrive_one_by_one_and_in_order() {
    run(async {
        let able =
            cfg!(feature = "udp-batch") && cfg!(any(target_os = "android", target_os = "linux"));
        for address in ["127.0.0.1:0", "[::1]:0"] {
            for (sizes, together) in [
                (&[][..], 0),
                (&[200], 0),
                (&[0, 0, 0], 0),
                (&[200; 100], 100),
                (&[1400; 48], 48),
                (&[7, 7, 7, 3, 3, 1, 0, 2, 9, 9, 0, 9], 8),
                (&[200, 200, 1401, 200, 200, 1400, 1401, 1401, 1400, 1400], 6),
            ] {
                let expected = if able { together } else { 0 };
                assert_eq!(check_all(address, sizes).await, expected, "{sizes:?} to {address}");
            }
        }
    });
}

#[test]
fn refusals_of_many_datagrams_are_counted_and_not_errors() {
    run(async {
        let listener = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let transport = UdpTransport::new("127.0.0.1", address.port()).unwrap();
        let datagrams = vec![Bytes::from("x"); 200];
        assert!(transport.send_all(datagrams).await.iter().all(Result::is_ok));
        assert!(transport.stats().refused > 1);
        // As soon as a listener exists, datagrams arrive.
        let listener = UdpSocket::bind(address).await.unwrap();
        assert!(transport.send_all(vec![Bytes::from("y"); 2]).await.iter().all(Result::is_ok));
        for _ in 0..2 {
            assert_eq!(listener.recv(&mut [0; 2]).await.unwrap(), 1);
        }
        assert_eq!(transport.stats().dropped, 0);
    });
}
