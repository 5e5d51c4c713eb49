//! How connections come about.

use std::net::Ipv6Addr;
use std::time::Duration;

use influx_transport::tcp::TcpConnector;
use influx_transport::{Connect, Delivery, ErrorKind, Phase, SocketOptions, Transport};
use socket2::SockRef;
use tokio::net::TcpListener;

use crate::support::{ask, closed, run};

#[test]
fn the_options_reach_the_connected_socket() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut options = SocketOptions::default();
        options.keepalive = Some(Duration::from_secs(77));
        options.bind_address = Some("127.0.0.2".parse().unwrap());
        let connector = TcpConnector::with_options(listener.local_addr().unwrap(), options.into());
        let stream = connector.connect().await.unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.tcp_nodelay().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_secs(77));
        assert_eq!(listener.accept().await.unwrap().1.ip().to_string(), "127.0.0.2");
    });
}

#[test]
fn names_and_both_families_work() {
    run(async {
        let v4 = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = v4.local_addr().unwrap().port();
        TcpConnector::new("localhost", port).unwrap().connect().await.unwrap();
        let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.unwrap();
        let port = v6.local_addr().unwrap().port();
        for host in ["::1", "[::1]"] {
            TcpConnector::new(host, port).unwrap().connect().await.unwrap();
        }
    });
}

#[test]
fn a_refused_connection_delivers_nothing() {
    run(async {
        let address = closed().await;
        let error = TcpConnector::from(address).connect().await.unwrap_err();
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Io, Phase::Connect));
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert_eq!(
            error.to_string(),
            format!("could not connect to {address}: connection refused")
        );

        let transport = influx_transport::http::HttpTransport::new(TcpConnector::from(address));
        assert_eq!(ask(&transport, "/").await.unwrap_err().delivery(), Delivery::NotSent);
        assert!(transport.connect().await.unwrap_err().is_connect());
    });
}

#[test]
fn a_name_that_does_not_exist_fails_in_its_own_phase() {
    run(async {
        // RFC 2606 reserves the domain, so that it never exists.
        let error = TcpConnector::new("host.invalid", 1).unwrap().connect().await.unwrap_err();
        assert_eq!((error.phase(), error.delivery()), (Phase::Resolve, Delivery::NotSent));
    });
}

#[test]
fn a_bind_address_of_the_other_family_reaches_nothing() {
    run(async {
        let mut options = SocketOptions::default();
        options.bind_address = Some(Ipv6Addr::LOCALHOST.into());
        let connector = TcpConnector::with_options(closed().await, options.into());
        let error = connector.connect().await.unwrap_err();
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Io, Phase::Connect));
    });
}
