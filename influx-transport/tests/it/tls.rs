//! Whom a TLS client trusts, and that it says nothing to anybody else.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use influx_framing::{Delimiter, DelimiterCodec};
use influx_transport::test_util::{Script, ScriptedConnector, ScriptedServer};
use influx_transport::{
    Connect, Delivery, Error, ErrorKind, FramedTransport, HttpTransport, Phase, TcpConnector,
    TlsConnector, TlsIdentity, TlsOptions, Transport,
};
use rcgen::date_time_ymd;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Authority, Issued, self_signed};
use crate::support::{drain, get, run, run_paused, text, with_length};

/// A server's configuration; with `clients`, only for those whom that authority vouches for.
fn config(
    issued: &Issued,
    versions: &[&'static SupportedProtocolVersion],
    clients: Option<&Authority>,
) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.0.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let key = PrivateKeyDer::try_from(issued.key.serialize_der()).unwrap();
    builder.with_single_cert(vec![issued.certificate.der().clone()], key).unwrap()
}

/// A server for one connection: it reads a request, sends these bytes and closes in order. Its task
/// returns all that came through the encryption, or why none was agreed on.
async fn serve(
    config: ServerConfig,
    answer: String,
) -> (SocketAddr, JoinHandle<io::Result<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        let mut stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await?;
        let mut received = Vec::new();
        while !received.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut received).await? == 0 {
                return Ok(received);
            }
        }
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        Ok(received)
    });
    (address, task)
}

fn transport(
    address: SocketAddr,
    options: TlsOptions,
) -> HttpTransport<TlsConnector<TcpConnector>> {
    HttpTransport::new(TlsConnector::with_options(TcpConnector::from(address), options).unwrap())
}

/// What comes of one exchange with a server that has this certificate, on both sides.
async fn exchange(
    server: ServerConfig,
    options: TlsOptions,
) -> (Result<String, Error>, io::Result<Vec<u8>>) {
    let (address, task) = serve(server, with_length("ok")).await;
    let answer = match transport(address, options).send(get("/")).await {
        Ok(response) => text(response).await,
        Err(error) => Err(error),
    };
    (answer, task.await.unwrap())
}

async fn accepted(issued: &Issued, options: TlsOptions) {
    let (answer, received) = exchange(config(issued, rustls::ALL_VERSIONS, None), options).await;
    assert_eq!(answer.unwrap(), "ok");
    assert!(received.unwrap().starts_with(b"GET / HTTP/1.1\r\n"));
}

async fn refused(issued: &Issued, options: TlsOptions, reason: &'static str) {
    let (answer, received) = exchange(config(issued, rustls::ALL_VERSIONS, None), options).await;
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Certificate(reason));
    assert_eq!((error.phase(), error.delivery()), (Phase::Handshake, Delivery::NotSent));
    assert!(error.to_string().ends_with(&format!("cannot be trusted: {reason}")), "{error}");
    received.expect_err("the server must not get as far as a request");
}

#[test]
fn a_trusted_server_is_accepted() {
    run(async {
        let authority = Authority::new();
        accepted(&authority.issue("127.0.0.1"), authority.options()).await;
        let options = authority.options().server_name("db.example.org").unwrap();
        accepted(&authority.issue("db.example.org"), options.clone()).await;
        accepted(&authority.issue("*.example.org"), options).await;
    });
}

#[test]
fn both_safe_versions_are_spoken() {
    run(async {
        let authority = Authority::new();
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let config = config(&authority.issue("127.0.0.1"), &[version], None);
            let (answer, _) = exchange(config, authority.options()).await;
            assert_eq!(answer.unwrap(), "ok", "{version:?}");
        }
    });
}

#[test]
fn a_server_that_is_not_trusted_is_refused_before_anything_is_sent() {
    run(async {
        let authority = Authority::new();
        let options = authority.options();
        let good = authority.issue("127.0.0.1");
        refused(&authority.issue("127.0.0.2"), options.clone(), "it is for another name").await;
        refused(&authority.issue("localhost"), options.clone(), "it is for another name").await;
        let elsewhere = options.clone().server_name("db.example.org").unwrap();
        refused(&good, elsewhere, "it is for another name").await;
        let other = Authority::named("another authority").options();
        refused(&good, other, "its issuer is unknown").await;
        let impostor = Authority::new();
        refused(&impostor.issue("127.0.0.1"), options.clone(), "its signature is wrong").await;
        refused(&self_signed("127.0.0.1"), options.clone(), "its issuer is unknown").await;
        let expired = authority.issue_with("127.0.0.1", |params| {
            params.not_after = date_time_ymd(2001, 1, 1);
        });
        refused(&expired, options.clone(), "it has expired").await;
        let future = authority.issue_with("127.0.0.1", |params| {
            params.not_before = date_time_ymd(3000, 1, 1);
        });
        refused(&future, options, "it is not valid yet").await;
    });
}

#[test]
fn by_default_the_system_decides() {
    run(async {
        let issued = Authority::new().issue("127.0.0.1");
        match TlsConnector::new(TcpConnector::new("127.0.0.1", 1).unwrap()) {
            Ok(_) => refused(&issued, TlsOptions::default(), "its issuer is unknown").await,
            // A system without a list trusts nobody.
            Err(error) => assert!(matches!(error.kind(), ErrorKind::Invalid(_)), "{error:?}"),
        }
    });
}

#[test]
fn a_server_may_ask_who_the_client_is() {
    run(async {
        let authority = Authority::new();
        let server = authority.issue("127.0.0.1");
        let config = || config(&server, rustls::ALL_VERSIONS, Some(&authority));
        let client = authority.issue("client");
        let options = authority.options();
        let known = options.clone().identity(client.identity());
        assert!(!format!("{known:?}").contains("KEY"));
        let (answer, _) = exchange(config(), known).await;
        assert_eq!(answer.unwrap(), "ok");

        let (answer, received) = exchange(config(), options).await;
        answer.unwrap_err();
        received.unwrap_err();
    });
}

#[test]
fn a_server_without_tls_is_told_apart() {
    run(async {
        let script = Script::new().read(1).send("HTTP/1.1 400 Bad Request\r\n\r\n").read_to_end();
        let server = ScriptedServer::start([script]).await.unwrap();
        let transport = transport(server.local_addr(), Authority::new().options());
        let error = transport.send(get("/?p=CANARY-7f3a")).await.unwrap_err();
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Protocol, Phase::Handshake));
        let address = server.local_addr();
        assert_eq!(error.to_string(), format!("{address} does not speak TLS on this port"));
        assert!(error.is_connect());
        let received = server.finish().await.unwrap().remove(0);
        assert!(!received.windows(6).any(|window| window == b"CANARY"));
    });
}

#[test]
fn a_connection_that_ends_in_the_handshake_delivers_nothing() {
    run(async {
        for script in [Script::new().read(1), Script::new().read(1).reset()] {
            let server = ScriptedServer::start([script]).await.unwrap();
            let transport = transport(server.local_addr(), Authority::new().options());
            let error = transport.send(get("/")).await.unwrap_err();
            assert_eq!((error.kind(), error.phase()), (ErrorKind::Closed, Phase::Handshake));
            assert_eq!(error.delivery(), Delivery::NotSent);
        }
    });
}

#[test]
fn a_handshake_that_stalls_times_out() {
    run_paused(async {
        let start = Instant::now();
        let limit = Duration::from_secs(10);
        let connector = ScriptedConnector::new([Script::new().stall()]);
        let options = Authority::new().options();
        let error = TlsConnector::with_options(connector, options).unwrap().connect().await;
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout(limit), Phase::Handshake));
        assert_eq!(start.elapsed(), limit);
    });
}

#[test]
fn an_end_that_tls_did_not_announce_is_not_the_end() {
    run(async {
        let authority = Authority::new();
        let config = config(&authority.issue("127.0.0.1"), rustls::ALL_VERSIONS, None);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let transport = transport(listener.local_addr().unwrap(), authority.options());
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await.unwrap();
            assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n[1,2").await.unwrap();
            stream.flush().await.unwrap();
            // Dropping the stream closes the connection below without a word in TLS.
        });
        let body = transport.send(get("/")).await.unwrap().into_body();
        server.await.unwrap();
        assert!(!body.length_known());
        let (data, error) = drain(body).await;
        assert_eq!(data, b"[1,2");
        assert!(error.unwrap().is_closed());
    });
}

#[test]
fn frames_travel_encrypted_too() {
    run(async {
        let authority = Authority::new();
        let config = config(&authority.issue("127.0.0.1"), rustls::ALL_VERSIONS, None);
        let (address, server) = serve(config, "the answer\r\n\r\n".to_owned()).await;
        let connector = TcpConnector::from(address);
        let connector = TlsConnector::with_options(connector, authority.options()).unwrap();
        let codec = DelimiterCodec::new(Delimiter::new(b"\r\n\r\n").unwrap());
        let transport = FramedTransport::new(connector, codec);
        assert_eq!(transport.send("ask".into()).await.unwrap(), "the answer");
        assert_eq!(server.await.unwrap().unwrap(), b"ask\r\n\r\n");
    });
}

#[test]
fn options_that_cannot_work_are_refused_at_once() {
    fn check<T: std::fmt::Debug>(result: Result<T, Error>, expected: &str) {
        assert_eq!(result.unwrap_err().to_string(), expected);
    }

    let authority = Authority::new();
    let issued = authority.issue("a");
    let (chain, key) = (&issued.chain, issued.key.serialize_pem());
    let options = TlsOptions::default;
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    check(options().ca_pem(""), "the CA file holds no certificate");
    check(options().ca_pem(&key), "the CA file holds no certificate");
    check(options().ca_pem(broken), "the CA certificate cannot be used");
    check(options().ca_file("/does/not/exist.pem"), "the CA file cannot be read");
    check(options().server_name("a b"), "the host cannot stand in a certificate");

    check(TlsIdentity::from_pem("", &key), "the certificate file holds no certificate");
    check(TlsIdentity::from_pem(chain, "no key"), "the private key is not valid PEM");
    let (here, gone) = (file!(), "/does/not/exist.pem");
    check(TlsIdentity::from_files(gone, here), "the certificate file cannot be read");

    let other = authority.issue("b").key.serialize_pem();
    let mismatch = TlsIdentity::from_pem(chain, other).unwrap();
    let tcp = TcpConnector::new("127.0.0.1", 1).unwrap();
    check(
        TlsConnector::with_options(tcp, authority.options().identity(mismatch)),
        "the certificate cannot be used with this private key",
    );
}
