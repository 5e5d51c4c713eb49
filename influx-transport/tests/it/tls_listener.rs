//! The peers that a TLS server accepts, and that none delays the others.

use std::sync::Arc;
use std::time::Duration;

use influx_transport::memory::{MemoryConnector, MemoryListener, memory_pair};
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::tls::{
    TlsAuthorities, TlsConnector, TlsIdentity, TlsListener, TlsOptions, TlsServerOptions,
};
use influx_transport::{Connect, Listen};
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, HandshakeKind, ProtocolVersion, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use crate::certificates::Authority;
use crate::listeners::check;
use crate::support::{run, run_paused};

const SECOND: Duration = Duration::from_secs(1);

/// A listener in memory with these options, and the way to it without encryption.
fn listen(options: TlsServerOptions) -> (MemoryConnector, TlsListener<MemoryListener>) {
    let (connector, listener) = memory_pair();
    (connector, TlsListener::new(listener, options).unwrap())
}

fn encrypted(connector: &MemoryConnector, options: TlsOptions) -> TlsConnector<MemoryConnector> {
    TlsConnector::with_options(connector.clone(), options).unwrap()
}

/// Connects without a certificate that the listener trusts, and reads until the listener hangs up.
/// The same task accepts: the next accepted client is `good`.
async fn check_refused(
    listener: &TlsListener<MemoryListener>,
    bad: TlsConnector<MemoryConnector>,
    good: &TlsConnector<MemoryConnector>,
) {
    let before = listener.stats().failed_handshakes;
    let clients = async {
        // With TLS 1.3, a client does not learn at once that it is refused.
        if let Ok(mut stream) = bad.connect().await {
            stream.read_u8().await.unwrap_err();
        }
        good.connect().await.unwrap()
    };
    tokio::join!(clients, listener.accept());
    assert_eq!(listener.stats().failed_handshakes, before + 1);
}

#[test]
fn both_roles_work_over_tcp_and_in_memory() {
    run(async {
        let authority = Authority::new();
        let (connector, listener) = listen(authority.server_options("localhost"));
        check(&encrypted(&connector, authority.options()), &listener).await;

        let tcp = TcpListener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let connector = TcpConnector::from(tcp.local_addr());
        let listener = TlsListener::new(tcp, authority.server_options("127.0.0.1")).unwrap();
        let connector = TlsConnector::with_options(connector, authority.options()).unwrap();
        check(&connector, &listener).await;
        assert_eq!(listener.endpoint(), &listener.listener().local_addr().into());
        assert_eq!(listener.stats().failed_handshakes, 0);
        assert!(CryptoProvider::get_default().is_none(), "a provider for the whole process");
    });
}

#[test]
fn only_clients_that_an_authority_vouches_for_are_let_in_if_asked() {
    run_paused(async {
        let (authority, other) = (Authority::new(), Authority::named("another authority"));
        let (connector, listener) = listen(authority.mutual_options("localhost"));
        let known = authority.options_with(authority.issue("client").identity());
        let good = encrypted(&connector, known);
        check(&good, &listener).await;

        let nameless = encrypted(&connector, authority.options());
        check_refused(&listener, nameless, &good).await;
        let foreign = authority.options_with(other.issue("client").identity());
        check_refused(&listener, encrypted(&connector, foreign), &good).await;
        let distrustful = other.options_with(authority.issue("client").identity());
        check_refused(&listener, encrypted(&connector, distrustful), &good).await;
    });
}

#[test]
fn certificates_and_keys_come_from_files_too() {
    let name = format!("influx-transport-{}-pem", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir(&folder).unwrap();
    let file = |name: &str, pem: String| {
        let file = folder.join(name);
        std::fs::write(&file, pem).unwrap();
        file
    };
    let authority = Authority::new();
    let ca = file("ca.pem", authority.0.pem());
    let identity = |name: &str| {
        let issued = authority.issue(name);
        let chain = file("chain.pem", issued.chain);
        TlsIdentity::from_files(chain, file("key.pem", issued.key.serialize_pem())).unwrap()
    };
    let authorities = TlsAuthorities::from_file(&ca).unwrap();
    let mut server = TlsServerOptions::new(identity("localhost"));
    server.client_authorities = Some(authorities.clone());
    let mut client = TlsOptions::default();
    client.authorities = Some(authorities);
    client.identity = Some(identity("client"));
    std::fs::remove_dir_all(&folder).unwrap();
    run_paused(async {
        let (connector, listener) = listen(server);
        check(&encrypted(&connector, client), &listener).await;
    });
}

#[test]
fn what_is_no_handshake_is_refused_and_holds_nobody_up() {
    // A greeting of TLS 1.1, which is refused as too old.
    let mut too_old = vec![0x16, 3, 1, 0, 45, 1, 0, 0, 41, 3, 2];
    too_old.extend([7; 32]);
    too_old.extend([0, 0, 2, 0, 0x2f, 1, 0]);
    run_paused(async {
        let authority = Authority::new();
        let (connector, listener) = listen(authority.server_options("localhost"));
        let good = encrypted(&connector, authority.options());
        for bytes in [&b""[..], b"GET / HTTP/1.1\r\n\r\n", &vec![0xff; 70_000], &[0x16], &too_old] {
            let before = listener.stats().failed_handshakes;
            let start = Instant::now();
            let clients = async {
                let mut bad = connector.connect().await.unwrap();
                // The listener may hang up before it has read all.
                drop(bad.write_all(bytes).await);
                drop(bad.shutdown().await);
                drop(bad.read_to_end(&mut Vec::new()).await);
                good.connect().await.unwrap()
            };
            tokio::join!(clients, listener.accept());
            assert_eq!(listener.stats().failed_handshakes, before + 1);
            assert_eq!(start.elapsed(), Duration::ZERO);
        }
    });
}

#[test]
fn a_handshake_that_stalls_keeps_its_own_place_only_and_not_for_long() {
    run_paused(async {
        let authority = Authority::new();
        for (places, waits) in [(1, 10 * SECOND), (2, Duration::ZERO)] {
            let mut options = authority.server_options("localhost");
            options.max_handshakes = places;
            let (connector, listener) = listen(options);
            let mut patient = authority.options();
            patient.handshake_timeout = 20 * SECOND;
            let good = encrypted(&connector, patient);
            let mut stalled = connector.connect().await.unwrap();
            let start = Instant::now();
            let (client, _) = tokio::join!(good.connect(), listener.accept());
            client.unwrap();
            assert_eq!(start.elapsed(), waits, "{places} places");
            let further = tokio::time::timeout(20 * SECOND, listener.accept()).await;
            assert!(further.is_err());
            assert_eq!(listener.stats().failed_handshakes, 1);
            assert_eq!(stalled.read(&mut [0]).await.unwrap(), 0);
        }
    });
}

#[test]
fn an_accept_that_is_dropped_loses_nobody() {
    run(async {
        let authority = Authority::new();
        let (connector, listener) = listen(authority.server_options("localhost"));
        let good = encrypted(&connector, authority.options());
        let clients = tokio::spawn(async move {
            for _ in 0..3 {
                let mut stream = good.connect().await.unwrap();
                stream.write_u8(7).await.unwrap();
                stream.read_u8().await.expect_err("the listener hangs up");
            }
        });
        let mut dropped = 0;
        for _ in 0..3 {
            let (mut stream, _) = loop {
                tokio::select! {
                    biased;
                    accepted = listener.accept() => break accepted,
                    () = tokio::task::yield_now() => dropped += 1,
                }
            };
            assert_eq!(stream.read_u8().await.unwrap(), 7);
        }
        assert!(dropped >= 3, "{dropped}");
        clients.await.unwrap();
    });
}

#[test]
fn closing_says_goodbye_but_does_not_wait_for_a_peer_that_takes_nothing() {
    run_paused(async {
        let authority = Authority::new();
        let (connector, listener) = listen(authority.server_options("localhost"));
        let connector = encrypted(&connector, authority.options());
        let (client, (mut server, _)) = tokio::join!(connector.connect(), listener.accept());
        let mut client = client.unwrap();
        client.write_u8(1).await.unwrap();
        client.shutdown().await.unwrap();
        assert_eq!(server.read_to_end(&mut Vec::new()).await.unwrap(), 1);

        let data = vec![0; 1 << 20];
        let endless = server.write_all(&data);
        tokio::time::timeout(SECOND, endless).await.expect_err("the client takes nothing");
        let start = Instant::now();
        let error = server.shutdown().await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed(), SECOND);
    });
}

#[test]
fn both_safe_versions_are_spoken_and_sessions_are_resumed() {
    run_paused(async {
        let authority = Authority::new();
        let (connector, listener) = listen(authority.server_options("localhost"));
        for (version, name) in [
            (&rustls::version::TLS12, ProtocolVersion::TLSv1_2),
            (&rustls::version::TLS13, ProtocolVersion::TLSv1_3),
        ] {
            let client = client(&authority, version);
            for expected in [HandshakeKind::Full, HandshakeKind::Resumed] {
                let stream = connector.connect().await.unwrap();
                let connecting = client.connect("localhost".try_into().unwrap(), stream);
                let (client, (mut server, _)) = tokio::join!(connecting, listener.accept());
                let mut client = client.unwrap();
                server.write_u8(7).await.unwrap();
                // The ticket of a session comes before the first byte.
                assert_eq!(client.read_u8().await.unwrap(), 7);
                let connection = client.get_ref().1;
                assert_eq!(connection.protocol_version(), Some(name));
                assert_eq!(connection.handshake_kind(), Some(expected), "{name:?}");
            }
        }
    });
}

/// A client of another library that speaks one version.
fn client(
    authority: &Authority,
    version: &'static SupportedProtocolVersion,
) -> tokio_rustls::TlsConnector {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(authority.roots())
        .with_no_client_auth();
    Arc::new(config).into()
}
