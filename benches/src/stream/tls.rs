//! Messages of 200 bytes in one direction, delimited by 0x17, over TLS 1.3.

use std::sync::Arc;

use influx_framing::DelimiterCodec;
use influx_transport::Connect;
use influx_transport::framed::{FrameReader, FrameWriter};
use influx_transport::tcp::TcpConnector;
use influx_transport::tls::{TlsAuthorities, TlsConnector, TlsOptions};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::{DELIMITER, Job, Received, pair};
use crate::harness::Kind::{Limit, Ours, Peer};
use crate::harness::{Case, Pass, Scale, Workload};

pub(super) fn workloads() -> impl Iterator<Item = Workload> {
    [Workload { name: "transport/tls".to_owned(), build: Box::new(case) }].into_iter()
}

fn case(scale: Scale) -> Case {
    let job = Job::new(scale, 200, 1);
    let keys = Arc::new(Keys::new());
    let (whole, each, ours) = (Arc::clone(&keys), Arc::clone(&keys), keys);
    job.case(vec![
        job.contender(Limit, "TCP, blocks of 64 KiB", async |job, _| {
            let (mut client, server) = pair().await;
            let receiver = tokio::spawn(discard(server, job.clone()));
            send_blocks(&mut client, &job, 64 * 1024).await;
            receiver.await.unwrap();
        }),
        job.contender(Peer, "tokio-rustls, blocks of 64 KiB", async move |job, _| {
            let (client, server) = pair().await;
            let server = whole.accept(server);
            let discard_job = job.clone();
            let receiver = tokio::spawn(async { discard(server.await, discard_job).await });
            let mut client = whole.connect(client).await;
            send_blocks(&mut client, &job, 64 * 1024).await;
            receiver.await.unwrap();
        }),
        job.contender(Peer, "tokio-rustls, write_all each", async move |job, _| {
            let (client, server) = pair().await;
            let server = each.accept(server);
            let discard_job = job.clone();
            let receiver = tokio::spawn(async { discard(server.await, discard_job).await });
            let mut client = each.connect(client).await;
            send_blocks(&mut client, &job, 201).await;
            receiver.await.unwrap();
        }),
        job.contender(Ours, "TlsConnector, FrameWriter, FrameReader", async move |job, pass| {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let connector = TcpConnector::from(listener.local_addr().unwrap());
            let (server_keys, server_job) = (Arc::clone(&ours), job.clone());
            let receiver = tokio::spawn(async move {
                let (stream, _) = listener.accept().await.unwrap();
                receive(server_keys.accept(stream).await, server_job, pass).await;
            });
            let mut options = TlsOptions::default();
            options.authorities = Some(TlsAuthorities::from_pem(&ours.certificate_pem).unwrap());
            options.server_name = Some("localhost".to_owned());
            let connector = TlsConnector::with_options(connector, options).unwrap();
            let stream = connector.connect().await.unwrap();
            let mut writer = FrameWriter::new(stream, DelimiterCodec::new(DELIMITER));
            for message in job.messages() {
                writer.feed(message).await.unwrap();
            }
            writer.flush().await.unwrap();
            receiver.await.unwrap();
        }),
    ])
}

/// The stream must be kept until all was received: closed before, it may be reset.
async fn send_blocks(stream: &mut (impl AsyncWrite + Unpin), job: &Job, block: usize) {
    let mut left = job.wire_len();
    let block = vec![b'x'; block];
    while left > 0 {
        let len = left.min(block.len());
        stream.write_all(&block[..len]).await.unwrap();
        left -= len;
    }
    stream.flush().await.unwrap();
}

async fn discard(mut stream: impl AsyncRead + Unpin, job: Job) {
    let mut buffer = vec![0; 64 * 1024];
    let mut left = job.wire_len();
    while left > 0 {
        left -= stream.read(&mut buffer).await.unwrap();
    }
}

async fn receive(stream: impl AsyncRead + Unpin, job: Job, pass: Pass) {
    let mut reader = FrameReader::new(stream, DelimiterCodec::new(DELIMITER));
    let mut received = Received::new(job, pass);
    while !received.is_complete() {
        let lent = reader.next_each(|frame| received.take(frame.into_complete().unwrap()));
        assert!(lent.await.unwrap());
    }
}

/// A certificate for localhost, which both sides know.
struct Keys {
    certificate_pem: String,
    certificate: CertificateDer<'static>,
    server: TlsAcceptor,
}

impl Keys {
    fn new() -> Self {
        let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = issued.cert.der().clone();
        let key = PrivateKeyDer::Pkcs8(issued.signing_key.serialize_der().into());
        let server = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        Self { certificate_pem: issued.cert.pem(), certificate, server: Arc::new(server).into() }
    }

    fn accept(&self, stream: TcpStream) -> impl Future<Output = ServerStream> + use<> {
        let accept = self.server.accept(stream);
        async { accept.await.unwrap() }
    }

    async fn connect(&self, stream: TcpStream) -> tokio_rustls::client::TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let name = ServerName::try_from("localhost").unwrap();
        connector.connect(name, stream).await.unwrap()
    }
}

type ServerStream = tokio_rustls::server::TlsStream<TcpStream>;

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
