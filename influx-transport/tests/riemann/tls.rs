//! Encrypted connections, whose two sides know each other.

use std::net::SocketAddr;
use std::sync::Arc;

use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::tls::{TlsConnector, TlsListener, TlsOptions, TlsServerOptions};
use influx_transport::{Connect, Delivery, ErrorKind, Phase};
use rustls::{ProtocolVersion, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Authority, Issued, self_signed, server_config};
use crate::client::Client;
use crate::message::{Msg, Query};
use crate::support::{
    Framed, Running, client, client_over, event, ok, riemann, run, transport_error, wire,
};

/// A server that listens on a free port.
async fn riemann_over_tls(options: TlsServerOptions) -> (Running, SocketAddr) {
    let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listener.local_addr();
    let listener = TlsListener::new(listener, options).unwrap();
    (Running::start(|server| async move { server.serve(listener).await }), address)
}

fn tls_client(
    address: SocketAddr,
    options: TlsOptions,
) -> Client<Framed<TlsConnector<TcpConnector>>> {
    client_over(TlsConnector::with_options(TcpConnector::from(address), options).unwrap())
}

#[test]
fn events_and_queries_travel_encrypted_between_sides_that_know_each_other() {
    run(async {
        let authority = Authority::new();
        let options = authority.mutual_options("127.0.0.1");
        let (server, address) = riemann_over_tls(options).await;
        let known = authority.options_with(authority.issue("client").identity());
        let client = tls_client(address, known);
        let events: Vec<_> = (0..5000).map(|number| event(format!("event {number}"))).collect();
        client.events(events.clone()).await.unwrap();
        assert_eq!(client.query("true").await.unwrap(), events);
        assert_eq!((server.counts().messages, client.transport().stats().connects), (2, 1));
    });
}

#[test]
fn a_conversation_that_is_over_does_not_look_cut_off() {
    run(async {
        let authority = Authority::new();
        let (_server, address) = riemann_over_tls(authority.server_options("127.0.0.1")).await;
        let connector = TcpConnector::from(address);
        let connector = TlsConnector::with_options(connector, authority.options()).unwrap();
        let mut stream = connector.connect().await.unwrap();
        stream.write_all(&wire(&Msg::default())).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, ok());
    });
}

#[test]
fn a_client_that_the_server_does_not_know_is_turned_away() {
    run(async {
        let authority = Authority::new();
        let options = authority.mutual_options("127.0.0.1");
        let (server, address) = riemann_over_tls(options).await;
        let stranger = Authority::named("another authority").issue("client").identity();
        for options in [authority.options(), authority.options_with(stranger)] {
            let client = tls_client(address, options);
            let error = transport_error(client.events(vec![event("a")]).await);
            assert!(matches!(error.kind(), ErrorKind::Certificate(_)), "{error:?}");
            assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
        }
        assert_eq!(server.counts().messages, 0);
        let known = authority.options_with(authority.issue("client").identity());
        tls_client(address, known).events(vec![event("a")]).await.unwrap();
    });
}

#[test]
fn a_server_that_is_not_the_one_meant_gets_no_event() {
    run(async {
        let authority = Authority::new();
        let options = authority.options();
        let meant = authority.options_for("metrics.example.org");
        for (issued, options, reason) in [
            (authority.issue("127.0.0.2"), options.clone(), "it is for another name"),
            (authority.issue("localhost"), options.clone(), "it is for another name"),
            (authority.issue("127.0.0.1"), meant, "it is for another name"),
            (
                Authority::named("another authority").issue("127.0.0.1"),
                options.clone(),
                "its issuer is unknown",
            ),
            (self_signed("127.0.0.1"), options, "its issuer is unknown"),
        ] {
            let (server, address) =
                riemann_over_tls(TlsServerOptions::new(issued.identity())).await;
            let client = tls_client(address, options);
            let error = transport_error(client.events(vec![event("a")]).await);
            assert!(matches!(error.kind(), ErrorKind::Certificate(_)), "{error:?}");
            assert!(
                error.to_string().ends_with(&format!("cannot be trusted: {reason}")),
                "{error}"
            );
            assert_eq!((error.phase(), error.delivery()), (Phase::Handshake, Delivery::NotSent));
            assert_eq!(server.counts().messages, 0);
        }
    });
}

#[test]
fn a_side_that_does_not_encrypt_is_told_apart() {
    run(async {
        let authority = Authority::new();
        let (plain, address) = riemann().await;
        let error = transport_error(
            tls_client(address, authority.options()).events(vec![event("a")]).await,
        );
        assert_eq!((error.phase(), error.delivery()), (Phase::Handshake, Delivery::NotSent));

        let (encrypted, address) = riemann_over_tls(authority.server_options("127.0.0.1")).await;
        transport_error(client(address).events(vec![event("a")]).await);
        assert_eq!((plain.counts().messages, encrypted.counts().messages), (0, 0));
    });
}

/// Accepts one client that speaks this version only, answers its first message and says which
/// version was spoken and which host the client had asked for.
async fn serve_one(
    listener: tokio::net::TcpListener,
    issued: Issued,
    version: &'static SupportedProtocolVersion,
) -> (Option<ProtocolVersion>, Option<String>) {
    let config = server_config(&issued, &[version], None);
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await.unwrap();
    let query = Some(Query { string: Some("true".to_owned()) });
    let mut request = wire(&Msg { query, ..Msg::default() }).to_vec();
    stream.read_exact(&mut request).await.unwrap();
    stream.write_all(&ok()).await.unwrap();
    let (_, session) = stream.get_ref();
    (session.protocol_version(), session.server_name().map(str::to_owned))
}

#[test]
fn both_safe_versions_are_spoken_and_the_server_learns_which_host_is_meant() {
    run(async {
        let authority = Authority::new();
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let connector = TcpConnector::from(listener.local_addr().unwrap());
            let options = authority.options_for("metrics.example.org");
            let client = client_over(TlsConnector::with_options(connector, options).unwrap());
            let issued = authority.issue("metrics.example.org");
            let (served, found) =
                tokio::join!(serve_one(listener, issued, version), client.query("true"));
            assert_eq!(found.unwrap(), []);
            let expected = (Some(version.version), Some("metrics.example.org".to_owned()));
            assert_eq!(served, expected);
        }
    });
}
