//! Events in datagrams.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bytes::Bytes;
use influx_transport::udp::{UdpListener, UdpOptions, UdpTransport};
use influx_transport::{Delivery, ErrorKind};
use prost::Message;

use crate::client::{MAX_DATAGRAM, UdpClient};
use crate::message::{Event, Msg};
use crate::support::{Running, event, hex, run, transport_error};

fn bind(address: impl Into<IpAddr>) -> UdpListener {
    UdpListener::bind((address.into(), 0).into()).unwrap()
}

fn transport(listener: &UdpListener) -> UdpTransport {
    let peer = listener.local_addr();
    let mut options = UdpOptions::default();
    options.max_datagram = MAX_DATAGRAM;
    UdpTransport::with_options(peer, options)
}

/// A message of exactly `size` bytes.
fn message_of(size: usize) -> Vec<Event> {
    let spare = |service: usize| {
        let events = vec![event("x".repeat(service))];
        let found = Msg { events: events.clone(), ..Msg::default() }.encoded_len();
        (found == size).then_some(events)
    };
    (0..=size).rev().find_map(spare).unwrap()
}

#[test]
fn a_datagram_is_a_message_without_its_length() {
    run(async {
        for address in [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()] {
            let mut listener = bind(address);
            let client = UdpClient::new(transport(&listener));
            client.events(vec![event("a")]).await.unwrap();
            assert_eq!(listener.recv().await.0, hex("3203 1a0161"));
        }
    });
}

#[test]
fn a_datagram_that_riemann_would_drop_is_refused_before_it_is_sent() {
    run(async {
        let mut listener = bind(Ipv4Addr::LOCALHOST);
        let client = UdpClient::new(transport(&listener));
        client.events(message_of(16_384)).await.unwrap();
        assert_eq!(listener.recv().await.0.len(), 16_384);
        for size in [16_385, 65_508] {
            let error = transport_error(client.events(message_of(size)).await);
            let expected = ErrorKind::TooLarge { what: "datagram", limit: 16_384 };
            assert_eq!((error.kind(), error.delivery()), (expected, Delivery::NotSent));
        }
        client.events(vec![event("next")]).await.unwrap();
        assert_eq!(listener.recv().await.0.len(), 8);
    });
}

#[test]
fn a_port_where_nobody_listens_is_counted() {
    run(async {
        let listener = bind(Ipv4Addr::LOCALHOST);
        let client = UdpClient::new(transport(&listener));
        drop(listener);
        for refused in 0..3 {
            client.events(vec![event("a")]).await.unwrap();
            // The system tells when the next one is sent.
            assert_eq!(client.transport().stats().refused, refused);
        }
    });
}

#[test]
fn a_server_takes_datagrams_and_survives_what_is_none_of_its_messages() {
    run(async {
        let listener = bind(Ipv4Addr::LOCALHOST);
        let transport = transport(&listener);
        let server = Running::start(|server| async move { server.receive(listener).await });
        influx_transport::Transport::send(&transport, Bytes::from_static(&[0xff; 9]))
            .await
            .unwrap();
        let client = UdpClient::new(transport);
        client.events(vec![event("a"), event("b")]).await.unwrap();
        while server.stored() == 0 {
            tokio::task::yield_now().await;
        }
        let counts = server.counts();
        assert_eq!((counts.messages, counts.events, server.stored()), (1, 2, 2));
    });
}
