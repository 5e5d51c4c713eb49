//! The servers that a TLS client trusts, and that it sends nothing to others.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use influx_framing::{Delimiter, DelimiterCodec};
use influx_transport::framed::FramedTransport;
use influx_transport::http::HttpTransport;
use influx_transport::tcp::TcpConnector;
use influx_transport::test_util::{Script, ScriptedConnector, ScriptedServer};
use influx_transport::tls::{TlsAuthorities, TlsConnector, TlsIdentity, TlsOptions};
use influx_transport::{
    CertificateFault as Fault, Connect, Delivery, Error, ErrorKind, Phase, Transport,
};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, date_time_ymd,
};
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Authority, Issued, self_signed, server_config};
use crate::support::{drain, get, run, run_paused, text, with_length};

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

/// The results of one exchange with a server of this certificate, on both sides.
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
    let (answer, received) =
        exchange(server_config(issued, rustls::ALL_VERSIONS, None), options).await;
    assert_eq!(answer.unwrap(), "ok");
    assert!(received.unwrap().starts_with(b"GET / HTTP/1.1\r\n"));
}

async fn refused(issued: &Issued, options: TlsOptions, fault: Fault) {
    let (answer, received) =
        exchange(server_config(issued, rustls::ALL_VERSIONS, None), options).await;
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Certificate(fault));
    assert_eq!((error.phase(), error.delivery()), (Phase::Handshake, Delivery::NotSent));
    assert!(error.to_string().ends_with(&format!("cannot be trusted: {fault}")), "{error}");
    received.expect_err("the server must not get as far as a request");
}

#[test]
fn a_trusted_server_is_accepted() {
    run(async {
        let authority = Authority::new();
        accepted(&authority.issue("127.0.0.1"), authority.options()).await;
        let options = authority.options_for("db.example.org");
        accepted(&authority.issue("db.example.org"), options.clone()).await;
        accepted(&authority.issue("*.example.org"), options).await;
        accepted(&authority.issue_below("127.0.0.1", 6), authority.options()).await;
        // One for tests: it vouches for itself, and is not that of an authority.
        let mut options = TlsOptions::default();
        let issued = self_signed("127.0.0.1");
        options.authorities = Some(TlsAuthorities::from_pem(&issued.chain).unwrap());
        accepted(&issued, options).await;
    });
}

#[test]
fn both_safe_versions_are_spoken() {
    run(async {
        let authority = Authority::new();
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let config = server_config(&authority.issue("127.0.0.1"), &[version], None);
            let (answer, _) = exchange(config, authority.options()).await;
            assert_eq!(answer.unwrap(), "ok", "{version:?}");
        }
    });
}

#[test]
fn a_server_that_is_not_trusted_is_refused_before_anything_is_sent() {
    run(async {
        let authority = Authority::new();
        let options = || authority.options();
        let good = || authority.issue("127.0.0.1");
        let nameless = authority.issue_with("127.0.0.1", |params| {
            params.distinguished_name.push(DnType::CommonName, "127.0.0.1");
            params.subject_alt_names.clear();
        });
        let expired = authority.issue_with("127.0.0.1", |params| {
            params.not_after = date_time_ymd(2001, 1, 1);
        });
        let future = authority.issue_with("127.0.0.1", |params| {
            params.not_before = date_time_ymd(3000, 1, 1);
        });
        let authority_itself = authority.issue_with("127.0.0.1", |params| {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        });
        let for_clients = authority.issue_with("127.0.0.1", |params| {
            params.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
        });
        let elsewhere = authority.options_for("db.example.org");
        let stranger = Authority::named("another authority").options();
        let impostor = Authority::new();
        for (issued, options, fault) in [
            (good(), elsewhere, Fault::OtherName),
            (authority.issue("127.0.0.2"), options(), Fault::OtherName),
            (authority.issue("localhost"), options(), Fault::OtherName),
            // Since RFC 6125, the common name does not name a server.
            (nameless, options(), Fault::OtherName),
            (expired, options(), Fault::Expired),
            (future, options(), Fault::NotYetValid),
            (good(), stranger, Fault::UnknownIssuer),
            (self_signed("127.0.0.1"), options(), Fault::UnknownIssuer),
            (impostor.issue("127.0.0.1"), options(), Fault::BadSignature),
            (authority_itself, options(), Fault::Authority),
            (for_clients, options(), Fault::Unsuitable),
            // A path has 6 intermediates at most; 300 of them have above 64 KiB.
            (authority.issue_below("127.0.0.1", 7), options(), Fault::ChainTooLong),
            (authority.issue_below("127.0.0.1", 300), options(), Fault::ChainTooLong),
        ] {
            refused(&issued, options, fault).await;
        }
    });
}

#[test]
fn by_default_the_system_decides() {
    run(async {
        let issued = Authority::new().issue("127.0.0.1");
        match TlsConnector::new(TcpConnector::new("127.0.0.1", 1).unwrap()) {
            Ok(_) => refused(&issued, TlsOptions::default(), Fault::UnknownIssuer).await,
            // A system without a list trusts no server.
            Err(error) => assert!(matches!(error.kind(), ErrorKind::Invalid(_)), "{error:?}"),
        }
    });
}

#[test]
fn a_server_may_ask_who_the_client_is() {
    run(async {
        let authority = Authority::new();
        let server = authority.issue("127.0.0.1");
        let config = || server_config(&server, rustls::ALL_VERSIONS, Some(&authority));
        let client = authority.issue("client");
        let known = authority.options_with(client.identity());
        assert!(!format!("{known:?}").contains("KEY"));
        let (answer, _) = exchange(config(), known).await;
        assert_eq!(answer.unwrap(), "ok");

        let stranger = Authority::named("another authority").issue("client").identity();
        for (options, fault, text) in [
            (authority.options(), Fault::Demanded, "demands a client certificate"),
            (
                authority.options_with(stranger),
                Fault::Refused,
                "does not accept the client certificate",
            ),
        ] {
            let (answer, received) = exchange(config(), options).await;
            let error = answer.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Certificate(fault), "{error:?}");
            assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
            assert!(error.to_string().ends_with(text), "{error}");
            received.unwrap_err();
        }
    });
}

#[test]
fn a_server_without_tls_or_with_an_old_one_is_told_apart() {
    run(async {
        let plaintext = &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..];
        // The alert of a server for TLS 1.1 at most: an unknown version.
        let alert = b"\x15\x03\x02\x00\x02\x02\x46";
        // One that does not even say so, and goes on with TLS 1.1.
        let mut hello = vec![0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
        hello.extend([7; 32]);
        hello.extend([0, 0, 0x2f, 0]);
        for answer in [plaintext, alert, &hello] {
            let script = Script::new().read(1).send(answer.to_vec()).read_to_end();
            let server = ScriptedServer::start([script]).await.unwrap();
            let transport = transport(server.local_addr(), Authority::new().options());
            let error = transport.send(get("/?p=CANARY-7f3a")).await.unwrap_err();
            assert_eq!((error.kind(), error.phase()), (ErrorKind::Protocol, Phase::Handshake));
            let address = server.local_addr();
            let expected = format!("{address} does not speak TLS 1.2 or 1.3 on this port");
            assert_eq!(error.to_string(), expected);
            assert!(error.is_connect());
            let received = server.finish().await.unwrap().remove(0);
            assert!(!received.windows(6).any(|window| window == b"CANARY"));
        }
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
fn an_end_that_tls_did_not_announce_is_not_the_end_of_what_has_no_length() {
    run(async {
        for (answer, known) in [("\r\n[1,2", false), ("Content-Length: 4\r\n\r\n[1,2", true)] {
            let authority = Authority::new();
            let config = server_config(&authority.issue("127.0.0.1"), rustls::ALL_VERSIONS, None);
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let transport = transport(listener.local_addr().unwrap(), authority.options());
            let server = tokio::spawn(async move {
                let (stream, _) = listener.accept().await.unwrap();
                let mut stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await.unwrap();
                assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
                let answer = format!("HTTP/1.1 200 OK\r\n{answer}");
                stream.write_all(answer.as_bytes()).await.unwrap();
                stream.flush().await.unwrap();
                // Dropping the stream closes the connection below without a word in TLS.
            });
            let body = transport.send(get("/")).await.unwrap().into_body();
            server.await.unwrap();
            assert_eq!(body.length_known(), known);
            let (data, error) = drain(body).await;
            assert_eq!(data, b"[1,2");
            assert_eq!(error.is_some_and(|error| error.is_closed()), !known);
        }
    });
}

#[test]
fn frames_travel_encrypted_too() {
    run(async {
        let authority = Authority::new();
        let config = server_config(&authority.issue("127.0.0.1"), rustls::ALL_VERSIONS, None);
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
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let tcp = || TcpConnector::new("127.0.0.1", 1).unwrap();
    let (gone, unreadable) = ("/does/not/exist.pem", "/does/not/exist.pem: cannot be read");
    check(TlsAuthorities::from_pem("x"), "holds no certificate in the PEM format");
    check(TlsAuthorities::from_pem(&key), "holds a private key instead of a certificate");
    check(TlsAuthorities::from_pem(broken), "unusable as the certificate of an authority");
    check(TlsAuthorities::from_file(gone), unreadable);
    let spaced = TlsConnector::with_options(tcp(), authority.options_for("a b"));
    check(spaced, "the host is neither a name nor an address");

    check(TlsIdentity::from_pem("", &key), "is empty");
    check(TlsIdentity::from_pem(chain, "no key"), "holds no private key in the PEM format");
    check(TlsIdentity::from_files(gone, gone), unreadable);
    let other = authority.issue("b").key.serialize_pem();
    check(
        TlsIdentity::from_pem(chain, other),
        "the certificate cannot be used with this private key",
    );
}

#[test]
fn a_file_with_something_else_is_named_with_its_fault() {
    let authority = Authority::new();
    let issued = authority.issue("a");
    let (chain, key) = (issued.chain.as_bytes(), issued.key.serialize_pem());
    let request = CertificateParams::new([]).unwrap().serialize_request(&issued.key).unwrap();
    let block = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    let (encrypted, public) = (block("ENCRYPTED PRIVATE KEY"), block("PUBLIC KEY"));
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,00\n\n\
               AAAA\n-----END RSA PRIVATE KEY-----\n";
    let request = request.pem().unwrap();
    let other = authority.issue("b").key.serialize_pem();
    let openssh = block("OPENSSH PRIVATE KEY");
    let (trusted, list) = (block("TRUSTED CERTIFICATE"), block("X509 CRL"));
    let cut = key.replace("-----END", "----");
    let decrypt = "holds an encrypted private key: decrypt it, as with `openssl pkey`";
    let binary = "is in a binary format (DER or PKCS #12), not in the PEM format";

    let file = std::env::temp_dir().join(format!("influx-transport-{}-pem", std::process::id()));
    let good = file.with_extension("good");
    std::fs::write(&good, chain).unwrap();
    let check = |content: &[u8], expected: &str, read: &dyn Fn() -> Result<(), Error>| {
        std::fs::write(&file, content).unwrap();
        let error = read().unwrap_err();
        assert_eq!(error.to_string(), format!("{}: {expected}", file.display()));
        assert!(matches!(error.kind(), ErrorKind::Invalid(_)), "{error:?}");
        assert!(!format!("{error:?}").contains(key.lines().nth(1).unwrap()), "{error:?}");
    };
    for (content, expected) in [
        (&b""[..], "is empty"),
        (b" \r\n", "is empty"),
        (b"a certificate", "holds no certificate in the PEM format"),
        (issued.certificate.der(), binary),
        (key.as_bytes(), "holds a private key instead of a certificate"),
        (public.as_bytes(), "holds a public key instead of a certificate"),
        (request.as_bytes(), "holds a certificate request instead of a certificate"),
        (trusted.as_bytes(), "holds a certificate with additions of OpenSSL"),
        (list.as_bytes(), "holds a revocation list instead of a certificate"),
        (&chain[..chain.len() / 2], "not valid PEM"),
    ] {
        check(content, expected, &|| TlsAuthorities::from_file(&file).map(drop));
        check(content, expected, &|| TlsIdentity::from_files(&file, &good).map(drop));
    }
    for (content, expected) in [
        (&b""[..], "is empty"),
        (b"a key", "holds no private key in the PEM format"),
        (&issued.key.serialize_der(), binary),
        (chain, "holds a certificate instead of a private key"),
        (public.as_bytes(), "holds a public key instead of a private key"),
        (request.as_bytes(), "holds a certificate request instead of a private key"),
        (encrypted.as_bytes(), decrypt),
        (old.as_bytes(), decrypt),
        (openssh.as_bytes(), "holds a private key in the format of OpenSSH, not PKCS #8"),
        (cut.as_bytes(), "holds a private key that is not valid PEM"),
        (other.as_bytes(), "the certificate cannot be used with this private key"),
        (block("PRIVATE KEY").as_bytes(), "the certificate cannot be used with this private key"),
    ] {
        check(content, expected, &|| TlsIdentity::from_files(&good, &file).map(drop));
    }
    for file in [file, good] {
        std::fs::remove_file(file).unwrap();
    }
}
