//! The sessions that a TLS client keeps between two connections, and does not share.

use std::net::SocketAddr;
use std::sync::Arc;

use influx_transport::tcp::TcpConnector;
use influx_transport::tls::TlsConnector;
use influx_transport::{CertificateFault, Connect, Error, ErrorKind};
use rustls::{HandshakeKind, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Authority, server_config};
use crate::support::run;

/// Serves connections with one configuration, and says of each how its handshake went.
async fn count_handshakes(config: ServerConfig) -> (SocketAddr, mpsc::Receiver<HandshakeKind>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (kinds, received) = mpsc::channel(8);
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        loop {
            let (stream, _) = tokio::select! {
                accepted = listener.accept() => accepted.unwrap(),
                () = kinds.closed() => return,
            };
            // Those who do not trust the server leave.
            if let Ok(mut stream) = acceptor.accept(stream).await {
                stream.write_u8(7).await.unwrap();
                kinds.send(stream.get_ref().1.handshake_kind().unwrap()).await.unwrap();
            }
        }
    });
    (address, received)
}

async fn connect(connector: &TlsConnector<TcpConnector>) -> Result<(), Error> {
    let mut stream = connector.connect().await?;
    // The ticket of a session comes before the first byte.
    assert_eq!(stream.read_u8().await.unwrap(), 7);
    Ok(())
}

#[test]
fn a_session_is_resumed_by_the_same_connector_only() {
    run(async {
        let (authority, other) = (Authority::new(), Authority::named("another authority"));
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let config = server_config(&authority.issue("127.0.0.1"), &[version], None);
            let (address, mut kinds) = count_handshakes(config).await;
            let connector = |authority: &Authority| {
                let tcp = TcpConnector::from(address);
                TlsConnector::with_options(tcp, authority.options()).unwrap()
            };
            let same = connector(&authority);
            for (connector, expected) in [
                (&same, HandshakeKind::Full),
                (&same, HandshakeKind::Resumed),
                (&same.clone(), HandshakeKind::Resumed),
                (&connector(&authority), HandshakeKind::Full),
            ] {
                connect(connector).await.unwrap();
                assert_eq!(kinds.recv().await, Some(expected), "{version:?}");
            }
            // A client that does not trust the server gains nothing from the sessions of others.
            let error = connect(&connector(&other)).await.unwrap_err();
            let unknown = ErrorKind::Certificate(CertificateFault::UnknownIssuer);
            assert_eq!(error.kind(), unknown);
        }
    });
}

#[cfg(feature = "dangerous-no-verification")]
#[test]
fn a_client_that_trusts_anybody_does_not_lower_the_guard_of_others() {
    run(async {
        let careless = || {
            let mut options = influx_transport::tls::TlsOptions::default();
            options.dangerously_trust_anybody = true;
            options
        };
        assert!(format!("{:?}", careless()).contains("dangerously_trust_anybody: true"));
        let expired = Authority::new().issue_with("db.example.org", |params| {
            params.not_after = rcgen::date_time_ymd(2001, 1, 1);
        });
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let (address, _kinds) =
                count_handshakes(server_config(&expired, &[version], None)).await;
            let connector =
                |options| TlsConnector::with_options(TcpConnector::from(address), options).unwrap();
            let unverified = connector(careless());
            let verified = connector(Authority::named("another authority").options());
            for _ in 0..2 {
                connect(&unverified).await.unwrap();
                let error = connect(&verified).await.unwrap_err();
                assert!(matches!(error.kind(), ErrorKind::Certificate(_)), "{error:?}");
            }
        }
    });
}
