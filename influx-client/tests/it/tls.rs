//! The client over encrypted connections: trusted servers, and the silence towards all others.

use std::net::SocketAddr;
use std::sync::Arc;

use influx_client::{Point, Time, v1, v08};
use influx_testkit::{Face, Server};
use influx_transport::ErrorKind;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// An authority, and a certificate of it for `db.example.org`.
fn certificates() -> (String, ServerConfig) {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();

    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["db.example.org".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (authority.pem(), config)
}

/// Ends the encryption in front of a server that has none.
async fn encrypt(server: SocketAddr, config: ServerConfig) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that does not trust the certificate ends the handshake here.
                let Ok(mut client) = acceptor.accept(stream).await else { return };
                let mut server = TcpStream::connect(server).await.unwrap();
                copy_bidirectional(&mut client, &mut server).await.ok();
            });
        }
    });
    address
}

#[tokio::test]
async fn only_a_trusted_server_of_the_right_name_learns_the_password() {
    let server = Server::start(Face::V08).await.unwrap();
    let (authority, config) = certificates();
    let address = encrypt(server.local_addr(), config).await;
    let file = std::env::temp_dir().join(format!("influx-ca-{}.pem", std::process::id()));
    std::fs::write(&file, authority).unwrap();
    let ca = format!("tls_ca={}", file.display());
    let base = format!("https+influxdb://root:root@{address}/db?attempts=1");

    for (dsn, hint) in [(base.clone(), "tls_ca"), (format!("{base}&{ca}"), "tls_server_name")] {
        let error = v08::Client::new(&dsn).unwrap().databases().await.unwrap_err();
        let transport = error.transport().unwrap();
        assert!(matches!(transport.kind(), ErrorKind::Certificate(_)), "{dsn}: {error:?}");
        assert!(error.hint().unwrap().contains(hint), "{error:?}");
    }
    assert_eq!(server.stats().calls, 0);

    let dsn = format!("{base}&{ca}&tls_server_name=db.example.org");
    let client = v08::Client::new(&dsn).unwrap();
    client.create_database("db").await.unwrap();
    assert_eq!(client.databases().await.unwrap(), ["db"]);
    std::fs::remove_file(&file).unwrap();
}

/// The certificate that `tls_certificate` and `tls_key` name is shown to a server that demands one.
#[tokio::test]
async fn a_client_shows_its_certificate() {
    let server = Server::start(Face::V08).await.unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let address = encrypt(server.local_addr(), config).await;
    let folder = std::env::temp_dir().join(format!("influx-identity-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (chain, secret) = (folder.join("chain.pem"), folder.join("key.pem"));
    std::fs::write(&chain, certificate.pem()).unwrap();
    std::fs::write(&secret, key.serialize_pem()).unwrap();
    let base =
        format!("https+influxdb://root:root@{address}?attempts=1&tls_ca={}", chain.display());

    let error = v08::Client::new(&base).unwrap().databases().await.unwrap_err();
    assert!(error.hint().unwrap_or_default().contains("tls_certificate"), "{error:?}");
    assert_eq!(server.stats().calls, 0);
    let keys = format!("tls_certificate={}&tls_key={}", chain.display(), secret.display());
    let client = v08::Client::new(format!("{base}&{keys}")).unwrap();
    assert_eq!(client.databases().await.unwrap(), [""; 0]);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn settings_that_cannot_work_are_refused() {
    for (dsn, expected) in [
        ("https+influxdb://h?tls_ca=/no/such/file", "/no/such/file"),
        ("https+influxdb://h?tls_certificate=/no/such/file&tls_key=/k", "/no/such/file"),
        ("https+influxdb://h?tls_certificate=/c", "`tls_certificate` needs `tls_key`"),
        ("https+influxdb://h?tls_server_name=a%20b", "`tls_server_name` must be a host name"),
        ("influxdb://h?tls_ca=/ca.pem", "`tls_ca` needs an encrypted connection"),
    ] {
        let error = v08::Client::new(dsn).expect_err(dsn);
        assert!(error.to_string().contains(expected), "{dsn}: {error}");
        let is_file = error.to_string().contains("/no/such/file");
        assert_eq!(error.hint().unwrap().contains("readable PEM file"), is_file, "{error:?}");
    }
}

/// Each error about a file names the file, and its key.
#[test]
fn a_file_that_cannot_be_used_is_named() {
    let folder = std::env::temp_dir().join(format!("influx-pem-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["c".to_owned()]).unwrap().self_signed(&key).unwrap();
    let certificate = file("certificate.pem", &certificate.pem());
    let key = file("key.pem", &key.serialize_pem());
    let other = file("other.pem", &KeyPair::generate().unwrap().serialize_pem());
    let empty = file("empty.pem", "");
    let broken = file("broken.pem", "-----BEGIN CERTIFICATE-----\nAA\n");
    let binary = file("binary.pem", "\u{0}\u{1}\u{202e}");
    let missing = folder.join("missing.pem").display().to_string();
    let ca = |path: &str| format!("tls_ca={path}");
    let both =
        |certificate: &str, key: &str| format!("tls_certificate={certificate}&tls_key={key}");
    for (keys, named, hint) in [
        (ca(&empty), &empty, "tls_ca name a readable PEM file"),
        (ca(&broken), &broken, "tls_ca"),
        (ca(&binary), &binary, "tls_ca"),
        (ca(&key), &key, "tls_ca"),
        (ca(&missing), &missing, "tls_ca"),
        (both(&empty, &key), &empty, "tls_certificate name a readable PEM file"),
        (both(&missing, &key), &missing, "tls_certificate"),
        (both(&certificate, &empty), &empty, "tls_key one with its private key"),
        (both(&certificate, &certificate), &certificate, "tls_key"),
        (both(&certificate, &missing), &missing, "tls_key"),
    ] {
        let error = v08::Client::new(format!("https+influxdb://h?{keys}")).expect_err(&keys);
        let text = error.to_string();
        assert!(text.starts_with(&format!("h:8086: {named}: ")), "{text}");
        assert!(error.hint().unwrap().contains(hint), "{:?}", error.hint());
    }
    let keys = format!("{}&{}", ca(&certificate), both(&certificate, &other));
    let error = v08::Client::new(format!("https+influxdb://h?{keys}")).unwrap_err();
    assert!(error.to_string().contains("the certificate cannot be used with"), "{error}");
    let hint = error.hint().unwrap();
    assert!(hint.contains(&other) && hint.contains(&certificate), "{hint}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn lines_go_to_a_trusted_server_only() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (authority, config) = certificates();
    let address = encrypt(listener.local_addr().unwrap(), config).await;
    let file = std::env::temp_dir().join(format!("influx-ca-lines-{}.pem", std::process::id()));
    std::fs::write(&file, authority).unwrap();
    let base = format!("tls+influxdb1://{address}");
    let trusted = format!("{base}?tls_ca={}&tls_server_name=db.example.org", file.display());
    let point = Point::new("m").field("v", 1).time(Time::from_nanos(0));

    let error = v1::LineWriter::new(&base).unwrap().write(&point).await.unwrap_err();
    let kind = error.transport().unwrap().kind();
    assert!(matches!(kind, ErrorKind::Certificate(_)), "{error:?}");

    let writer = v1::LineWriter::new(&trusted).unwrap();
    let receive = async {
        let mut text = String::new();
        listener.accept().await.unwrap().0.read_to_string(&mut text).await.unwrap();
        text
    };
    let write = async {
        assert_eq!(writer.write(&point).await.unwrap().points, 1);
        writer.disconnect().await.unwrap();
    };
    let (text, ()) = tokio::join!(receive, write);
    assert_eq!(text, "m v=1i 0\n");
    std::fs::remove_file(&file).unwrap();
}
